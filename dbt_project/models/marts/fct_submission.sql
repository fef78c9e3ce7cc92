{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_figures() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

with

submissions as (
    select * from {{ ref('int_submission_judged') }}
    where {{ is_changed('submission_id') }}
),

lines as (
    select * from {{ ref('int_submission_line') }}
    where {{ is_changed('submission_id') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

counted_lines as (
    select
        lines.submission_id,
        count(*) as line_count,
        count(*) filter (where lines.observation_status in ('reported', 'doubtful')) as answered_count,
        count(*) filter (where lines.observation_status = 'doubtful') as doubtful_count,
        count(*) filter (where lines.observation_status = 'unreadable') as unreadable_count,
        count(*) filter (where not indicators.is_optional) as mandatory_line_count,
        count(*) filter (
            where
            not indicators.is_optional
            and lines.observation_status in ('reported', 'doubtful')
        ) as answered_mandatory_line_count
    from lines
    left join indicators on lines.indicator_code = indicators.indicator_code
    group by lines.submission_id
),

final as (
    select
        submissions.submission_id,
        submissions.agency_code,
        submissions.period_code,
        submissions.form_code,
        submissions.source,
        submissions.reading,
        submissions.revision,
        submissions.submitted_at,
        submissions.received_at,
        submissions.due_on,
        submissions.is_late,
        submissions.status,
        submissions.status_reason,
        submissions.withdrawn_at,
        submissions.document_number,
        submissions.document_on,
        submissions.document_id,
        submissions.door_id,
        submissions.organ_code,
        coalesce(counted_lines.line_count, 0) as line_count,
        coalesce(counted_lines.answered_count, 0) as answered_count,
        coalesce(counted_lines.doubtful_count, 0) as doubtful_count,
        coalesce(counted_lines.unreadable_count, 0) as unreadable_count,
        coalesce(counted_lines.mandatory_line_count, 0) as mandatory_line_count,
        coalesce(counted_lines.answered_mandatory_line_count, 0) as answered_mandatory_line_count,
        submissions.error_problem_count,
        submissions.failed_error_count,
        submissions.failed_warning_count,
        submissions.night_on,
        submissions.source_locator,
        submissions.sha256
    from submissions
    left join counted_lines on submissions.submission_id = counted_lines.submission_id
)

select
    submission_id,
    agency_code,
    period_code,
    form_code,
    source,
    reading,
    revision,
    submitted_at,
    received_at,
    due_on,
    is_late,
    status,
    status_reason,
    withdrawn_at,
    document_number,
    document_on,
    document_id,
    door_id,
    organ_code,
    line_count,
    answered_count,
    doubtful_count,
    unreadable_count,
    mandatory_line_count,
    answered_mandatory_line_count,
    error_problem_count,
    failed_error_count,
    failed_warning_count,
    night_on,
    source_locator,
    sha256
from final
