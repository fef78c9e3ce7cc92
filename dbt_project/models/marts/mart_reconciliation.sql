{{
    config(
        materialized='incremental',
        incremental_strategy='differing',
        meta={'part': 'period_code', 'written_by': ['period_code', 'agency_code']},
        pre_hook="{{ forget_changed_parts(marks_of_reconciliation()) }}",
        post_hook="{{ remember_changed() }}"
    )
}}

-- What an agency reported beside what the systems of record hold, for every agency and period that owes a report.
with

recorded as (
    select * from {{ ref('int_recorded_measure') }}
    where {{ is_changed('period_code') }}
),

figures as (
    select * from {{ ref('fct_indicator_value') }}
    where
        indicator_code in (select recorded.indicator_code from recorded)
        and {{ is_changed('period_code') }}
),

rules as (
    select * from {{ ref('rules') }}
),

tolerances as (
    select
        {{ quoted('right') }} as operand,
        min(rule_id) as rule_id,
        min(tolerance) as tolerance
    from rules
    where {{ quoted('right') }} like 'source(%)'
    group by {{ quoted('right') }}
),

compared as (
    select
        recorded.agency_code,
        recorded.period_code,
        recorded.indicator_code,
        recorded.measure_name,
        figures.value as reported_value,
        recorded.recorded_value,
        cast(figures.value - recorded.recorded_value as decimal(20, 6)) as difference,
        recorded.numerator,
        recorded.denominator,
        tolerances.rule_id,
        tolerances.tolerance,
        figures.submission_id
    from recorded
    left join figures
        on
            recorded.agency_code = figures.agency_code
            and recorded.period_code = figures.period_code
            and recorded.indicator_code = figures.indicator_code
            and figures.is_current
    left join tolerances on tolerances.operand = 'source(' || recorded.measure_name || ')'
),

final as (
    select
        *,
        abs(difference) <= tolerance as is_matching
    from compared
)

select
    agency_code,
    period_code,
    indicator_code,
    reported_value,
    recorded_value,
    difference,
    numerator,
    denominator,
    measure_name,
    rule_id,
    tolerance,
    is_matching,
    submission_id
from final
