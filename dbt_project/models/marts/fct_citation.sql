{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_lines() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

-- One row for each official document that a note names.
with

citations as (
    select * from {{ ref('stg_raw__submission_document') }}
    where {{ is_changed('submission_id') }}
),

submissions as (
    select * from {{ ref('int_submission_placed') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

final as (
    select
        citations.submission_id,
        submissions.agency_code,
        submissions.period_code,
        coalesce(indicators.indicator_code, 'unknown') as indicator_code,
        citations.indicator_code as reported_indicator_code,
        citations.document_position,
        {{ document_key('citations.document_number', 'citations.document_on') }} as document_key,
        citations.document_number,
        citations.document_on,
        citations.date_text,
        submissions.night_on
    from citations
    inner join submissions on citations.submission_id = submissions.submission_id
    left join indicators on citations.indicator_code = indicators.indicator_code
)

select
    submission_id,
    agency_code,
    period_code,
    indicator_code,
    reported_indicator_code,
    document_position,
    document_key,
    document_number,
    document_on,
    date_text,
    night_on
from final
