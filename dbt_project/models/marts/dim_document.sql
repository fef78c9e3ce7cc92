{{
    config(
        materialized='incremental',
        pre_hook="{{ forget_touched_documents() }}",
        post_hook="{{ remember_documents() }}"
    )
}}

-- Every official document that was cited, registered or sent as a report: its number taken apart, who issued it, and
-- where it is known from. The issuer is the register's; else the one agency whose documents end in that notation.
with

registered as (
    select * from {{ ref('fct_outgoing_document') }}
    where {{ is_changed('document_key') }}
),

cited as (
    select * from {{ ref('fct_citation') }}
    where {{ is_changed('document_key') }}
),

submissions as (
    select * from {{ ref('int_submission_placed') }}
    where {{ is_changed('document_key') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

suffixes as (
    select
        {{ document_number('doc_suffix') }} as issuer_suffix,
        min(agency_code) as agency_code
    from agencies
    where doc_suffix is not null
    group by {{ document_number('doc_suffix') }}
    having count(*) = 1
),

named as (
    select
        document_key,
        {{ document_number('document_number') }} as document_number,
        document_on,
        agency_code,
        1 as registered_count,
        0 as cited_count,
        0 as report_count
    from registered

    union all

    select
        document_key,
        {{ document_number('document_number') }} as document_number,
        document_on,
        null as agency_code,
        0 as registered_count,
        1 as cited_count,
        0 as report_count
    from cited

    union all

    select
        document_key,
        {{ document_number('document_number') }} as document_number,
        document_on,
        nullif(agency_code, 'unknown') as agency_code,
        0 as registered_count,
        0 as cited_count,
        1 as report_count
    from submissions
    where document_key is not null
),

grouped as (
    select
        document_key,
        min(document_number) as document_number,
        min(document_on) as document_on,
        min(nullif(agency_code, 'unknown')) as known_agency_code,
        sum(registered_count) > 0 as is_registered,
        sum(cited_count) as citation_count,
        sum(report_count) > 0 as is_report
    from named
    where document_key <> 'unknown'
    group by document_key
),

parsed as (
    select
        *,
        try_cast(regexp_extract(document_number, '^([0-9]+)', 1) as integer) as ordinal,
        nullif(regexp_extract(document_number, '/(.+)$', 1), '') as notation,
        nullif(regexp_extract(document_number, '([^-/0-9]+)$', 1), '') as issuer_suffix
    from grouped
),

known as (
    select
        parsed.document_key,
        parsed.document_number,
        parsed.document_on,
        parsed.ordinal,
        parsed.notation,
        parsed.issuer_suffix,
        coalesce(parsed.known_agency_code, suffixes.agency_code, 'unknown') as agency_code,
        parsed.is_registered,
        parsed.is_report,
        parsed.citation_count
    from parsed
    left join suffixes on parsed.issuer_suffix = suffixes.issuer_suffix
),

unknown as (
    select
        'unknown' as document_key,
        null as document_number,
        null as document_on,
        null as ordinal,
        null as notation,
        null as issuer_suffix,
        'unknown' as agency_code,
        false as is_registered,
        false as is_report,
        0 as citation_count
),

final as (
    select * from known

    union all

    select * from unknown
    where {{ is_changed('document_key') }}
)

select
    document_key,
    document_number,
    document_on,
    ordinal,
    notation,
    issuer_suffix,
    agency_code,
    is_registered,
    is_report,
    cast(citation_count as bigint) as citation_count
from final
