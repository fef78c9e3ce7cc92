{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_figures() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

with

lines as (
    select * from {{ ref('int_submission_line') }}
    where {{ is_changed('submission_id') }}
),

submissions as (
    select * from {{ ref('int_submission_judged') }}
    where {{ is_changed('submission_id') }}
),

final as (
    select
        submissions.agency_code,
        submissions.period_code,
        lines.indicator_code,
        lines.submission_id,
        lines.line_order,
        submissions.form_code,
        submissions.source,
        submissions.reading,
        submissions.revision,
        lines.value,
        lines.value_text,
        lines.unit,
        lines.note,
        lines.ratio_numerator,
        lines.ratio_denominator,
        lines.document_count,
        lines.observation_status,
        lines.confidence,
        submissions.status as quality_status,
        submissions.status = 'accepted' and lines.indicator_code <> 'unknown' as is_current,
        submissions.received_at,
        submissions.night_on,
        lines.reported_indicator_code,
        lines.source_locator
    from lines
    inner join submissions on lines.submission_id = submissions.submission_id
)

select
    agency_code,
    period_code,
    indicator_code,
    submission_id,
    line_order,
    form_code,
    source,
    reading,
    revision,
    value,
    value_text,
    unit,
    note,
    ratio_numerator,
    ratio_denominator,
    document_count,
    observation_status,
    confidence,
    quality_status,
    is_current,
    received_at,
    night_on,
    reported_indicator_code,
    source_locator
from final
