-- A view: each new figure moves the one after it, so that a table would be built anew every night, while a question on
-- one line reads only that line.
{{ config(materialized='view') }}

-- One line through the years, for each agency and for the province: each figure that holds beside the one before it of
-- the same kind of period. A break starts a new series, and nothing is reckoned across it.
with

figures as (
    select * from {{ ref('fct_indicator_value').include(database=false) }}
),

province as (
    select * from {{ ref('mart_province_summary').include(database=false) }}
),

submissions as (
    select * from {{ ref('fct_submission').include(database=false) }}
),

agencies as (
    select * from {{ ref('dim_agency').include(database=false) }}
),

indicators as (
    select * from {{ ref('dim_indicator').include(database=false) }}
),

periods as (
    select * from {{ ref('dim_period').include(database=false) }}
),

provinces as (
    select distinct parent_code as agency_code
    from agencies
    where
        is_reporting
        and parent_code is not null
),

arrivals as (
    select
        agency_code,
        period_code,
        count(*) as submission_count
    from submissions
    group by agency_code, period_code
),

points as (
    select
        figures.agency_code,
        figures.indicator_code,
        figures.period_code,
        cast(figures.value as decimal(38, 6)) as value,
        figures.observation_status,
        figures.submission_id,
        arrivals.submission_count,
        false as is_province
    from figures
    left join arrivals
        on
            figures.agency_code = arrivals.agency_code
            and figures.period_code = arrivals.period_code
    where
        figures.is_current
        and figures.value is not null

    union all

    select
        provinces.agency_code,
        province.indicator_code,
        province.period_code,
        province.value,
        'reported' as observation_status,
        null as submission_id,
        province.agencies_reported_count as submission_count,
        true as is_province
    from province
    cross join provinces
    where province.value is not null
),

placed as (
    select
        points.*,
        periods.kind,
        periods.data_to,
        case when periods.data_to >= indicators.break_on then 2 else 1 end as series_number
    from points
    inner join periods on points.period_code = periods.period_code
    inner join indicators on points.indicator_code = indicators.indicator_code
),

final as (
    select
        *,
        lag(period_code) over in_time as previous_period_code,
        lag(value) over in_time as previous_value,
        coalesce(lag(series_number) over in_time <> series_number, false) as is_break,
        case
            when lag(series_number) over in_time = series_number
                then cast(value - lag(value) over in_time as decimal(38, 6))
        end as change_amount
    from placed
    window in_time as (partition by agency_code, is_province, indicator_code, kind order by data_to)
)

select
    agency_code,
    indicator_code,
    kind,
    period_code,
    data_to,
    value,
    observation_status,
    previous_period_code,
    previous_value,
    change_amount,
    series_number,
    is_break,
    is_province,
    submission_count,
    submission_id
from final
