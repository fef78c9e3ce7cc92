-- Which agency owes a report for which period: departments and districts that exist on the window's last day, for
-- periods from the first with any submission (before there is one, from the year of the latest night) to those whose
-- window had closed on the latest night known, or that have a submission.
with

agencies as (
    select * from {{ ref('dim_agency') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

submissions as (
    select * from {{ ref('int_submission_placed') }}
),

landed as (
    select * from {{ ref('stg_raw__landed') }}
),

submitted_periods as (
    select distinct period_code
    from submissions
),

latest_night as (
    select max(night_on) as night_on
    from landed
),

first_window as (
    select
        coalesce(
            min(periods.data_to) filter (where submitted_periods.period_code is not null),
            min(periods.data_to) filter (where periods.year = year(latest_night.night_on))
        ) as data_to
    from periods
    cross join latest_night
    left join submitted_periods on periods.period_code = submitted_periods.period_code
),

periods_that_matter as (
    select
        periods.period_code,
        periods.data_from,
        periods.data_to,
        periods.due_on,
        coalesce(periods.due_on < latest_night.night_on, false) as is_past_due
    from periods
    cross join first_window
    cross join latest_night
    left join submitted_periods on periods.period_code = submitted_periods.period_code
    where
        periods.data_to >= first_window.data_to
        and (
            periods.data_to < latest_night.night_on
            or submitted_periods.period_code is not null
        )
),

final as (
    select
        agencies.agency_code,
        periods_that_matter.period_code,
        periods_that_matter.data_from,
        periods_that_matter.data_to,
        periods_that_matter.due_on,
        periods_that_matter.is_past_due
    from agencies
    inner join periods_that_matter
        on
            agencies.valid_from <= periods_that_matter.data_to
            and coalesce(agencies.valid_to >= periods_that_matter.data_to, true)
    where agencies.is_reporting
)

select * from final
