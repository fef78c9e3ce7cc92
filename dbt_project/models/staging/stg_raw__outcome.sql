with

source as (
    select * from {{ source('raw', 'outcome') }}
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
        sha256
    from source
)

select * from final
