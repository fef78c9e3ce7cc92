{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_lines() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

-- One row for each submission and answerable line of the form, as reported and as read: what the gate judges. Nothing
-- is left out, not even lines of an unknown agency or period.
with

lines as (
    select * from {{ ref('stg_raw__submission_line') }}
    where {{ is_changed('submission_id') }}
),

documents as (
    select * from {{ ref('stg_raw__submission_document') }}
    where {{ is_changed('submission_id') }}
),

submissions as (
    select * from {{ ref('int_submission_placed') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

cited as (
    select
        submission_id,
        indicator_code,
        count(*) as document_count
    from documents
    group by submission_id, indicator_code
),

final as (
    select
        lines.submission_id,
        submissions.agency_code,
        submissions.period_code,
        submissions.form_code,
        submissions.source,
        submissions.revision,
        coalesce(indicators.indicator_code, 'unknown') as indicator_code,
        lines.value,
        lines.value_text,
        lines.note,
        lines.observation_status,
        lines.ratio_numerator,
        lines.ratio_denominator,
        coalesce(cited.document_count, 0) as document_count,
        lines.source_locator,
        lines.line_order,
        lines.indicator_code as reported_indicator_code,
        lines.unit,
        lines.confidence
    from lines
    inner join submissions on lines.submission_id = submissions.submission_id
    left join indicators
        on
            lines.indicator_code = indicators.indicator_code
            and indicators.is_answerable
    left join cited
        on
            lines.submission_id = cited.submission_id
            and lines.indicator_code = cited.indicator_code
)

select * from final
