-- Each report and what it counts for: in quarantine when an error rule failed, else the last of its agency and period
-- holds. There is one door here, and nothing is withdrawn, recalled or waived.
with verdicts as (
    select
        submission_id,
        count(*) filter (where outcome = 'failed' and severity = 'error') as failed_error_count,
        count(*) filter (where outcome = 'failed' and severity = 'warning') as failed_warning_count
    from audit.rule_result
    group by submission_id
),

counted as (
    select
        lines.submission_id,
        count(*) as line_count,
        count(*) filter (where lines.observation_status in ('reported', 'doubtful')) as answered_count,
        count(*) filter (where not indicators.is_optional) as mandatory_line_count,
        count(*) filter (
            where not indicators.is_optional and lines.observation_status in ('reported', 'doubtful')
        ) as answered_mandatory_line_count
    from raw.submission_line as lines
    left join star.dim_indicator as indicators on lines.indicator_code = indicators.indicator_code
    group by lines.submission_id
),

placed as (
    select
        submissions.submission_id,
        agencies.agency_code,
        periods.period_code,
        submissions.form_code,
        submissions.source,
        submissions.reading,
        submissions.revision,
        submissions.received_at,
        submissions.night_on,
        periods.due_on,
        submissions.landed_id,
        verdicts.failed_error_count,
        verdicts.failed_warning_count
    from raw.submission as submissions
    inner join star.dim_agency as agencies on submissions.organ_id = agencies.organ_id
    inner join star.dim_period as periods on submissions.period_code = periods.period_code
    inner join verdicts on submissions.submission_id = verdicts.submission_id
),

ordered as (
    select
        placed.*,
        row_number() over (
            partition by agency_code, period_code, failed_error_count > 0
            order by revision desc, landed_id desc, submission_id desc
        ) as recency
    from placed
)

select
    ordered.submission_id,
    ordered.agency_code,
    ordered.period_code,
    ordered.form_code,
    ordered.source,
    ordered.reading,
    ordered.revision,
    ordered.received_at,
    ordered.due_on,
    cast(ordered.received_at as date) > ordered.due_on as is_late,
    case
        when ordered.failed_error_count > 0 then 'quarantined'
        when ordered.recency = 1 then 'accepted'
        else 'superseded'
    end as status,
    counted.line_count,
    counted.answered_count,
    counted.mandatory_line_count,
    counted.answered_mandatory_line_count,
    ordered.failed_error_count,
    ordered.failed_warning_count,
    ordered.night_on
from ordered
inner join counted on ordered.submission_id = counted.submission_id
