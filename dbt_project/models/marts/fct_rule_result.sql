{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_changed('submission_id', marks_of_judged_rule()) }}",
        post_hook="{{ remember_changed() }}"
    )
}}

with

results as (
    select * from {{ ref('stg_audit__rule_result') }}
    where {{ is_changed('submission_id') }}
),

submissions as (
    select * from {{ ref('int_submission_judged') }}
),

waivers as (
    select * from {{ ref('stg_raw__waiver') }}
),

final as (
    select
        coalesce(submissions.agency_code, 'unknown') as agency_code,
        coalesce(submissions.period_code, 'unknown') as period_code,
        results.submission_id,
        results.rule_id,
        results.result_number,
        results.severity,
        results.outcome,
        waivers.submission_id is not null and results.outcome = 'failed' as is_waived,
        results.left_value,
        results.right_value,
        results.left_text,
        results.right_text,
        results.rules_version,
        results.night_on
    from results
    left join submissions on results.submission_id = submissions.submission_id
    left join waivers
        on
            results.submission_id = waivers.submission_id
            and results.rule_id = waivers.rule_id
)

select
    agency_code,
    period_code,
    submission_id,
    rule_id,
    result_number,
    severity,
    outcome,
    is_waived,
    left_value,
    right_value,
    left_text,
    right_text,
    rules_version,
    night_on
from final
