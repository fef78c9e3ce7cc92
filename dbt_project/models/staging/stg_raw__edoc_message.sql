with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('raw', 'edoc_message') }}
),

final as (
    select
        door_id,
        landed_id,
        nullif({{ trimmed('document_id') }}, '') as document_id,
        {{ organ_code('organ_id') }} as organ_code,
        business,
        created_at,
        night_on,
        arrival_order
    from source
)

select * from final
