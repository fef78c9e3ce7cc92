with

source as (
    select
        *,
        {{ order_of_arrival() }} as arrival_order
    from {{ source('raw', 'submission') }}
),

final as (
    select
        submission_id,
        landed_id,
        source,
        reading,
        door_id,
        nullif({{ trimmed('document_id') }}, '') as document_id,
        {{ organ_code('organ_id') }} as organ_code,
        nullif(upper({{ trimmed('agency_code') }}), '') as agency_code,
        nullif(lower({{ trimmed('form_code') }}), '') as form_code,
        nullif(upper({{ trimmed('period_code') }}), '') as period_code,
        revision,
        nullif({{ trimmed('document_number') }}, '') as document_number,
        document_on,
        submitted_at,
        updated_at,
        received_at,
        night_on,
        locator as source_locator,
        sha256,
        arrival_order
    from source
)

select * from final
