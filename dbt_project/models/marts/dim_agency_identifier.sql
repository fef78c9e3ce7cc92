-- Everything by which an agency is or was known, with the days on which it goes by it: organ ids in both forms,
-- statistics-office codes, names now and before, spellings of the name, the notation of its documents.
with

agencies as (
    select * from {{ ref('dim_agency') }}
),

written as (
    select * from {{ ref('agency_identifiers') }}
),

renamed as (
    select
        agency_code,
        max(valid_to) as last_on
    from written
    where scheme = 'former_name'
    group by agency_code
),

united as (
    select
        agency_code,
        'organ_id_old' as scheme,
        organ_id as identifier,
        valid_from,
        valid_to
    from agencies

    union all

    select
        agency_code,
        'organ_id_new' as scheme,
        case when organ_id is not null then agency_code end as identifier,
        valid_from,
        valid_to
    from agencies

    union all

    select
        agency_code,
        'statistics_code' as scheme,
        statistics_code as identifier,
        valid_from,
        valid_to
    from agencies

    union all

    select
        agencies.agency_code,
        'name' as scheme,
        agencies.name_vi as identifier,
        coalesce(renamed.last_on + 1, agencies.valid_from) as valid_from,
        agencies.valid_to
    from agencies
    left join renamed on agencies.agency_code = renamed.agency_code
    where agencies.agency_code <> 'unknown'

    union all

    select
        agency_code,
        'document_suffix' as scheme,
        doc_suffix as identifier,
        valid_from,
        valid_to
    from agencies

    union all

    select
        written.agency_code,
        written.scheme,
        written.identifier,
        coalesce(written.valid_from, agencies.valid_from) as valid_from,
        coalesce(written.valid_to, agencies.valid_to) as valid_to
    from written
    inner join agencies on written.agency_code = agencies.agency_code
    where written.scheme <> 'statistics_code'
),

final as (
    select
        agency_code,
        scheme,
        identifier,
        valid_from,
        valid_to
    from united
    where identifier is not null
)

select
    agency_code,
    scheme,
    identifier,
    valid_from,
    valid_to
from final
