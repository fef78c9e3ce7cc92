with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('raw', 'problem') }}
),

final as (
    select
        landed_id,
        submission_id,
        source,
        severity,
        code as problem_code,
        message,
        locator as source_locator,
        night_on,
        arrival_order
    from source
)

select * from final
