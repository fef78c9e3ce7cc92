{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_nights() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

-- Every fetch, landing, parse and acknowledgement that did something, every remark of a reader, and every check of a
-- submission against the rules, and what became of it: failure is data. What a night did again when it was run again is
-- told once; that a source had nothing new stays in the raw table.
with

outcomes as (
    select * from {{ ref('stg_raw__outcome') }}
    where {{ is_changed('cast(night_on as string)') }}
),

problems as (
    select * from {{ ref('stg_raw__problem') }}
    where {{ is_changed('cast(night_on as string)') }}
),

verdicts as (
    select * from {{ ref('int_rule_verdict') }}
    where
        is_judged
        and {{ is_changed('cast(night_on as string)') }}
),

submissions as (
    select * from {{ ref('int_submission_placed') }}
),

happened as (
    select
        night_on,
        source,
        step,
        source_locator,
        result,
        reason,
        {{ arg_min('item_count', 'outcome_id') }} as item_count,
        {{ arg_min('sha256', 'outcome_id') }} as sha256,
        {{ arg_min('recorded_at', 'outcome_id') }} as recorded_at,
        min(outcome_id) as outcome_id
    from outcomes
    group by night_on, source, step, source_locator, result, reason
),

final as (
    select
        night_on,
        source,
        step,
        source_locator,
        result,
        reason,
        item_count,
        cast(null as string) as submission_id,
        sha256,
        recorded_at,
        'outcome:' || outcome_id as outcome_key
    from happened

    union all

    select
        night_on,
        source,
        'read' as step,
        source_locator,
        severity as result,
        problem_code || ': ' || message as reason,
        1 as item_count,
        submission_id,
        null as sha256,
        null as recorded_at,
        'problem:' || night_on || ':' || row_number() over (
            partition by night_on
            order by landed_id, submission_id nulls last, source_locator, problem_code, message, severity
        ) as outcome_key
    from problems

    union all

    select
        verdicts.night_on,
        coalesce(submissions.source, 'unknown') as source,
        'check' as step,
        coalesce(submissions.source_locator, verdicts.submission_id) as source_locator,
        case when verdicts.failed_error_count > 0 then 'failed' else 'ok' end as result,
        verdicts.failed_error_count || ' error rules failed, ' || verdicts.failed_warning_count
        || ' warnings, ' || verdicts.not_evaluated_count || ' not evaluated' || case
            when verdicts.waived_count > 0 then ', ' || verdicts.waived_count || ' waived' else ''
        end as reason,
        verdicts.rule_count as item_count,
        verdicts.submission_id,
        submissions.sha256,
        null as recorded_at,
        'check:' || verdicts.submission_id || ':' || verdicts.night_on as outcome_key
    from verdicts
    left join submissions on verdicts.submission_id = submissions.submission_id
)

select
    outcome_key,
    night_on,
    source,
    step,
    source_locator,
    result,
    reason,
    item_count,
    submission_id,
    sha256,
    recorded_at
from final
