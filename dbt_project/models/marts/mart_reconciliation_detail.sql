{{
    config(
        materialized='incremental',
        incremental_strategy='differing',
        meta={'part': 'period_code', 'written_by': ['period_code', 'agency_code']},
        pre_hook="{{ forget_changed_parts(marks_of_reconciliation_detail()) }} {{ find_days_read(around=3) }}",
        post_hook="{{ remember_changed() }}"
    )
}}

-- Where a reported figure differs from the recorded one: the dossiers or documents that the record counts, and those
-- that it just leaves out, each with what makes it doubtful. Rows with `is_counted` add up to the recorded value (for
-- shares: to the denominator, and those with `is_in_numerator` to the numerator). Items come from the latest state.
with

differences as (
    select * from {{ ref('mart_reconciliation') }}
    where
        not is_matching
        and {{ is_changed('period_code') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

submissions as (
    select * from {{ ref('fct_submission') }}
),

-- Only dossiers of some window, as each is tried on every difference of its agency: by one date after another, so that
-- each passes over other years.
dossiers as (
    select * from {{ ref('fct_dossier') }}
    where {{ is_in_days_read('received_at') }}

    union all

    select * from {{ ref('fct_dossier') }}
    where
        {{ is_in_days_read('returned_at') }}
        and not coalesce({{ is_in_days_read('received_at') }}, false)

    union all

    select * from {{ ref('fct_dossier') }}
    where
        {{ is_in_days_read('finished_at') }}
        and returned_at is null
        and not coalesce({{ is_in_days_read('received_at') }}, false)
),

documents as (
    select * from {{ ref('fct_outgoing_document') }}
),

asked as (
    select
        differences.agency_code,
        differences.period_code,
        differences.indicator_code,
        differences.difference,
        periods.data_from,
        periods.data_to,
        submissions.received_at as reported_at
    from differences
    inner join periods on differences.period_code = periods.period_code
    left join submissions on differences.submission_id = submissions.submission_id
),

near_dossiers as (
    select
        asked.agency_code,
        asked.period_code,
        asked.indicator_code,
        asked.difference,
        asked.data_from,
        asked.data_to,
        asked.reported_at,
        'dossier' as item_kind,
        dossiers.dossier_id as item_id,
        dossiers.state,
        dossiers.updated_at,
        cast(
            case
                when asked.indicator_code = 'III.6.2' then coalesce(dossiers.returned_at, dossiers.finished_at)
                else dossiers.received_at
            end as date
        ) as happened_on,
        dossiers.is_received,
        dossiers.channel,
        dossiers.return_channel,
        dossiers.is_on_time,
        dossiers.state_number,
        cast(dossiers.returned_at as date) as returned_on
    from asked
    inner join dossiers on asked.agency_code = dossiers.agency_code
    where
        asked.indicator_code in ('III.6.1', 'III.6.2', 'III.6.3', 'VII.3.4')
        and (asked.indicator_code <> 'VII.3.4' or 'post' in (dossiers.channel, dossiers.return_channel))
),

judged_dossiers as (
    select
        *,
        happened_on between data_from and data_to as is_in_window,
        case indicator_code
            when 'III.6.1' then is_received and happened_on between data_from and data_to
            when 'III.6.2' then coalesce(state_number = 10 and returned_on between data_from and data_to, false)
            when 'III.6.3'
                then
                    is_received
                    and happened_on between data_from and data_to
                    and coalesce(state_number not in (7, 8), true)
            when 'VII.3.4' then is_received and channel = 'post' and happened_on between data_from and data_to
        end as is_counted
    from near_dossiers
    where happened_on between data_from - 3 and data_to + 3
),

dossier_items as (
    select
        agency_code,
        period_code,
        indicator_code,
        difference,
        item_kind,
        item_id,
        state as item_state,
        happened_on,
        coalesce(is_counted, false) as is_counted,
        case when indicator_code = 'III.6.3' then coalesce(is_counted and is_on_time, false) end as is_in_numerator,
        case
            when not coalesce(is_counted, false) and not is_in_window then 'just_outside_window'
            when not coalesce(is_counted, false) and state_number in (1, 3) then 'not_taken_in'
            when not coalesce(is_counted, false) and state_number in (7, 8) then 'withdrawn_or_stopped'
            when not coalesce(is_counted, false) and indicator_code = 'III.6.2' then 'settled_not_returned'
            when not coalesce(is_counted, false) and indicator_code = 'VII.3.4' then 'only_returned_by_post'
            when not coalesce(is_counted, false) then 'left_out'
            when updated_at > reported_at then 'changed_after_report'
            when indicator_code = 'III.6.3' and coalesce(not is_on_time, true) then 'not_on_time'
            when happened_on <= data_from + 2 or happened_on >= data_to - 2 then 'at_edge_of_window'
            else 'counted'
        end as reason
    from judged_dossiers
),

document_items as (
    select
        asked.agency_code,
        asked.period_code,
        asked.indicator_code,
        asked.difference,
        'document' as item_kind,
        documents.document_id as item_id,
        documents.sent_form as item_state,
        documents.document_on as happened_on,
        documents.document_on between asked.data_from and asked.data_to as is_counted,
        case
            when asked.indicator_code = 'VII.1.1.a'
                then
                    documents.document_on between asked.data_from and asked.data_to
                    and documents.is_wholly_electronic
        end as is_in_numerator,
        case
            when documents.document_on not between asked.data_from and asked.data_to then 'just_outside_window'
            when documents.updated_at > asked.reported_at then 'changed_after_report'
            when
                asked.indicator_code = 'VII.1.1.a' and not documents.is_wholly_electronic
                then 'not_wholly_electronic'
            when
                documents.document_on <= asked.data_from + 2 or documents.document_on >= asked.data_to - 2
                then 'at_edge_of_window'
            else 'counted'
        end as reason
    from asked
    inner join documents
        on
            asked.agency_code = documents.agency_code
            and documents.document_on between asked.data_from - 3 and asked.data_to + 3
    where asked.indicator_code in ('VII.1.1', 'VII.1.1.a')
),

final as (
    select * from dossier_items

    union all

    select * from document_items
)

select
    agency_code,
    period_code,
    indicator_code,
    difference,
    item_kind,
    item_id,
    item_state,
    happened_on,
    is_counted,
    is_in_numerator,
    reason
from final
