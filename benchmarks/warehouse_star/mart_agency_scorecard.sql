-- Each agency's counts and shares beside the year before and beside its peers.
with measured as (
    select
        figures.agency_code,
        figures.period_code,
        figures.indicator_code,
        figures.value,
        figures.observation_status,
        figures.submission_id,
        agencies.level as peer_level,
        indicators.break_on
    from star.fct_indicator_value as figures
    inner join star.dim_indicator as indicators on figures.indicator_code = indicators.indicator_code
    inner join star.dim_agency as agencies on figures.agency_code = agencies.agency_code
    where
        figures.is_current
        and figures.value is not null
        and indicators.value_type in ('count', 'percent')
),

peers as (
    select
        period_code,
        indicator_code,
        peer_level,
        count(*) as peer_count,
        cast(percentile_cont(0.5) within group (order by value) as decimal(20, 6)) as peer_median
    from measured
    group by period_code, indicator_code, peer_level
),

compared as (
    select
        measured.*,
        rank() over (
            partition by measured.period_code, measured.indicator_code, measured.peer_level order by measured.value desc
        ) as peer_rank,
        peers.peer_count,
        peers.peer_median,
        periods.year_before_code,
        year_before.value as year_before_value,
        coalesce(
            measured.break_on > year_before_period.data_to and measured.break_on <= periods.data_to, false
        ) as is_break
    from measured
    inner join peers
        on
            measured.period_code = peers.period_code
            and measured.indicator_code = peers.indicator_code
            and measured.peer_level = peers.peer_level
    inner join star.dim_period as periods on measured.period_code = periods.period_code
    left join star.dim_period as year_before_period on periods.year_before_code = year_before_period.period_code
    left join star.fct_indicator_value as year_before
        on
            measured.agency_code = year_before.agency_code
            and measured.indicator_code = year_before.indicator_code
            and periods.year_before_code = year_before.period_code
            and year_before.is_current
)

select
    agency_code,
    period_code,
    indicator_code,
    value,
    observation_status,
    year_before_code,
    year_before_value,
    case when not is_break then value - year_before_value end as change_amount,
    case
        when not is_break and year_before_value <> 0
            then cast(round(100 * (value - year_before_value) / year_before_value, 2) as decimal(38, 2))
    end as change_percent,
    is_break,
    peer_level,
    peer_rank,
    peer_count,
    peer_median,
    submission_id
from compared
