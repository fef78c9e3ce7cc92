{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_changed('period_code', marks_of_scorecard()) }}",
        post_hook="{{ remember_changed() }}"
    )
}}

-- Each agency's counts and shares for a period, beside the same period of the year before and beside its peers (the
-- agencies of its level). Where the line changed its meaning in between, there is no change to tell.
with


indicators as (
    select * from {{ ref('dim_indicator') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- Those to be built, and those that they are compared with.
periods_that_matter as (
    select period_code
    from periods
    where {{ is_changed('period_code') }}

    union

    select year_before_code as period_code
    from periods
    where
        {{ is_changed('period_code') }}
        and year_before_code is not null
),

figures as (
    select * from {{ ref('fct_indicator_value') }}
    where period_code in (select periods_that_matter.period_code from periods_that_matter)
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
        periods.data_to,
        periods.year_before_code,
        indicators.break_on
    from figures
    inner join indicators on figures.indicator_code = indicators.indicator_code
    inner join agencies on figures.agency_code = agencies.agency_code
    inner join periods on figures.period_code = periods.period_code
    where
        figures.is_current
        and figures.value is not null
        and indicators.value_type in ('count', 'percent')
),

compared as (
    select
        measured.*,
        year_before.value as year_before_value,
        coalesce(measured.break_on > year_before_period.data_to and measured.break_on <= measured.data_to, false)
            as is_break
    from measured
    left join periods as year_before_period on measured.year_before_code = year_before_period.period_code
    left join measured as year_before
        on
            measured.agency_code = year_before.agency_code
            and measured.indicator_code = year_before.indicator_code
            and measured.year_before_code = year_before.period_code
    where {{ is_changed('measured.period_code') }}
),

final as (
    select
        *,
        case when not is_break then cast(value - year_before_value as decimal(20, 6)) end as change_amount,
        case
            when not is_break and year_before_value <> 0
                then cast(round(100 * (value - year_before_value) / year_before_value, 2) as decimal(38, 2))
        end as change_percent,
        rank() over (partition by period_code, indicator_code, peer_level order by value desc) as peer_rank,
        count(*) over (partition by period_code, indicator_code, peer_level) as peer_count,
        cast(
            median(value) over (partition by period_code, indicator_code, peer_level) as decimal(20, 6)
        ) as peer_median
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
