{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_changed_dossiers(ref('stg_raw__dossier'), marks_of_dossier_page()) }}",
        post_hook="{{ remember_changed_dossiers() }}"
    )
}}
-- Every state of every dossier, with the portal's days on which it was so. Only the dossiers that a changed page speaks
-- of are written again.
with

states as (
    select * from {{ ref('stg_raw__dossier') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

touched as (
    select distinct dossier_id
    from states
    where {{ is_changed('dossier_id', 'key') }}
),

ordered as (
    select
        states.*,
        row_number() over (
            partition by states.dossier_id
            order by
                states.updated_at asc,
                states.landed_id asc,
                states.state_number asc nulls first,
                states.returned_at asc nulls first,
                states.finished_at asc nulls first,
                states.due_at asc nulls first,
                states.received_at asc nulls first,
                states.organ_code asc nulls first,
                states.procedure_code asc nulls first,
                states.channel_number asc nulls first,
                states.service_level asc nulls first
        ) as state_order
    from states
    inner join touched on states.dossier_id = touched.dossier_id
),

final as (
    select
        ordered.dossier_id,
        ordered.state_order,
        coalesce(agencies.agency_code, 'unknown') as agency_code,
        case when ordered.state_number between 1 and 10 then ordered.state_number end as state_number,
        ordered.received_at,
        ordered.due_at,
        ordered.finished_at,
        ordered.returned_at,
        ordered.updated_at as valid_from_at,
        lead(ordered.updated_at) over (
            partition by ordered.dossier_id
            order by ordered.state_order
        ) as valid_to_at,
        ordered.night_on,
        ordered.landed_id
    from ordered
    left join agencies on ordered.organ_code = agencies.agency_code
)

select
    dossier_id,
    state_order,
    agency_code,
    state_number,
    received_at,
    due_at,
    finished_at,
    returned_at,
    valid_from_at,
    valid_to_at,
    valid_to_at is null as is_latest,
    night_on,
    landed_id
from final
