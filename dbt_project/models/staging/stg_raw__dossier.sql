-- The organ id stays as given: reading it takes longer than all other columns together, and is done by whoever needs it
-- for the few rows that he needs (over all states it cost a third of a night on a long history).
with

source as (
    select * from {{ source('raw', 'dossier') }}
),

final as (
    select
        dossier_id,
        landed_id,
        {{ procedure_code('procedure_id') }} as procedure_code,
        nullif(trim(procedure_name), '') as procedure_name,
        nullif(trim(field_code), '') as field_code,
        organ_id,
        {{ code_number('channel_code') }} as channel_number,
        {{ code_number('service_level') }} as service_level,
        filed_at,
        received_at,
        due_at,
        finished_at,
        returned_at,
        {{ code_number('return_channel_code') }} as return_channel_number,
        {{ code_number('state_code') }} as state_number,
        updated_at,
        night_on
    from source
)

select * from final
