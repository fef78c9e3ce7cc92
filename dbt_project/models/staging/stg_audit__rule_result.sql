-- The rows' order tells which of two results that came in one night came later.
with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('audit', 'rule_result') }}
),

final as (
    select
        submission_id,
        rule_id,
        severity,
        outcome,
        left_value,
        right_value,
        left_text,
        right_text,
        rules_version,
        night_on,
        arrival_order
    from source
)

select * from final
