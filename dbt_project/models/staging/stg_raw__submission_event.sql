with

source as (
    select * from {{ source('raw', 'submission_event') }}
),

final as (
    select
        submission_id,
        landed_id,
        event,
        event_at,
        reason,
        night_on
    from source
)

select * from final
