{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_changed_dossiers(ref('stg_raw__dossier'), marks_of_dossier_page()) }}",
        post_hook="{{ remember_changed_dossiers() }}"
    )
}}

-- One row a dossier, its latest state: by the portal's clock, then by landing. Two states of one moment on one page are
-- told apart by how far the dossier has come, then by its dates, so that the same rows always give the same answer.
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

counted as (
    select
        dossier_id,
        count(*) as state_count
    from states
    group by dossier_id
),

-- Nearly all dossiers come once: only the others have a latest state to be looked for.
latest as (
    select
        states.*,
        counted.state_count,
        coalesce(states.finished_at, states.returned_at) as completed_at
    from states
    inner join counted on states.dossier_id = counted.dossier_id
    where counted.state_count = 1

    union all

    select
        states.*,
        counted.state_count,
        coalesce(states.finished_at, states.returned_at) as completed_at
    from states
    inner join counted on states.dossier_id = counted.dossier_id
    where counted.state_count > 1
    qualify
        row_number() over (
            partition by states.dossier_id
            order by
                states.updated_at desc,
                states.landed_id desc,
                states.state_number desc nulls last,
                states.returned_at desc nulls last,
                states.finished_at desc nulls last,
                states.due_at desc nulls last,
                states.received_at desc nulls last,
                states.organ_code desc nulls last,
                states.procedure_code desc nulls last,
                states.channel_number desc nulls last,
                states.service_level desc nulls last
        ) = 1
),

final as (
    select
        latest.dossier_id,
        coalesce(agencies.agency_code, 'unknown') as agency_code,
        latest.organ_code,
        latest.procedure_code,
        latest.procedure_name,
        latest.field_code,
        case latest.channel_number
            when 1 then 'counter'
            when 2 then 'online'
            when 3 then 'post'
        end as channel,
        case when latest.service_level in (2, 3, 4) then latest.service_level end as service_level,
        case latest.return_channel_number
            when 0 then 'counter'
            when 1 then 'post'
            when 2 then 'online'
        end as return_channel,
        case when latest.state_number between 1 and 10 then latest.state_number end as state_number,
        case latest.state_number
            when 1 then 'new'
            when 2 then 'received'
            when 3 then 'refused'
            when 4 then 'in_progress'
            when 5 then 'papers_asked_for'
            when 6 then 'payment_asked_for'
            when 7 then 'withdrawn'
            when 8 then 'stopped'
            when 9 then 'processed'
            when 10 then 'returned'
        end as state,
        latest.filed_at,
        latest.received_at,
        latest.due_at,
        latest.finished_at,
        latest.returned_at,
        latest.completed_at,
        latest.received_at is not null and coalesce(latest.state_number not in (1, 3), true) as is_received,
        case
            when latest.state_number in (9, 10)
                then latest.due_at is null or coalesce(latest.completed_at <= latest.due_at, false)
        end as is_on_time,
        latest.updated_at,
        latest.state_count,
        latest.night_on,
        latest.landed_id
    from latest
    left join agencies on latest.organ_code = agencies.agency_code
)

select
    dossier_id,
    agency_code,
    organ_code,
    procedure_code,
    procedure_name,
    field_code,
    channel,
    service_level,
    return_channel,
    state_number,
    state,
    filed_at,
    received_at,
    due_at,
    finished_at,
    returned_at,
    completed_at,
    is_received,
    is_on_time,
    updated_at,
    state_count,
    night_on,
    landed_id
from final
