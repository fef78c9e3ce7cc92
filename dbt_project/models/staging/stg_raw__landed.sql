with

source as (
    select * from {{ source('raw', 'landed') }}
),

final as (
    select
        landed_id,
        sha256,
        source,
        kind,
        locator,
        night_on,
        landed_at,
        size_bytes
    from source
)

select * from final
