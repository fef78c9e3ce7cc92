-- Every figure of every report.
with cited as (
    select
        submission_id,
        indicator_code,
        count(*) as document_count
    from raw.submission_document
    group by submission_id, indicator_code
)

select
    submissions.agency_code,
    submissions.period_code,
    indicators.indicator_code,
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
    coalesce(cited.document_count, 0) as document_count,
    lines.observation_status,
    lines.confidence,
    submissions.status as quality_status,
    submissions.status = 'accepted' as is_current,
    submissions.received_at,
    submissions.night_on,
    lines.locator as source_locator
from raw.submission_line as lines
inner join star.fct_submission as submissions on lines.submission_id = submissions.submission_id
inner join star.dim_indicator as indicators
    on lines.indicator_code = indicators.indicator_code and indicators.is_answerable
left join cited on lines.submission_id = cited.submission_id and lines.indicator_code = cited.indicator_code
