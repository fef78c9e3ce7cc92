{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_versions() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

-- The first figure that an agency gave for a period against the last, where it sent more than one: what holds now and
-- the earlier revisions that it replaced. What was in quarantine never counted and is left out.
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

versions as (
    select
        submission_id,
        agency_code,
        period_code,
        received_at,
        row_number() over in_order as version_number,
        count(*) over (partition by agency_code, period_code) as version_count,
        bool_or(status = 'accepted') over (partition by agency_code, period_code) as has_holder
    from submissions
    where
        status = 'accepted'
        or status_reason in ('later_revision', 'replaced')
    window
        in_order as (
            partition by agency_code, period_code
            order by (status = 'accepted') asc, received_at asc, revision asc, submission_id asc
        )
),

pairs as (
    select
        first_version.agency_code,
        first_version.period_code,
        first_version.submission_id as first_submission_id,
        first_version.received_at as first_received_at,
        last_version.submission_id as last_submission_id,
        last_version.received_at as last_received_at,
        last_version.version_count
    from versions as first_version
    inner join versions as last_version
        on
            first_version.agency_code = last_version.agency_code
            and first_version.period_code = last_version.period_code
            and last_version.version_number = last_version.version_count
    where
        first_version.version_number = 1
        and first_version.version_count > 1
        and first_version.has_holder
),

final as (
    select
        pairs.agency_code,
        pairs.period_code,
        first_figure.indicator_code,
        first_figure.value as first_value,
        last_figure.value as last_value,
        cast(last_figure.value - first_figure.value as decimal(20, 6)) as revision_amount,
        case
            when first_figure.value <> 0
                then {{ exact_change_percent('last_figure.value', 'first_figure.value') }}
        end as revision_percent,
        coalesce(last_figure.value <> first_figure.value, true) as is_revised,
        pairs.version_count,
        pairs.first_submission_id,
        pairs.first_received_at,
        pairs.last_submission_id,
        pairs.last_received_at
    from pairs
    inner join figures as first_figure on pairs.first_submission_id = first_figure.submission_id
    inner join figures as last_figure
        on
            pairs.last_submission_id = last_figure.submission_id
            and first_figure.indicator_code = last_figure.indicator_code
    where
        first_figure.indicator_code <> 'unknown'
        and coalesce(first_figure.value, last_figure.value) is not null
)

select
    agency_code,
    period_code,
    indicator_code,
    first_value,
    last_value,
    revision_amount,
    revision_percent,
    is_revised,
    version_count,
    first_submission_id,
    first_received_at,
    last_submission_id,
    last_received_at
from final
