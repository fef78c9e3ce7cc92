{{ config(materialized='view') }}
-- Every figure of every submission with where it comes from, how it was read, what was checked and what holds instead.
-- A view: it is joined for the cells that are asked for.
with

figures as (
    select * from {{ ref('fct_indicator_value').include(database=false) }}
),

submissions as (
    select * from {{ ref('fct_submission').include(database=false) }}
),

agencies as (
    select * from {{ ref('dim_agency').include(database=false) }}
),

indicators as (
    select * from {{ ref('dim_indicator').include(database=false) }}
),

sources as (
    select * from {{ ref('dim_source').include(database=false) }}
),

results as (
    select * from {{ ref('fct_rule_result').include(database=false) }}
),

rule_lines as (
    select * from {{ ref('dim_rule_indicator').include(database=false) }}
),

reconciled as (
    select * from {{ ref('mart_reconciliation').include(database=false) }}
),

final as (
    select
        figures.agency_code,
        agencies.name_vi as agency_vi,
        figures.period_code,
        figures.indicator_code,
        indicators.label_vi,
        figures.value,
        figures.value_text,
        figures.unit,
        figures.note,
        figures.observation_status,
        figures.confidence,
        figures.quality_status,
        figures.is_current,
        submissions.status_reason,
        figures.source,
        figures.reading,
        sources.label_vi as door_vi,
        submissions.door_id,
        submissions.document_number,
        submissions.document_on,
        submissions.sha256,
        figures.source_locator,
        figures.submission_id,
        figures.revision,
        figures.received_at,
        figures.night_on,
        submissions.withdrawn_at,
        holding.submission_id as holding_submission_id,
        (
            select
                {{ joined(
                    "results.rule_id || ' ' || results.outcome || ': ' || coalesce(results.left_text, '') || ' | '"
                    ~ " || coalesce(results.right_text, '')",
                    "'; '",
                    'results.rule_id'
                ) }}
            from results
            inner join rule_lines on results.rule_id = rule_lines.rule_id
            where
                results.submission_id = figures.submission_id
                and rule_lines.indicator_code = figures.indicator_code
        ) as rule_results,
        reconciled.recorded_value,
        case when figures.is_current then reconciled.difference end as difference
    from figures
    inner join submissions on figures.submission_id = submissions.submission_id
    inner join agencies on figures.agency_code = agencies.agency_code
    inner join indicators on figures.indicator_code = indicators.indicator_code
    left join sources
        on
            figures.source = sources.source
            and figures.reading = sources.reading
    left join submissions as holding
        on
            figures.agency_code = holding.agency_code
            and figures.period_code = holding.period_code
            and holding.status = 'accepted'
    left join reconciled
        on
            figures.agency_code = reconciled.agency_code
            and figures.period_code = reconciled.period_code
            and figures.indicator_code = reconciled.indicator_code
)

select
    agency_code,
    agency_vi,
    period_code,
    indicator_code,
    label_vi,
    value,
    value_text,
    unit,
    note,
    observation_status,
    confidence,
    quality_status,
    is_current,
    status_reason,
    source,
    reading,
    door_vi,
    door_id,
    document_number,
    document_on,
    sha256,
    source_locator,
    submission_id,
    revision,
    received_at,
    night_on,
    withdrawn_at,
    holding_submission_id,
    rule_results,
    recorded_value,
    difference
from final
