-- What each submission counted for, from which night to which: the judgement of `int_submission_judged`, made again for
-- every night that changed something for its agency and period, from what was known by then. A submission's first
-- verdict stands from the night it came, since nothing is published before it was judged.
with

placed as (
    select * from {{ ref('int_submission_placed') }}
),

events as (
    select * from {{ ref('stg_raw__submission_event') }}
),

targets as (
    select * from {{ ref('stg_raw__edoc_target') }}
),

messages as (
    select * from {{ ref('stg_raw__edoc_message') }}
),

problems as (
    select * from {{ ref('stg_raw__problem') }}
),

all_verdicts as (
    select * from {{ ref('stg_audit__rule_verdict') }}
),

later_verdicts as (
    select
        submission_id,
        night_on
    from all_verdicts
    where verdict_number > 1
),

-- Replacements and recalls, by the submission that they name.
recalls as (
    select
        named.submission_id,
        targets.night_on
    from targets
    inner join placed as named on targets.target_document_id = named.document_id
    left join messages
        on
            targets.document_id = messages.document_id
            and targets.landed_id = messages.landed_id
    where
        targets.business = 'recall'
        and coalesce(messages.organ_code in (named.organ_code, named.agency_code), true)
),

replacements as (
    select
        named.submission_id,
        replacement.submission_id as replacement_id,
        greatest(targets.night_on, replacement.night_on) as night_on,
        (
            replacement.agency_code = named.agency_code
            and replacement.period_code = named.period_code
            and replacement.form_code = named.form_code
            and replacement.source = named.source
            and replacement.reading = named.reading
        ) as is_within_chain
    from targets
    inner join placed as named on targets.target_document_id = named.document_id
    inner join placed as replacement
        on
            targets.document_id = replacement.document_id
            and named.submission_id <> replacement.submission_id
            and named.landed_id <> replacement.landed_id
    where
        targets.business in ('update', 'replace')
        and (
            replacement.agency_code = named.agency_code
            or coalesce(replacement.organ_code = named.organ_code, true)
        )
        and (
            named.document_id <> replacement.document_id
            or (named.received_at, named.landed_id) < (replacement.received_at, replacement.landed_id)
        )
),

own_changes as (
    select
        submission_id,
        night_on
    from placed

    union

    select
        submission_id,
        night_on
    from events

    union

    select
        submission_id,
        night_on
    from recalls

    union

    select
        submission_id,
        night_on
    from problems
    where
        submission_id is not null
        and severity = 'error'

    union

    select
        submission_id,
        night_on
    from later_verdicts
),

changes as (
    select
        submission_id,
        night_on
    from own_changes

    union

    select
        replacements.submission_id,
        greatest(replacements.night_on, own_changes.night_on) as night_on
    from replacements
    inner join own_changes on replacements.replacement_id = own_changes.submission_id
),

change_nights as (
    select distinct
        placed.agency_code,
        placed.period_code,
        changes.night_on
    from changes
    inner join placed on changes.submission_id = placed.submission_id
),

group_nights as (
    select
        placed.submission_id,
        change_nights.night_on
    from placed
    inner join change_nights
        on
            placed.agency_code = change_nights.agency_code
            and placed.period_code = change_nights.period_code
            and placed.night_on <= change_nights.night_on
),

-- A replacement may stand for another agency or period: what it is by the nights of what it names is needed too.
moments as (
    select
        submission_id,
        night_on
    from group_nights

    union

    select
        replacements.replacement_id as submission_id,
        group_nights.night_on
    from replacements
    inner join group_nights on replacements.submission_id = group_nights.submission_id
    where replacements.night_on <= group_nights.night_on
),

sent_back as (
    select
        moments.submission_id,
        moments.night_on,
        arg_max(events.event, (events.event_at, events.landed_id, events.event = 'withdrawn')) as last_event
    from moments
    inner join events
        on
            moments.submission_id = events.submission_id
            and moments.night_on >= events.night_on
    group by moments.submission_id, moments.night_on
),

recalled as (
    select distinct
        moments.submission_id,
        moments.night_on
    from moments
    inner join recalls
        on
            moments.submission_id = recalls.submission_id
            and moments.night_on >= recalls.night_on
),

remarked as (
    select distinct
        moments.submission_id,
        moments.night_on
    from moments
    inner join problems
        on
            moments.submission_id = problems.submission_id
            and moments.night_on >= problems.night_on
    where problems.severity = 'error'
),

