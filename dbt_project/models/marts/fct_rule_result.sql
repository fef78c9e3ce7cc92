{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_results() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

with

results as (
    select * from {{ ref('stg_audit__rule_result') }}
    where {{ is_changed('submission_id') }}
),

verdicts as (
    select * from {{ ref('int_rule_verdict') }}
    where is_latest
),

submissions as (
    select * from {{ ref('int_submission_placed') }}
),

waivers as (
    select
        submission_id,
        rule_id
    from {{ ref('stg_raw__waiver') }}
    group by submission_id, rule_id
    having {{ arg_max('is_in_force', 'landed_id') }}
),

found as (
    select
        results.*,
        verdicts.is_only
    from results
    inner join verdicts
        on
            results.submission_id = verdicts.submission_id
            and results.rules_version = verdicts.rules_version
),

-- The last result of each rule; only where one was judged more than once is there anything to look for.
standing as (
    select *
    from found
    where is_only

    union all

    select *
    from found
    where not is_only
    qualify
        row_number() over (
            partition by submission_id, rule_id
            order by night_on desc, arrival_order desc
        ) = 1
),

final as (
    select
        coalesce(submissions.agency_code, 'unknown') as agency_code,
        coalesce(submissions.period_code, 'unknown') as period_code,
        standing.submission_id,
        standing.rule_id,
        standing.severity,
        standing.outcome,
        waivers.submission_id is not null and standing.outcome = 'failed' as is_waived,
        standing.left_value,
        standing.right_value,
        standing.left_text,
        standing.right_text,
        standing.rules_version,
        standing.night_on
    from standing
    left join submissions on standing.submission_id = submissions.submission_id
    left join waivers
        on
            standing.submission_id = waivers.submission_id
            and standing.rule_id = waivers.rule_id
)

select
    agency_code,
    period_code,
    submission_id,
    rule_id,
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
