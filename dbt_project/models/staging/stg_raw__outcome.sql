with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('raw', 'outcome') }}
),

final as (
    select
        outcome_id,
        night_on,
        recorded_at,
        source,
        step,
        locator as source_locator,
        result,
        reason,
        item_count,
        sha256,
        arrival_order
    from source
    -- That a source had nothing new is told in the raw table alone: such rows start no dbt (cchc/built.py).
    where result <> 'unchanged'
)

select * from final