ruled as (
    select
        moments.submission_id,
        moments.night_on,
        arg_max(all_verdicts.failed_error_count, all_verdicts.verdict_number) as failed_error_count
    from moments
    inner join all_verdicts
        on
            moments.submission_id = all_verdicts.submission_id
            and (moments.night_on >= all_verdicts.night_on or all_verdicts.verdict_number = 1)
    group by moments.submission_id, moments.night_on
),

checked as (
    select
        placed.submission_id,
        moments.night_on as as_of_on,
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
        coalesce(sent_back.last_event = 'withdrawn', false) as is_withdrawn_by_sender,
        recalled.submission_id is not null as is_recalled,
        remarked.submission_id is not null as has_error_problem,
        coalesce(ruled.failed_error_count, 0) > 0 as has_failed_rule,
        coalesce(sent_back.last_event = 'withdrawn', false) or recalled.submission_id is not null as is_withdrawn,
        (
            placed.agency_code = 'unknown'
            or placed.period_code = 'unknown'
            or not placed.is_known_form
            or remarked.submission_id is not null
            or coalesce(ruled.failed_error_count, 0) > 0
        ) as is_faulty
    from moments
    inner join placed on moments.submission_id = placed.submission_id
    left join sent_back
        on
            moments.submission_id = sent_back.submission_id
            and moments.night_on = sent_back.night_on
    left join recalled
        on
            moments.submission_id = recalled.submission_id
            and moments.night_on = recalled.night_on
    left join remarked
        on
            moments.submission_id = remarked.submission_id
            and moments.night_on = remarked.night_on
    left join ruled
        on
            moments.submission_id = ruled.submission_id
            and moments.night_on = ruled.night_on
),

replaced as (
    select
        group_nights.submission_id,
        group_nights.night_on,
        bool_or(replacements.is_within_chain) as is_replaced_within_chain
    from group_nights
    inner join replacements
        on
            group_nights.submission_id = replacements.submission_id
            and group_nights.night_on >= replacements.night_on
    inner join checked as replacement
        on
            replacements.replacement_id = replacement.submission_id
            and group_nights.night_on = replacement.as_of_on
    where replacement.is_withdrawn or not replacement.is_faulty
    group by group_nights.submission_id, group_nights.night_on
),

positioned as (
    select
        checked.*,
        replaced.submission_id is not null as is_replaced,
        coalesce(
            checked.chain_position = max(
                case
                    when
                        (checked.is_withdrawn or not checked.is_faulty)
                        and not coalesce(replaced.is_replaced_within_chain, false)
                        then checked.chain_position
                end
            ) over (
                partition by
                    checked.agency_code,
                    checked.period_code,
                    checked.form_code,
                    checked.source,
                    checked.reading,
                    checked.as_of_on
            ),
            false
        ) as is_chain_head
    from checked
    inner join group_nights
        on
            checked.submission_id = group_nights.submission_id
            and checked.as_of_on = group_nights.night_on
    left join replaced
        on
            checked.submission_id = replaced.submission_id
            and checked.as_of_on = replaced.night_on
),

candidates as (
    select
        *,
        is_chain_head and not is_withdrawn and not is_faulty and not is_replaced as is_candidate
    from positioned
),

ranked as (
    select
        *,
        is_candidate
        and row_number() over (
            partition by agency_code, period_code, as_of_on, is_candidate
            order by precedence asc, received_at desc, landed_id desc, submission_id asc
        ) = 1 as holds
    from candidates
),

judged as (
    select
        submission_id,
        agency_code,
        period_code,
        as_of_on,
        case
            when is_withdrawn then 'withdrawn'
            when is_faulty then 'quarantined'
            when holds then 'accepted'
            else 'superseded'
        end as status,
        case
            when is_recalled then 'recalled'
            when is_withdrawn_by_sender then 'withdrawn_by_sender'
            when agency_code = 'unknown' then 'unknown_agency'
            when period_code = 'unknown' then 'unknown_period'
            when not is_known_form then 'unknown_form'
            when has_error_problem then 'error_problem'
            when has_failed_rule then 'failed_rule'
            when holds then 'holds'
            when is_replaced then 'replaced'
            when is_candidate then 'other_door_holds'
            else 'later_revision'
        end as status_reason
    from ranked
),

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
