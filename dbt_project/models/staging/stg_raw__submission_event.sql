with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('raw', 'submission_event') }}
),

final as (
    select
        submission_id,
        landed_id,
        event,
        event_at,
        reason,
        night_on,
        arrival_order
    from source
)

select * from final
