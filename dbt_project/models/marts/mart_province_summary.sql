{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_changed('period_code', marks_of_province_summary()) }}",
        post_hook="{{ remember_changed() }}"
    )
}}

-- The province's figure for each period and line, from the accepted figures of the agencies that owe a report, with how
-- many agencies stand behind it. Unknown stays null: no figure is not zero.
with

rates as (
    select * from {{ ref('mart_reporting_rate') }}
    where {{ is_changed('period_code') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

figures as (
    select * from {{ ref('fct_indicator_value') }}
    where {{ is_changed('period_code') }}
),

coverage as (
    select
        period_code,
        count(*) as agencies_expected_count,
        count(*) filter (where is_received) as agencies_reported_count,
        count(*) filter (where status = 'accepted') as agencies_accepted_count,
        count(*) filter (where status = 'quarantined') as agencies_quarantined_count,
        count(*) filter (
            where status = 'accepted' and quarantined_submission_count > 0
        ) as agencies_with_quarantined_revision_count
    from rates
    group by period_code
),

current_figures as (
    select
        figures.period_code,
        figures.indicator_code,
        figures.value,
        figures.ratio_numerator,
        figures.ratio_denominator,
        figures.observation_status,
        indicators.value_type,
        indicators.is_summable,
        figures.observation_status in ('reported', 'doubtful') as is_answered
    from figures
    inner join rates
        on
            figures.agency_code = rates.agency_code
            and figures.period_code = rates.period_code
    inner join indicators on figures.indicator_code = indicators.indicator_code
    where figures.is_current
),

aggregated as (
    select
        period_code,
        indicator_code,
        sum(value) filter (where is_summable) as total,
        sum(ratio_numerator) filter (
            where value_type = 'percent' and ratio_numerator is not null and ratio_denominator > 0
        ) as numerator,
        sum(ratio_denominator) filter (
            where value_type = 'percent' and ratio_numerator is not null and ratio_denominator > 0
        ) as denominator,
        count(*) filter (
            where value_type = 'percent' and ratio_numerator is not null and ratio_denominator > 0
        ) as agencies_with_ratio_count,
        count(value) as agencies_with_value_count,
        count(*) filter (where value_type = 'flag' and value = 1) as yes_count,
        count(*) filter (where value_type = 'flag' and value = 0) as no_count,
        count(*) filter (where is_answered) as agencies_answered_count,
        count(*) filter (where observation_status = 'doubtful') as doubtful_count
    from current_figures
    group by period_code, indicator_code
),

choices as (
    select
        period_code,
        indicator_code,
        cast(cast(value as bigint) as string) as choice,
        count(*) as agency_count
    from current_figures
    where
        value_type = 'choice'
        and value is not null
    group by period_code, indicator_code, cast(cast(value as bigint) as string)
),

distributions as (
    select
        period_code,
        indicator_code,
        '{' || {{ joined("'\"' || choice || '\": ' || agency_count", "', '", 'choice') }} || '}' as choice_counts
    from choices
    group by period_code, indicator_code
),

summarised as (
    select
        coverage.*,
        indicators.indicator_code,
        indicators.value_type,
        indicators.aggregation,
        aggregated.total,
        aggregated.numerator,
        aggregated.denominator,
        {{ exact_percent('aggregated.numerator', 'aggregated.denominator') }} as recomputed_percent,
        case when aggregated.yes_count + aggregated.no_count > 0 then aggregated.yes_count end as yes_count,
        case when aggregated.yes_count + aggregated.no_count > 0 then aggregated.no_count end as no_count,
        distributions.choice_counts,
        coalesce(aggregated.agencies_answered_count, 0) as agencies_answered_count,
        coalesce(aggregated.agencies_with_value_count, 0) as agencies_with_value_count,
        coalesce(aggregated.agencies_with_ratio_count, 0) as agencies_with_ratio_count,
        coalesce(aggregated.doubtful_count, 0) as doubtful_count
    from coverage
    cross join indicators
    left join aggregated
        on
            coverage.period_code = aggregated.period_code
            and indicators.indicator_code = aggregated.indicator_code
    left join distributions
        on
            coverage.period_code = distributions.period_code
            and indicators.indicator_code = distributions.indicator_code
    where indicators.is_answerable
),

final as (
    select
        *,
        case
            when aggregation = 'sum' then cast(total as decimal(38, 6))
            when aggregation = 'count_true' then cast(yes_count as decimal(38, 6))
            when value_type = 'percent' then cast(recomputed_percent as decimal(38, 6))
        end as value,
        case
            when aggregation = 'sum' and total is not null then 'sum'
            when aggregation = 'count_true' and yes_count is not null then 'count_of_yes'
            when aggregation = 'distribution' and choice_counts is not null then 'distribution'
            when value_type = 'percent' and recomputed_percent is not null then 'ratios_cited_in_notes'
        end as value_basis
    from summarised
)

select
    period_code,
    indicator_code,
    value_type,
    aggregation,
    value,
    value_basis,
    numerator,
    denominator,
    yes_count,
    no_count,
    choice_counts,
    agencies_expected_count,
    agencies_reported_count,
    agencies_accepted_count,
    agencies_quarantined_count,
    agencies_with_quarantined_revision_count,
    agencies_answered_count,
    agencies_with_value_count,
    agencies_with_ratio_count,
    doubtful_count
from final
