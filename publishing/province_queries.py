"""The questions to the published file behind ``province_table``; ``{day}`` is an ISO day, ``$period`` a period's code."""

LINES = """
select
    indicator_code, label_vi, coalesce(label_en, label_vi), coalesce(unit_vi, ''), value_type, coalesce(choices, ''),
    coalesce(numerator_vi, ''), coalesce(denominator_vi, ''), break_on, coalesce(break_note_vi, '')
from mart.dim_indicator where indicator_code <> 'unknown' order by form_row
"""
FIGURES_NOW = """
select
    indicator_code, value, value_basis, numerator, denominator, yes_count, no_count, choice_counts,
    agencies_answered_count, agencies_with_value_count, agencies_with_ratio_count, doubtful_count
from mart.mart_province_summary where period_code = $period
"""
# The same reckoning as mart_province_summary: sums, counts of yes, shares from their parts (half up, in whole numbers).
FIGURES_AS_OF = """
with figures as (
    select believed.*, line.value_type, line.is_summable, line.aggregation
    from mart.value_as_believed_on('{day}') as believed
    inner join mart.mart_reporting_rate as rate using (agency_code, period_code)
    inner join mart.dim_indicator as line using (indicator_code)
    where believed.period_code = $period
),
parts as (
    select
        *, value_type = 'percent' and ratio_numerator is not null and ratio_denominator > 0 as has_ratio
    from figures
),
summed as (
    select
        indicator_code,
        sum(value) filter (where is_summable) as total,
        sum(ratio_numerator) filter (where has_ratio) as numerator,
        sum(ratio_denominator) filter (where has_ratio) as denominator,
        count(*) filter (where has_ratio) as with_ratio_count,
        count(value) as with_value_count,
        count(*) filter (where value_type = 'flag' and value = 1) as yes_count,
        count(*) filter (where value_type = 'flag' and value = 0) as no_count,
        count(*) filter (where observation_status in ('reported', 'doubtful')) as answered_count,
        count(*) filter (where observation_status = 'doubtful') as doubtful_count
    from parts group by indicator_code
),
choices as (
    select indicator_code, '{{' || string_agg('"' || choice || '": ' || n, ', ' order by choice) || '}}' as choice_counts
    from (
        select indicator_code, value::bigint::varchar as choice, count(*) as n
        from figures where value_type = 'choice' and value is not null group by all
    ) group by indicator_code
),
told as (
    select
        line.indicator_code, line.aggregation, line.value_type, summed.*, choices.choice_counts,
        nullif(coalesce(yes_count, 0) + coalesce(no_count, 0), 0) is not null as is_flagged,
        case when denominator > 0 then (
            (20000 * (numerator::decimal(26, 6) * 1000000)::hugeint + (denominator::decimal(26, 6) * 1000000)::hugeint)
            // (2 * (denominator::decimal(26, 6) * 1000000)::hugeint)
        )::decimal(20, 0) * 0.01 end as recomputed_percent
    from mart.dim_indicator as line
    left join summed on line.indicator_code = summed.indicator_code
    left join choices on line.indicator_code = choices.indicator_code
    where line.is_answerable
)
select
    indicator_code,
    (case
        when aggregation = 'sum' then total
        when aggregation = 'count_true' and is_flagged then yes_count
        when value_type = 'percent' then recomputed_percent
    end)::decimal(38, 6),
    case
        when aggregation = 'sum' and total is not null then 'sum'
        when aggregation = 'count_true' and is_flagged then 'count_of_yes'
        when aggregation = 'distribution' and choice_counts is not null then 'distribution'
        when value_type = 'percent' and recomputed_percent is not null then 'ratios_cited_in_notes'
    end,
    numerator, denominator,
    case when is_flagged then yes_count end, case when is_flagged then no_count end, choice_counts,
    coalesce(answered_count, 0), coalesce(with_value_count, 0), coalesce(with_ratio_count, 0), coalesce(doubtful_count, 0)
from told
"""
CELLS_NOW = """
select agency_code, indicator_code, value, value_text, observation_status
from mart.fct_indicator_value where is_current and period_code = $period
"""
CELLS_AS_OF = """
select agency_code, indicator_code, value, value_text, observation_status
from mart.value_as_believed_on('{day}') where period_code = $period
"""
STANDINGS_NOW = """
select
    rate.agency_code, agency.name_vi, agency.level, rate.status, coalesce(held.status_reason, ''), rate.submission_id,
    rate.status = 'accepted' and rate.quarantined_submission_count > 0 as has_held_revision
from mart.mart_reporting_rate as rate
inner join mart.dim_agency as agency using (agency_code)
left join mart.fct_submission as held on rate.submission_id = held.submission_id
where rate.period_code = $period
"""
STANDINGS_AS_OF = """
with states as (
    select
        state.*, submission.received_at, submission.revision,
        row_number() over (
            partition by state.agency_code
            order by
                case state.status when 'accepted' then 1 when 'quarantined' then 2 when 'withdrawn' then 3 else 4 end,
                submission.received_at desc, submission.revision desc, state.submission_id
        ) as preference
    from mart.fct_submission_state as state
    inner join mart.fct_submission as submission using (submission_id)
    where
        state.period_code = $period and state.known_from_on <= date '{day}'
        and coalesce(state.known_to_on > date '{day}', true)
)
select
    rate.agency_code, agency.name_vi, agency.level,
    case
        when chosen.status = 'superseded' then 'withdrawn'
        when chosen.status is not null then chosen.status
        when rate.due_on < date '{day}' then 'missing'
        else 'awaited'
    end, coalesce(chosen.status_reason, ''), chosen.submission_id,
    coalesce(chosen.status = 'accepted' and exists (
        select 1 from states where states.agency_code = rate.agency_code and states.status = 'quarantined'
    ), false)
from mart.mart_reporting_rate as rate
inner join mart.dim_agency as agency using (agency_code)
left join states as chosen on rate.agency_code = chosen.agency_code and chosen.preference = 1
where rate.period_code = $period
"""
BROKEN = """
select distinct result.submission_id, result.rule_id, coalesce(rule.message_vi, ''), coalesce(rule.message_en, '')
from mart.fct_rule_result as result
left join mart.dim_rule as rule on result.rule_id = rule.rule_id
where
    result.outcome = 'failed' and result.severity = 'error'
    and result.submission_id in (select submission_id from mart.fct_submission where period_code = $period)
order by all
"""
PROVINCE = """
select province.agency_code, province.name_vi, coalesce(province.doc_suffix, '')
from mart.mart_reporting_rate as rate
inner join mart.dim_agency as agency using (agency_code)
inner join mart.dim_agency as province on agency.parent_code = province.agency_code and province.level = 'province'
where rate.period_code = $period limit 1
"""
