with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('raw', 'edoc_target') }}
),

final as (
    select
        nullif({{ trimmed('document_id') }}, '') as document_id,
        nullif({{ trimmed('target_document_id') }}, '') as target_document_id,
        landed_id,
        business,
        reason,
        event_at,
        night_on,
        arrival_order
    from source
)

select * from final
