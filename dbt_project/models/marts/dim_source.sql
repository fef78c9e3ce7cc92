-- The doors, and which of them holds when an agency's period came by several.
with

precedences as (
    select * from {{ ref('source_precedence') }}
),

known as (
    select
        source || ':' || reading as source_key,
        source,
        reading,
        precedence,
        case source
            when 'portal' then 'Cổng dịch vụ công'
            when 'edoc' then 'Trục liên thông văn bản'
            when 'drop' then 'Thư mục nhận tệp'
        end
        || case reading when 'scanned' then ' (bản quét)' else '' end as label_vi
    from precedences
),

unknown as (
    select
        'unknown' as source_key,
        'unknown' as source,
        'unknown' as reading,
        99 as precedence,
        'Không xác định' as label_vi
),

final as (
    select * from known

    union all

    select * from unknown
)

select
    source_key,
    source,
    reading,
    precedence,
    label_vi
from final
