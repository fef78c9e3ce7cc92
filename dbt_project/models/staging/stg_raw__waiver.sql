with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('raw', 'waiver') }}
),

final as (
    select
        submission_id,
        rule_id,
        is_in_force,
        reason,
        decided_by,
        decided_at,
        night_on,
        landed_id,
        arrival_order
    from source
)

select * from final
