{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_versions() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

-- The report that holds beside the ones that came by other doors for the same agency and period, lost to it or wait in
-- quarantine (of those the last by each door): every cell in which they differ. The precedence of the doors is declared
-- in `dim_source`.
with

-- Nearly all agencies send one report for a period: the others' figures are few.
submissions as (
    select * from {{ ref('fct_submission') }}
    where {{ is_changed(agency_period()) }}
    qualify count(*) over (partition by agency_code, period_code) > 1
),

figures as (
    select * from {{ ref('fct_indicator_value') }}
    where submission_id in (select submissions.submission_id from submissions)
),

quarantined as (
    select *
    from submissions
    where status = 'quarantined'
    qualify
        row_number() over (
            partition by agency_code, period_code, source, reading
            order by revision desc, received_at desc, submission_id desc
        ) = 1
),

others as (
    select *
    from submissions
    where status_reason = 'other_door_holds'

    union all

    select * from quarantined
),

pairs as (
    select
        holding.submission_id as holding_submission_id,
        others.submission_id as other_submission_id
    from submissions as holding
    inner join others
        on
            holding.agency_code = others.agency_code
            and holding.period_code = others.period_code
            and (holding.source, holding.reading) <> (others.source, others.reading)
    where holding.status = 'accepted'
),

compared as (
    select
        holding.agency_code,
        holding.period_code,
        holding.indicator_code,
        pairs.holding_submission_id,
        holding.source as holding_source,
        holding.reading as holding_reading,
        holding.value as holding_value,
        holding.value_text as holding_text,
        holding.observation_status as holding_observation_status,
        holding.source_locator as holding_locator,
        pairs.other_submission_id,
        other.quality_status as other_quality_status,
        other.source as other_source,
        other.reading as other_reading,
        other.value as other_value,
        other.value_text as other_text,
        other.observation_status as other_observation_status,
        other.source_locator as other_locator,
        cast(other.value - holding.value as decimal(20, 6)) as difference
    from pairs
    inner join figures as holding on pairs.holding_submission_id = holding.submission_id
    inner join figures as other
        on
            pairs.other_submission_id = other.submission_id
            and holding.indicator_code = other.indicator_code
    where holding.indicator_code <> 'unknown'
),

final as (
    select
        *,
        case
            when holding_value is not null and other_value is not null and difference <> 0 then 'value_differs'
            when holding_value is not null and other_value is null then 'only_holding_has_value'
            when holding_value is null and other_value is not null then 'only_other_has_value'
            when
                holding_value is null
                and other_value is null
                and {{ trimmed('holding_text') }} <> {{ trimmed('other_text') }}
                then 'text_differs'
        end as conflict_kind
    from compared
)

select
    agency_code,
    period_code,
    indicator_code,
    conflict_kind,
    difference,
    holding_submission_id,
    holding_source,
    holding_reading,
    holding_value,
    holding_text,
    holding_observation_status,
    holding_locator,
    other_submission_id,
    other_quality_status,
    other_source,
    other_reading,
    other_value,
    other_text,
    other_observation_status,
    other_locator
from final
where conflict_kind is not null
