{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_changed('period_code', marks_of_reporting_rate()) }}",
        post_hook="{{ remember_changed() }}"
    )
}}

-- Did it come, did it come by the due day, and how much of it is answered: every agency and period that owes a report.
with

obligations as (
    select * from {{ ref('int_reporting_obligation') }}
    where {{ is_changed('period_code') }}
),

submissions as (
    select * from {{ ref('fct_submission') }}
    where {{ is_changed('period_code') }}
),

-- The submission to speak of: the one that holds; else the last in quarantine; else the last that was withdrawn.
ranked as (
    select
        *,
        row_number() over (
            partition by agency_code, period_code
            order by
                case status
                    when 'accepted' then 1
                    when 'quarantined' then 2
                    when 'withdrawn' then 3
                    else 4
                end asc,
                received_at desc,
                revision desc,
                submission_id asc
        ) as preference
    from submissions
),

chosen as (
    select
        agency_code,
        period_code,
        submission_id,
        status,
        source,
        revision,
        received_at,
        nullif(mandatory_line_count, 0) as mandatory_line_count,
        case when mandatory_line_count > 0 then answered_mandatory_line_count end as answered_mandatory_line_count
    from ranked
    where preference = 1
),

arrivals as (
    select
        agency_code,
        period_code,
        min(received_at) filter (where status <> 'withdrawn') as first_received_at,
        count(*) as submission_count,
        count(*) filter (where status = 'quarantined') as quarantined_submission_count
    from submissions
    group by agency_code, period_code
),

final as (
    select
        obligations.agency_code,
        obligations.period_code,
        obligations.due_on,
        true as is_expected,
        coalesce(chosen.status in ('accepted', 'quarantined'), false) as is_received,
        case
            when chosen.status in ('accepted', 'quarantined')
                then cast(arrivals.first_received_at as date) <= obligations.due_on
        end as is_on_time,
        case
            when chosen.status = 'superseded' then 'withdrawn'
            when chosen.status is not null then chosen.status
            when obligations.is_past_due then 'missing'
            else 'awaited'
        end as status,
        chosen.submission_id,
        chosen.source,
        chosen.revision,
        arrivals.first_received_at,
        chosen.received_at,
        coalesce(arrivals.submission_count, 0) as submission_count,
        coalesce(arrivals.quarantined_submission_count, 0) as quarantined_submission_count,
        chosen.mandatory_line_count,
        chosen.answered_mandatory_line_count,
        {{ exact_percent('chosen.answered_mandatory_line_count', 'chosen.mandatory_line_count') }} as complete_percent
    from obligations
    left join chosen
        on
            obligations.agency_code = chosen.agency_code
            and obligations.period_code = chosen.period_code
    left join arrivals
        on
            obligations.agency_code = arrivals.agency_code
            and obligations.period_code = arrivals.period_code
)

select
    agency_code,
    period_code,
    due_on,
    is_expected,
    is_received,
    is_on_time,
    status,
    submission_id,
    source,
    revision,
    first_received_at,
    received_at,
    submission_count,
    quarantined_submission_count,
    mandatory_line_count,
    answered_mandatory_line_count,
    complete_percent
from final
