{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_judgements(is_history=true) }}",
        post_hook="{{ remember_touched() }}",
        meta={'computed_once': ['needed', 'own_changes', 'moments', 'tried']}
    )
}}

-- What each submission counted for, from which night to which: the judgement (macros/judged.sql) made again for every
-- night that changed something for its agency and period, from what was known by then. A submission's first verdict
-- stands from the night it came, since nothing is published before it was judged.
with

{{ judged_together() }},

messages as (
    select * from {{ ref('stg_raw__edoc_message') }}
),

{{ replacements() }},

-- What a replacement is by the nights of what it names is needed too, for whomever it stands itself.
needed as (
    select submission_id
    from here

    union

    select replacements.replacement_id as submission_id
    from replacements
    inner join here on replacements.submission_id = here.submission_id
),

events as (
    select * from {{ ref('stg_raw__submission_event') }}
    where submission_id in (select needed.submission_id from needed)
),

error_problems as (
    select * from {{ ref('stg_raw__problem') }}
    where
        severity = 'error'
        and submission_id in (select needed.submission_id from needed)
),

verdicts as (
    select * from {{ ref('int_rule_verdict') }}
    where submission_id in (select needed.submission_id from needed)
),

recalls as (
    select
        named.submission_id,
        targets.night_on
    from {{ ref('stg_raw__edoc_target') }} as targets
    inner join placed as named on targets.target_document_id = named.document_id
    left join messages
        on
            targets.document_id = messages.document_id
            and targets.landed_id = messages.landed_id
    where
        targets.business = 'recall'
        and coalesce(messages.organ_code in (named.organ_code, named.agency_code), true)
),

{{ moments() }},

sent_back as (
    select
        moments.submission_id,
        moments.night_on,
        {{ arg_max(
            'events.event', "(events.event_at, events.landed_id, events.event = 'withdrawn')"
        ) }} as last_event
    from moments
    inner join events
        on
            moments.submission_id = events.submission_id
            and moments.night_on >= events.night_on
    group by moments.submission_id, moments.night_on
),

ruled as (
    select
        moments.submission_id,
        moments.night_on,
        {{ arg_max('verdicts.failed_error_count', 'verdicts.verdict_number') }} as failed_error_count
    from moments
    inner join verdicts
        on
            moments.submission_id = verdicts.submission_id
            and (moments.night_on >= verdicts.night_on or verdicts.verdict_number = 1)
    group by moments.submission_id, moments.night_on
),

first_recalls as (
    select
        submission_id,
        min(night_on) as night_on
    from recalls
    group by submission_id
),

first_problems as (
    select
        submission_id,
        min(night_on) as night_on
    from error_problems
    group by submission_id
),

checked as (
    select
        placed.submission_id,
        placed.agency_code,
        placed.period_code,
        placed.form_code,
        placed.source,
        placed.reading,
        placed.precedence,
        placed.chain_position,
        placed.received_at,
        placed.landed_id,
        placed.is_known_form,
        moments.night_on as as_of_on,
        moments.is_judged_here,
        coalesce(sent_back.last_event = 'withdrawn', false) as is_withdrawn_by_sender,
        coalesce(first_recalls.night_on <= moments.night_on, false) as is_recalled,
        coalesce(first_problems.night_on <= moments.night_on, false) as has_error_problem,
        coalesce(ruled.failed_error_count, 0) > 0 as has_failed_rule
    from moments
    inner join placed on moments.submission_id = placed.submission_id
    left join sent_back
        on
            moments.submission_id = sent_back.submission_id
            and moments.night_on = sent_back.night_on
    left join ruled
        on
            moments.submission_id = ruled.submission_id
            and moments.night_on = ruled.night_on
    left join first_recalls on moments.submission_id = first_recalls.submission_id
    left join first_problems on moments.submission_id = first_problems.submission_id
),

{{ judged('as_of_on') }},

turns as (
    select
        *,
        coalesce(
            (status, status_reason) <> lag((status, status_reason)) over (
                partition by submission_id
                order by as_of_on
            ),
            true
        ) as is_turn
    from judged
),

final as (
    select
        submission_id,
        row_number() over (partition by submission_id order by as_of_on) as state_order,
        agency_code,
        period_code,
        status,
        status_reason,
        as_of_on as known_from_on,
        lead(as_of_on) over (partition by submission_id order by as_of_on) as known_to_on
    from turns
    where is_turn
)

select
    submission_id,
    state_order,
    agency_code,
    period_code,
    status,
    status_reason,
    known_from_on,
    known_to_on,
    known_to_on is null as is_latest
from final
