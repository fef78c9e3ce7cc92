{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_verdicts() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

-- What stood against a submission, from each night on which the gate judged it or an officer decided about it: the last
-- result of each rule by then, under the version of the rules that had judged it last by then. Nearly all submissions
-- are judged once, and never waived: they need no looking back.
with

results as (
    select * from {{ ref('stg_audit__rule_result') }}
    where {{ is_changed('submission_id') }}
),

waivers as (
    select * from {{ ref('stg_raw__waiver') }}
),

counted as (
    select
        submission_id,
        min(night_on) as first_night_on,
        min(rules_version) as rules_version,
        count(*) as rule_count,
        count(*) filter (where outcome = 'failed' and severity = 'error') as failed_error_count,
        count(*) filter (where outcome = 'failed' and severity = 'warning') as failed_warning_count,
        count(*) filter (where outcome = 'not_evaluated') as not_evaluated_count,
        min(night_on) = max(night_on)
        and min(rules_version) = max(rules_version)
        and count(distinct rule_id) = count(*) as is_plain
    from results
    group by submission_id
),

plain as (
    select *
    from counted
    where
        is_plain
        and submission_id not in (select waivers.submission_id from waivers)
),

several as (
    select *
    from results
    where submission_id not in (select plain.submission_id from plain)
),

nights as (
    select
        submission_id,
        night_on as verdict_on,
        true as is_judged
    from several

    union all

    select
        waivers.submission_id,
        waivers.night_on as verdict_on,
        false as is_judged
    from waivers
    inner join counted
        on
            waivers.submission_id = counted.submission_id
            and waivers.night_on > counted.first_night_on
),

verdict_nights as (
    select
        submission_id,
        verdict_on,
        bool_or(is_judged) as is_judged
    from nights
    group by submission_id, verdict_on
),

known_by_then as (
    select
        verdict_nights.verdict_on,
        verdict_nights.is_judged,
        several.*,
        last_value(several.rules_version) over (
            partition by several.submission_id, verdict_nights.verdict_on
            order by several.night_on, several.arrival_order
            rows between unbounded preceding and unbounded following
        ) as version_in_force
    from verdict_nights
    inner join several
        on
            verdict_nights.submission_id = several.submission_id
            and verdict_nights.verdict_on >= several.night_on
),

in_force as (
    select
        submission_id,
        verdict_on,
        is_judged,
        rules_version,
        rule_id,
        {{ arg_max('severity', '(night_on, arrival_order)') }} as severity,
        {{ arg_max('outcome', '(night_on, arrival_order)') }} as outcome
    from known_by_then
    where rules_version = version_in_force
    group by submission_id, verdict_on, is_judged, rules_version, rule_id
),

waived_by_then as (
    select
        verdict_nights.submission_id,
        verdict_nights.verdict_on,
        waivers.rule_id
    from verdict_nights
    inner join waivers
        on
            verdict_nights.submission_id = waivers.submission_id
            and verdict_nights.verdict_on >= waivers.night_on
    group by verdict_nights.submission_id, verdict_nights.verdict_on, waivers.rule_id
    having {{ arg_max('waivers.is_in_force', 'waivers.landed_id') }}
),

looked_back as (
    select
        in_force.submission_id,
        in_force.verdict_on,
        in_force.is_judged,
        in_force.rules_version,
        in_force.outcome,
        in_force.severity,
        waived_by_then.rule_id is not null as is_waived
    from in_force
    left join waived_by_then
        on
            in_force.submission_id = waived_by_then.submission_id
            and in_force.verdict_on = waived_by_then.verdict_on
            and in_force.rule_id = waived_by_then.rule_id
),

final as (
    select
        submission_id,
        1 as verdict_number,
        first_night_on as night_on,
        true as is_judged,
        rules_version,
        rule_count,
        failed_error_count,
        failed_warning_count,
        0 as waived_count,
        not_evaluated_count,
        true as is_latest,
        true as is_only
    from plain

    union all

    select
        submission_id,
        row_number() over (partition by submission_id order by verdict_on) as verdict_number,
        verdict_on as night_on,
        is_judged,
        rules_version,
        count(*) as rule_count,
        count(*) filter (where outcome = 'failed' and severity = 'error' and not is_waived) as failed_error_count,
        count(*) filter (where outcome = 'failed' and severity = 'warning' and not is_waived) as failed_warning_count,
        count(*) filter (where outcome = 'failed' and is_waived) as waived_count,
        count(*) filter (where outcome = 'not_evaluated') as not_evaluated_count,
        verdict_on = max(verdict_on) over (partition by submission_id) as is_latest,
        false as is_only
    from looked_back
    group by submission_id, verdict_on, is_judged, rules_version
)

select * from final
