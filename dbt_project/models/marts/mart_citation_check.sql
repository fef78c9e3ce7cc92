{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_citation_checks() }}",
        post_hook="{{ remember_touched() }}"
    )
}}

-- Documents cited in the notes of reports that hold, wait in quarantine or lost to another door, and why each should be
-- looked at. A book is one notation of one issuer in one year; in it numbers rise with dates.
with

citations as (
    select * from {{ ref('fct_citation') }}
    where {{ is_changed('submission_id') }}
),

submissions as (
    select * from {{ ref('fct_submission') }}
),

-- The books of those who issued what is cited here.
documents as (
    select * from {{ ref('dim_document') }}
    where
        document_key in (select citations.document_key from citations)
        or agency_code in (
            select issued.agency_code from {{ ref('dim_document') }} as issued
            where
                issued.agency_code <> 'unknown'
                and issued.document_key in (select citations.document_key from citations)
        )
),

periods as (
    select * from {{ ref('dim_period') }}
),

looked_at as (
    select
        submission_id,
        status,
        coalesce(document_on, cast(received_at as date)) as reported_on
    from submissions
    where
        status in ('accepted', 'quarantined')
        or status_reason = 'other_door_holds'
),

cited_keys as (
    select distinct held.document_key
    from {{ ref('fct_citation') }} as held
    inner join looked_at on held.submission_id = looked_at.submission_id
    where held.document_key in (select documents.document_key from documents)
),

register_spans as (
    select
        agency_code,
        min(document_on) as first_on,
        max(document_on) as last_on
    from documents
    where
        is_registered
        and agency_code <> 'unknown'
    group by agency_code
),

numbered as (
    select
        document_key,
        agency_code,
        notation,
        ordinal,
        document_on,
        max(document_on) over (
            partition by agency_code, notation, year(document_on)
            order by ordinal
            range between unbounded preceding and 1 preceding
        ) as latest_below_on,
        min(document_on) over (
            partition by agency_code, notation, year(document_on)
            order by ordinal
            range between 1 following and unbounded following
        ) as earliest_above_on
    from documents
    where
        agency_code <> 'unknown'
        and notation is not null
        and ordinal is not null
        and document_on is not null
        and (is_registered or document_key in (select cited_keys.document_key from cited_keys))
),

cited as (
    select
        citations.submission_id,
        citations.agency_code,
        citations.period_code,
        citations.indicator_code,
        citations.document_position,
        citations.document_key,
        citations.document_number,
        citations.document_on,
        looked_at.status as quality_status,
        looked_at.reported_on,
        periods.year as period_year,
        citations.document_on between periods.data_from and periods.data_to as is_in_window,
        try_cast(
            nullif(regexp_extract(citations.document_number, '/((?:19|20)[0-9]{2})/', 1), '') as integer
        ) as number_year,
        documents.agency_code as issuer_code,
        documents.is_registered,
        documents.ordinal,
        documents.notation,
        register_spans.first_on as register_first_on,
        register_spans.last_on as register_last_on,
        numbered.latest_below_on,
        numbered.earliest_above_on
    from citations
    inner join looked_at on citations.submission_id = looked_at.submission_id
    inner join periods on citations.period_code = periods.period_code
    inner join documents on citations.document_key = documents.document_key
    left join register_spans on documents.agency_code = register_spans.agency_code
    left join numbered on citations.document_key = numbered.document_key
    where periods.period_code <> 'unknown'
),

-- Where a document of another year would stand in the book of the period's year.
neighbours as (
    select
        cited.document_key,
        cited.period_year,
        {{ arg_max(
            'neighbour_documents.document_number', '(neighbour_documents.ordinal, neighbour_documents.document_key)', 'neighbour_documents.ordinal < cited.ordinal'
        ) }} as number_below,
        {{ arg_max(
            'neighbour_documents.document_on', '(neighbour_documents.ordinal, neighbour_documents.document_key)', 'neighbour_documents.ordinal < cited.ordinal'
        ) }} as below_on,
        {{ arg_min(
            'neighbour_documents.document_number', '(neighbour_documents.ordinal, neighbour_documents.document_key)', 'neighbour_documents.ordinal > cited.ordinal'
        ) }} as number_above,
        {{ arg_min(
            'neighbour_documents.document_on', '(neighbour_documents.ordinal, neighbour_documents.document_key)', 'neighbour_documents.ordinal > cited.ordinal'
        ) }} as above_on
    from cited
    inner join documents as neighbour_documents
        on
            cited.issuer_code = neighbour_documents.agency_code
            and cited.notation = neighbour_documents.notation
            and cited.period_year = year(neighbour_documents.document_on)
    where
        year(cited.document_on) <> cited.period_year
        and cited.issuer_code <> 'unknown'
    group by cited.document_key, cited.period_year
),

faults as (
    select
        cited.*,
        'wrong_year' as fault,
        case
            when neighbours.number_below is not null and neighbours.number_above is not null
                then
                    'Ghi năm ' || year(cited.document_on) || ', nhưng số nằm giữa ' || neighbours.number_below || ' ('
                    || {{ written_date('neighbours.below_on') }} || ') và ' || neighbours.number_above || ' ('
                    || {{ written_date('neighbours.above_on') }} || ')'
            else 'Ghi năm ' || year(cited.document_on) || ', kỳ báo cáo năm ' || cited.period_year
        end as detail_vi
    from cited
    left join neighbours
        on
            cited.document_key = neighbours.document_key
            and cited.period_year = neighbours.period_year
    where
        (year(cited.document_on) <> cited.period_year and not cited.is_in_window)
        or cited.number_year <> year(cited.document_on)

    union all

    select
        *,
        'out_of_order' as fault,
        case
            when latest_below_on > document_on
                then 'Số nhỏ hơn trong cùng sổ đã mang ngày ' || {{ written_date('latest_below_on') }}
            else 'Số lớn hơn trong cùng sổ lại mang ngày ' || {{ written_date('earliest_above_on') }}
        end as detail_vi
    from cited
    where
        latest_below_on > document_on
        or earliest_above_on < document_on

    union all

    select
        *,
        'not_in_register' as fault,
        'Không có trong sổ văn bản đi của cơ quan ban hành (' || issuer_code || ')' as detail_vi
    from cited
    where
        not is_registered
        and document_on between register_first_on and register_last_on

    union all

    select
        *,
        'dated_after_report' as fault,
        'Ngày văn bản sau ngày báo cáo ' || {{ written_date('reported_on') }} as detail_vi
    from cited
    where document_on > reported_on
)

select
    agency_code,
    period_code,
    indicator_code,
    submission_id,
    document_position,
    fault,
    document_key,
    document_number,
    document_on,
    issuer_code,
    reported_on,
    detail_vi,
    quality_status
from faults
