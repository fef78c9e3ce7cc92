-- One row for each agency that is or was. Communes have no organ id yet: their code is the province's and their own
-- statistics-office code, which stands for one place only within a province.
with

agencies as (
    select * from {{ ref('agencies') }}
),

communes as (
    select * from {{ ref('commune_successions') }}
),

identifiers as (
    select * from {{ ref('agency_identifiers') }}
),

statistics_codes as (
    select
        agency_code,
        identifier as statistics_code
    from identifiers
    where scheme = 'statistics_code'
),

known as (
    select
        agencies.agency_code,
        agencies.organ_id,
        agencies.name_vi,
        agencies.level,
        agencies.parent_code,
        agencies.short_name,
        agencies.doc_suffix,
        agencies.successor_code,
        agencies.valid_from,
        agencies.valid_to,
        agencies.level in ('department', 'district') as is_reporting,
        statistics_codes.statistics_code
    from agencies
    left join statistics_codes on agencies.agency_code = statistics_codes.agency_code
),

old_communes as (
    select
        communes.old_province_code || '.' || communes.old_commune_code as agency_code,
        null as organ_id,
        communes.old_commune as name_vi,
        'commune' as level,
        districts.agency_code as parent_code,
        null as short_name,
        null as doc_suffix,
        communes.new_province_code || '.' || communes.new_commune_code as successor_code,
        null as valid_from,
        date '2025-06-30' as valid_to,
        false as is_reporting,
        communes.old_commune_code as statistics_code
    from communes
    left join statistics_codes as districts on communes.old_district_code = districts.statistics_code
),

new_communes as (
    select distinct
        communes.new_province_code || '.' || communes.new_commune_code as agency_code,
        null as organ_id,
        communes.new_commune as name_vi,
        'commune' as level,
        provinces.agency_code as parent_code,
        null as short_name,
        null as doc_suffix,
        null as successor_code,
        date '2025-07-01' as valid_from,
        null as valid_to,
        false as is_reporting,
        communes.new_commune_code as statistics_code
    from communes
    left join statistics_codes as provinces on communes.new_province_code = provinces.statistics_code
),

unknown as (
    select
        'unknown' as agency_code,
        null as organ_id,
        'Không xác định' as name_vi,
        'unknown' as level,
        null as parent_code,
        null as short_name,
        null as doc_suffix,
        null as successor_code,
        null as valid_from,
        null as valid_to,
        false as is_reporting,
        null as statistics_code
),

final as (
    select * from known

    union all

    select * from old_communes

    union all

    select * from new_communes

    union all

    select * from unknown
)

select
    agency_code,
    organ_id,
    name_vi,
    level,
    parent_code,
    short_name,
    doc_suffix,
    successor_code,
    valid_from,
    valid_to,
    is_reporting,
    statistics_code
from final
