{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_dossiers(ref('stg_raw__dossier'), marks_of_dossier_page(), ref('fct_dossier')) }}",
        post_hook="{{ remember_dossiers(ref('fct_dossier')) }}"
    )
}}
-- Every state of every dossier, with the portal's days on which it was so. Only the dossiers that a changed page speaks
-- of are written again.
with

states as (
    select
        *,
        {{ dossier_codes() }}
    from {{ touched_states(ref('stg_raw__dossier')) }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

repeated as (
    select dossier_id
    from states
    group by dossier_id
    having count(*) > 1
),

-- Nearly all dossiers come once: only the states of the others have an order.
ordered as (
    select
        *,
        1 as state_order,
        cast(null as timestamp) as valid_to_at
    from states
    where dossier_id not in (select repeated.dossier_id from repeated)

    union all

    select
        *,
        row_number() over in_time as state_order,
        lead(updated_at) over in_time as valid_to_at
    from states
    where dossier_id in (select repeated.dossier_id from repeated)
    window
        in_time as (
            partition by dossier_id
            order by
                updated_at asc,
                landed_id asc,
                state_number asc nulls first,
                returned_at asc nulls first,
                finished_at asc nulls first,
                due_at asc nulls first,
                received_at asc nulls first,
                organ_code asc nulls first,
                procedure_code asc nulls first,
                channel_number asc nulls first,
                service_level asc nulls first
        )
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
        ordered.valid_to_at,
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
