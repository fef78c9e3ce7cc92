{{ config(materialized='view') }}
-- A view: as many rows as there are results, and a question asks for one agency, period or rule.

-- How an agency's reports do by each rule: over everything it sent for a period, and in the report that holds.
with

results as (
    select * from {{ ref('fct_rule_result').include(database=false) }}
),

submissions as (
    select * from {{ ref('fct_submission').include(database=false) }}
),

final as (
    select
        results.agency_code,
        results.period_code,
        results.rule_id,
        min(results.severity) as severity,
        count(*) filter (where results.outcome = 'passed') as passed_count,
        count(*) filter (where results.outcome = 'failed') as failed_count,
        count(*) filter (where results.outcome = 'not_evaluated') as not_evaluated_count,
        count(distinct results.submission_id) filter (where results.outcome = 'failed') as failed_submission_count,
        coalesce(
            bool_or(results.outcome = 'failed') filter (where submissions.status = 'accepted'), false
        ) as is_failed_in_what_holds
    from results
    left join submissions on results.submission_id = submissions.submission_id
    group by results.agency_code, results.period_code, results.rule_id
)

select
    agency_code,
    period_code,
    rule_id,
    severity,
    passed_count,
    failed_count,
    not_evaluated_count,
    failed_submission_count,
    is_failed_in_what_holds
from final
