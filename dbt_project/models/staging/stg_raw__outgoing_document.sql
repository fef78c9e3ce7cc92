with

source as (
    select * from {{ source('raw', 'outgoing_document') }}
),

final as (
    select
        document_id,
        landed_id,
        {{ organ_code('organ_id') }} as organ_code,
        nullif({{ trimmed('document_number') }}, '') as document_number,
        promulgated_on,
        sent_form,
        is_digitally_signed,
        updated_at,
        night_on
    from source
)

select * from final
