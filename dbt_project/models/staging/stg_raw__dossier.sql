-- Codes stay as given: reading them takes longer than everything else, and is done by whoever needs them for the few
-- rows that he needs (`dossier_codes`; over all states the organ id alone cost a third of a night on a long history).
with

source as (
    select * from {{ source('raw', 'dossier') }}
),

final as (
    select
        dossier_id,
        landed_id,
        procedure_id,
        nullif({{ trimmed('procedure_name') }}, '') as procedure_name,
        nullif({{ trimmed('field_code') }}, '') as field_code,
        organ_id,
        channel_code,
        service_level as service_level_code,
        filed_at,
        received_at,
        due_at,
        finished_at,
        returned_at,
        return_channel_code,
        state_code,
        updated_at,
        night_on
    from source
)

select * from final
