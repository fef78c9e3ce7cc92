-- What a person is asked to look at in a form that contradicts itself, as the last night that thought of it has it.
with

proposals as (
    select * from {{ ref('stg_audit__repair_proposal') }}
    qualify rank() over (partition by submission_id order by night_on desc, rules_version asc) = 1
),

causes as (
    select * from {{ ref('repair_causes') }}
),

submissions as (
    select * from {{ ref('fct_submission') }}
),

final as (
    select
        submissions.agency_code,
        submissions.period_code,
        submissions.status = 'quarantined' as is_quarantined,
        proposals.submission_id,
        proposals.proposal_rank,
        proposals.change_position,
        proposals.indicator_code,
        proposals.aspect,
        proposals.cause,
        causes.name_vi as cause_vi,
        causes.name_en as cause_en,
        proposals.old_value,
        proposals.new_value,
        proposals.low_value,
        proposals.high_value,
        proposals.swapped_with_code,
        proposals.proposal_cost,
        proposals.rules_version,
        proposals.night_on
    from proposals
    inner join submissions on proposals.submission_id = submissions.submission_id
    inner join causes on proposals.cause = causes.cause
)

select
    agency_code,
    period_code,
    is_quarantined,
    submission_id,
    proposal_rank,
    change_position,
    indicator_code,
    aspect,
    cause,
    cause_vi,
    cause_en,
    old_value,
    new_value,
    low_value,
    high_value,
    swapped_with_code,
    proposal_cost,
    rules_version,
    night_on
from final
