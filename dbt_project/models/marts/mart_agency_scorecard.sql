{{ config(materialized='view') }}
-- A view: one report moves the ranks of all agencies for its period, and next year's changes, while a question is about
-- one period, which is read alone.

-- Each agency's counts and shares for a period, beside the same period of the year before and beside its peers (the
-- agencies of its level). Where the line changed its meaning in between, there is no change to tell.
with

-- Read where it is used: kept, all columns of a period's figures are held for one agency's question.
figures as {{ not_held() }}(
    select * from {{ ref('fct_indicator_value').include(database=false) }}
),

indicators as (
    select * from {{ ref('dim_indicator').include(database=false) }}
),

agencies as (
    select * from {{ ref('dim_agency').include(database=false) }}
),

periods as (
    select * from {{ ref('dim_period').include(database=false) }}
),

measured as (
    select
        figures.agency_code,
        figures.period_code,
        figures.indicator_code,
        figures.value,
        figures.observation_status,
        figures.submission_id,
        agencies.level as peer_level,
        indicators.break_on
    from figures
    inner join indicators on figures.indicator_code = indicators.indicator_code
    inner join agencies on figures.agency_code = agencies.agency_code
    where
        figures.is_current
        and figures.value is not null
        and indicators.value_type in ('count', 'percent')
),

ranked as (
    select
        *,
        rank() over (partition by period_code, indicator_code, peer_level order by value desc) as peer_rank,
        count(*) over (partition by period_code, indicator_code, peer_level) as peer_count,
        {{ median_over('value', 'period_code, indicator_code, peer_level') }} as peer_median
    from measured
),

compared as (
    select
        ranked.*,
        periods.year_before_code,
        year_before.value as year_before_value,
        coalesce(ranked.break_on > year_before_period.data_to and ranked.break_on <= periods.data_to, false) as is_break
    from ranked
    inner join periods on ranked.period_code = periods.period_code
    left join periods as year_before_period on periods.year_before_code = year_before_period.period_code
    left join figures as year_before
        on
            ranked.agency_code = year_before.agency_code
            and ranked.indicator_code = year_before.indicator_code
            and periods.year_before_code = year_before.period_code
            and year_before.is_current
),

final as (
    select
        *,
        case when not is_break then cast(value - year_before_value as decimal(20, 6)) end as change_amount,
        case
            when not is_break and year_before_value <> 0
                then {{ exact_change_percent('value', 'year_before_value') }}
        end as change_percent
    from compared
)

select
    agency_code,
    period_code,
    indicator_code,
    value,
    observation_status,
    year_before_code,
    year_before_value,
    change_amount,
    change_percent,
    is_break,
    peer_level,
    peer_rank,
    peer_count,
    peer_median,
    submission_id
from final
