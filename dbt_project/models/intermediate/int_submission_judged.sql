{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_judgements(is_history=false) }}",
        post_hook="{{ remember_touched(is_compared=true) }}"
    )
}}

-- What each submission counts for once the gate has judged it; how is told in macros/judged.sql.
with

{{ judged_together('key') }},

verdicts as (
    select * from {{ ref('int_rule_verdict') }}
    where
        is_latest
        and submission_id in (select placed.submission_id from placed)
),

{{ replacements() }},

checked as (
    select
        placed.*,
        placed.submission_id in (select here.submission_id from here) as is_judged_here,
        coalesce(verdicts.failed_error_count, 0) as failed_error_count,
        coalesce(verdicts.failed_warning_count, 0) as failed_warning_count,
        placed.error_problem_count > 0 as has_error_problem,
        coalesce(verdicts.failed_error_count, 0) > 0 as has_failed_rule
    from placed
    left join verdicts on placed.submission_id = verdicts.submission_id
),

{{ judged() }},

final as (
    select
        submission_id,
        agency_code,
        organ_code,
        period_code,
        form_code,
        source,
        reading,
        precedence,
        door_id,
        document_id,
        document_number,
        document_on,
        revision,
        chain_position,
        submitted_at,
        updated_at,
        received_at,
        due_on,
        is_late,
        status,
        status_reason,
        withdrawn_at,
        error_problem_count,
        failed_error_count,
        failed_warning_count,
        night_on,
        source_locator,
        sha256,
        landed_id
    from judged
)

select * from final
