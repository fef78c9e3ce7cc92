{#-
The judgement of submissions, as two pieces of a `with`: one home for what a submission counts for now
(`int_submission_judged`) and what it counted for on every night (`fct_submission_state`). In this order: withdrawn,
quarantined, superseded, accepted.

A chain's head is its last submission that is neither quarantined nor replaced from within the chain. A head that was
withdrawn, or replaced from another chain, holds nothing, and what it had replaced is not revived. Among the heads of one
agency and period the door of the lowest precedence number holds.
-#}

{#- CTEs `here`, `targets` and `placed`: the submissions that are judged (`list` as in is_changed; always all for an agency
and a period), what documents say of theirs, and they with the submissions that came in those documents. -#}
{%- macro judged_together(list='changed') -%}
here as (
    select * from {{ ref('int_submission_placed') }}
    where {{ is_changed('submission_id', list) }}
),

targets as (
    select * from {{ ref('stg_raw__edoc_target') }}
    where target_document_id in (select here.document_id from here)
),

placed as (
    select * from {{ ref('int_submission_placed') }}
    where
        {{ is_changed('submission_id', list) }}
        or document_id in (select targets.document_id from targets)
)
{%- endmacro -%}

{#- CTE `replacements`: which submission's document replaces which one's, from which night on. It needs the CTEs `placed`
(rows of int_submission_placed) and `targets` (of stg_raw__edoc_target). One from somebody else never replaces anything. -#}
{%- macro replacements() -%}
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
        -- a package that names itself replaces what came under its name before it
        and (
            named.document_id <> replacement.document_id
            or (named.received_at, named.landed_id) < (replacement.received_at, replacement.landed_id)
        )
)
{%- endmacro -%}

{#- CTEs from `checked` (see below) and `replacements` to `judged`: the columns of `checked` with `status` and
`status_reason`. `checked` has a row for each submission and, where there is a column `moment`, for each of its moments:
agency_code, period_code, form_code, source, reading, precedence, chain_position, received_at, landed_id, is_known_form,
is_withdrawn_by_sender, is_recalled, has_error_problem, has_failed_rule, is_judged_here (false for rows that are there only
because they replace something). -#}
{%- macro judged(moment=none) -%}
{%- set apart = moment ~ ', ' if moment else '' -%}
tried as (
    select
        *,
        is_withdrawn_by_sender or is_recalled as is_withdrawn,
        (
            agency_code = 'unknown'
            or period_code = 'unknown'
            or not is_known_form
            or has_error_problem
            or has_failed_rule
        ) as is_faulty
    from checked
),

-- A replacement that is itself in quarantine has not replaced anything yet.
replaced as (
    select
        named.submission_id,
        {{ 'named.' ~ moment ~ ',' if moment }}
        bool_or(replacements.is_within_chain) as is_replaced_within_chain
    from tried as named
    inner join replacements on named.submission_id = replacements.submission_id
    inner join tried as replacement
        on
            replacements.replacement_id = replacement.submission_id
            {% if moment %}
            and named.{{ moment }} = replacement.{{ moment }}
            and named.{{ moment }} >= replacements.night_on
            {% endif %}
    where replacement.is_withdrawn or not replacement.is_faulty
    group by named.submission_id{{ ', named.' ~ moment if moment }}
),

positioned as (
    select
        tried.*,
        replaced.submission_id is not null as is_replaced,
        coalesce(
            tried.chain_position = max(
                case
                    when
                        (tried.is_withdrawn or not tried.is_faulty)
                        and not coalesce(replaced.is_replaced_within_chain, false)
                        then tried.chain_position
                end
            ) over (
                partition by {{ 'tried.' ~ moment ~ ',' if moment }}
                    tried.agency_code, tried.period_code, tried.form_code, tried.source, tried.reading
            ),
            false
        ) as is_chain_head
    from tried
    left join replaced
        on
            tried.submission_id = replaced.submission_id
            {{ 'and tried.' ~ moment ~ ' = replaced.' ~ moment if moment }}
    where tried.is_judged_here
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
            partition by {{ apart }}agency_code, period_code, is_candidate
            order by precedence asc, received_at desc, landed_id desc, submission_id asc
        ) = 1 as holds
    from candidates
),

judged as (
    select
        *,
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
)
{%- endmacro -%}
