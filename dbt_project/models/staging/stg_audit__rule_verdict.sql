-- What the gate held against a submission, from each night on which it judged it: the last result of each rule by then,
-- under the version of the rules that had judged it last by then.
with

source as (
    select
        *,
        rowid as result_order
    from {{ source('audit', 'rule_result') }}
),

nights as (
    select distinct
        submission_id,
        night_on
    from source
),

known_by_then as (
    select
        nights.night_on as verdict_on,
        source.*,
        last_value(source.rules_version) over (
            partition by source.submission_id, nights.night_on
            order by source.night_on, source.result_order
            rows between unbounded preceding and unbounded following
        ) as version_in_force
    from nights
    inner join source
        on
            nights.submission_id = source.submission_id
            and nights.night_on >= source.night_on
),

in_force as (
    select
        submission_id,
        verdict_on,
        rules_version,
        rule_id,
        arg_max(severity, (night_on, result_order)) as severity,
        arg_max(outcome, (night_on, result_order)) as outcome
    from known_by_then
    where rules_version = version_in_force
    group by submission_id, verdict_on, rules_version, rule_id
),

final as (
    select
        submission_id,
        row_number() over (partition by submission_id order by verdict_on) as verdict_number,
        verdict_on as night_on,
        rules_version,
        count(*) as rule_count,
        count(*) filter (where outcome = 'failed' and severity = 'error') as failed_error_count,
        count(*) filter (where outcome = 'failed' and severity = 'warning') as failed_warning_count,
        count(*) filter (where outcome = 'not_evaluated') as not_evaluated_count
    from in_force
    group by submission_id, verdict_on, rules_version
)

select * from final
