with

agencies as (
    select * from {{ ref('agencies') }}
),

known as (
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
        level in ('department', 'district') as is_reporting
    from agencies
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
        false as is_reporting
),

final as (
    select * from known
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
    is_reporting
from final
