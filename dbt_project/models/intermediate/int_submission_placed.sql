{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_places() }}",
        post_hook="{{ remember_touched(is_compared=true) }}"
    )
}}

-- Each submission with its agency, period and form as the dims know them, its place in its chain, and whether its own
-- events or a recall withdrew it. A chain is one agency, form and period by one door (source and reading).
with

submissions as (
    select * from {{ ref('stg_raw__submission') }}
    where {{ is_changed('submission_id', 'key') }}
),

events as (
    select * from {{ ref('stg_raw__submission_event') }}
    where {{ is_changed('submission_id', 'key') }}
),

problems as (
    select * from {{ ref('stg_raw__problem') }}
),

targets as (
    select * from {{ ref('stg_raw__edoc_target') }}
),

messages as (
    select * from {{ ref('stg_raw__edoc_message') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

precedences as (
    select * from {{ ref('source_precedence') }}
),

known_forms as (
    select distinct form_code
    from indicators
    where form_code is not null
),

belonging as (
    {{ placed_submissions('submissions') }}
),

resolved as (
    select
        belonging.*,
        known_forms.form_code is not null as is_known_form,
        coalesce(precedences.precedence, 99) as precedence
    from belonging
    left join known_forms on belonging.form_code = known_forms.form_code
    left join precedences
        on
            belonging.source = precedences.source
            and belonging.reading = precedences.reading
),

last_events as (
    select
        submission_id,
        {{ arg_max('event', "(event_at, landed_id, event = 'withdrawn')") }} as last_event,
        max(event_at) as event_at
    from events
    group by submission_id
),

-- A recall counts when its sender is not known to be somebody else than the document's.
recalls as (
    select
        resolved.submission_id,
        min(targets.event_at) as recalled_at
    from resolved
    inner join targets on resolved.document_id = targets.target_document_id
    left join messages
        on
            targets.document_id = messages.document_id
            and targets.landed_id = messages.landed_id
    where
        targets.business = 'recall'
        and coalesce(messages.organ_code in (resolved.organ_code, resolved.resolved_agency_code), true)
    group by resolved.submission_id
),

error_problems as (
    select
        submission_id,
        count(*) as error_problem_count
    from problems
    where
        submission_id is not null
        and severity = 'error'
        and {{ is_changed('submission_id', 'key') }}
    group by submission_id
),

final as (
    select
        resolved.submission_id,
        resolved.resolved_agency_code as agency_code,
        resolved.organ_code,
        resolved.resolved_period_code as period_code,
        coalesce(resolved.form_code, 'unknown') as form_code,
        resolved.source,
        resolved.reading,
        resolved.precedence,
        resolved.door_id,
        resolved.document_id,
        resolved.document_number,
        resolved.document_on,
        case
            when resolved.document_number is not null
                then {{ document_key('resolved.document_number', 'resolved.document_on') }}
        end as document_key,
        resolved.revision,
        row_number() over (
            partition by
                resolved.resolved_agency_code,
                resolved.resolved_period_code,
                resolved.form_code,
                resolved.source,
                resolved.reading
            order by
                resolved.revision,
                coalesce(resolved.updated_at, resolved.received_at),
                resolved.landed_id,
                resolved.submission_id
        ) as chain_position,
        resolved.submitted_at,
        resolved.updated_at,
        resolved.received_at,
        resolved.due_on,
        cast(resolved.received_at as date) > resolved.due_on as is_late,
        coalesce(last_events.last_event = 'withdrawn', false) as is_withdrawn_by_sender,
        recalls.submission_id is not null as is_recalled,
        case
            when last_events.last_event = 'withdrawn'
                then least(last_events.event_at, coalesce(recalls.recalled_at, last_events.event_at))
            else recalls.recalled_at
        end as withdrawn_at,
        resolved.is_known_form,
        coalesce(error_problems.error_problem_count, 0) as error_problem_count,
        resolved.night_on,
        resolved.source_locator,
        resolved.sha256,
        resolved.landed_id
    from resolved
    left join last_events on resolved.submission_id = last_events.submission_id
    left join recalls on resolved.submission_id = recalls.submission_id
    left join error_problems on resolved.submission_id = error_problems.submission_id
)

select * from final
