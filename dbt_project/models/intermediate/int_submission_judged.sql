-- What each submission counts for once the gate has judged it. In this order: withdrawn, quarantined, superseded,
-- accepted.
--
-- A chain's head is its last submission that is neither quarantined nor replaced from within the chain. A head that was
-- withdrawn, or replaced from another chain, holds nothing, and what it had replaced is not revived. Among the heads of
-- one agency and period the door of the lowest precedence number holds.
with

placed as (
    select * from {{ ref('int_submission_placed') }}
),

results as (
    select * from {{ ref('stg_audit__rule_result') }}
),

targets as (
    select * from {{ ref('stg_raw__edoc_target') }}
),

waivers as (
    select * from {{ ref('stg_raw__waiver') }}
),

-- A failed rule that an officer let pass is none.
failures as (
    select
        results.submission_id,
        count(*) filter (where results.severity = 'error') as failed_error_count,
        count(*) filter (where results.severity = 'warning') as failed_warning_count
    from results
    left join waivers
        on
            results.submission_id = waivers.submission_id
            and results.rule_id = waivers.rule_id
    where
        results.outcome = 'failed'
        and waivers.submission_id is null
    group by results.submission_id
),

checked as (
    select
        placed.*,
        coalesce(failures.failed_error_count, 0) as failed_error_count,
        coalesce(failures.failed_warning_count, 0) as failed_warning_count,
        placed.is_withdrawn_by_sender or placed.is_recalled as is_withdrawn,
        (
            placed.agency_code = 'unknown'
            or placed.period_code = 'unknown'
            or not placed.is_known_form
            or placed.error_problem_count > 0
            or coalesce(failures.failed_error_count, 0) > 0
        ) as is_faulty
    from placed
    left join failures on placed.submission_id = failures.submission_id
),

-- A replacement that is itself in quarantine has not replaced anything yet; one from somebody else never does.
replaced as (
    select
        named.submission_id,
        bool_or(
            replacement.agency_code = named.agency_code
            and replacement.period_code = named.period_code
            and replacement.form_code = named.form_code
            and replacement.source = named.source
            and replacement.reading = named.reading
        ) as is_replaced_within_chain
    from targets
    inner join checked as named on targets.target_document_id = named.document_id
    inner join checked as replacement
        on
            targets.document_id = replacement.document_id
            and named.submission_id <> replacement.submission_id
            and named.landed_id <> replacement.landed_id
    where
        targets.business in ('update', 'replace')
        and (replacement.is_withdrawn or not replacement.is_faulty)
        and (
            replacement.agency_code = named.agency_code
            or coalesce(replacement.organ_code = named.organ_code, true)
        )
        -- a package that names itself replaces what came under its name before it
        and (
            named.document_id <> replacement.document_id
            or (named.received_at, named.landed_id) < (replacement.received_at, replacement.landed_id)
        )
    group by named.submission_id
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
                    checked.reading
            ),
            false
        ) as is_chain_head
    from checked
    left join replaced on checked.submission_id = replaced.submission_id
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
            partition by agency_code, period_code, is_candidate
            order by precedence asc, received_at desc, landed_id desc, submission_id asc
        ) = 1 as holds
    from candidates
),

final as (
    select
        submission_id,
        agency_code,
        organ_code,
        period_code,
        form_code,
        source,
        reading,
        precedence,
        door_id,
        document_id,
        document_number,
        document_on,
        revision,
        chain_position,
        submitted_at,
        updated_at,
        received_at,
        due_on,
        is_late,
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
            when error_problem_count > 0 then 'error_problem'
            when failed_error_count > 0 then 'failed_rule'
            when holds then 'holds'
            when is_replaced then 'replaced'
            when is_candidate then 'other_door_holds'
            else 'later_revision'
        end as status_reason,
        withdrawn_at,
        error_problem_count,
        failed_error_count,
        failed_warning_count,
        night_on,
        source_locator,
        sha256,
        landed_id
    from ranked
)

select * from final
