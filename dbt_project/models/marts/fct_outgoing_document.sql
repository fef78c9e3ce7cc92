-- One row for each document of the outgoing register, its latest state.
with

documents as (
    select * from {{ ref('int_outgoing_document_latest') }}
),

final as (
    select
        document_id,
        {{ document_key('document_number', 'promulgated_on') }} as document_key,
        agency_code,
        organ_code,
        document_number,
        promulgated_on as document_on,
        sent_form,
        is_digitally_signed,
        coalesce(sent_form = 'electronic' and is_digitally_signed, false) as is_wholly_electronic,
        updated_at,
        night_on,
        landed_id
    from documents
)

select
    document_id,
    document_key,
    agency_code,
    organ_code,
    document_number,
    document_on,
    sent_form,
    is_digitally_signed,
    is_wholly_electronic,
    updated_at,
    night_on,
    landed_id
from final
