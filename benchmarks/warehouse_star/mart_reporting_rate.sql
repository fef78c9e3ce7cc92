-- Did it come, in time, and how much of it is answered: every agency and period that owes a report.
with submitted as (
    select distinct period_code
    from star.fct_submission
),

latest as (
    select max(night_on) as night_on
    from raw.landed
),

first_window as (
    select min(periods.data_to) as data_to
    from star.dim_period as periods
    inner join submitted on periods.period_code = submitted.period_code
),

obligations as (
    select
        agencies.agency_code,
        periods.period_code,
        periods.due_on,
        periods.due_on < latest.night_on as is_past_due
    from star.dim_period as periods
    cross join latest
    cross join first_window
    left join submitted on periods.period_code = submitted.period_code
    inner join star.dim_agency as agencies
        on
            agencies.is_reporting
            and agencies.valid_from <= periods.data_to
            and coalesce(agencies.valid_to >= periods.data_to, true)
    where
        periods.data_to >= first_window.data_to
        and (periods.data_to < latest.night_on or submitted.period_code is not null)
),

ranked as (
    select
        submissions.*,
        row_number() over (
            partition by agency_code, period_code
            order by
                case status when 'accepted' then 1 when 'quarantined' then 2 else 4 end,
                received_at desc, revision desc, submission_id
        ) as preference,
        min(received_at) over (partition by agency_code, period_code) as first_received_at,
        count(*) over (partition by agency_code, period_code) as submission_count,
        count(*) filter (where status = 'quarantined') over (
            partition by agency_code, period_code
        ) as quarantined_submission_count
    from star.fct_submission as submissions
)

select
    obligations.agency_code,
    obligations.period_code,
    obligations.due_on,
    coalesce(chosen.status in ('accepted', 'quarantined'), false) as is_received,
    case
        when chosen.status in ('accepted', 'quarantined')
            then cast(chosen.first_received_at as date) <= obligations.due_on
    end as is_on_time,
    case
        when chosen.status = 'superseded' then 'withdrawn'
        when chosen.status is not null then chosen.status
        when obligations.is_past_due then 'missing'
        else 'awaited'
    end as status,
    chosen.submission_id,
    chosen.revision,
    chosen.received_at,
    coalesce(chosen.submission_count, 0) as submission_count,
    coalesce(chosen.quarantined_submission_count, 0) as quarantined_submission_count,
    chosen.mandatory_line_count,
    chosen.answered_mandatory_line_count,
    case
        when chosen.mandatory_line_count > 0
            then cast(
                floor(
                    cast(20000 * chosen.answered_mandatory_line_count + chosen.mandatory_line_count as double precision)
                    / (2 * chosen.mandatory_line_count)
                ) as decimal(20, 0)
            ) * 0.01
    end as complete_percent
from obligations
left join ranked as chosen
    on
        obligations.agency_code = chosen.agency_code
        and obligations.period_code = chosen.period_code
        and chosen.preference = 1
