with

rules as (
    select * from {{ ref('rules') }}
),

known as (
    select
        rule_id,
        severity,
        {{ quoted('left') }} as left_side,
        operator,
        {{ quoted('right') }} as right_side,
        tolerance,
        on_missing,
        message_vi,
        message_en,
        {{ quoted('right') }} like 'source(%)' as is_against_record
    from rules
),

unknown as (
    select
        'unknown' as rule_id,
        'unknown' as severity,
        null as left_side,
        null as operator,
        null as right_side,
        null as tolerance,
        null as on_missing,
        'Không xác định' as message_vi,
        'Unknown' as message_en,
        false as is_against_record
),

final as (
    select * from known

    union all

    select * from unknown
)

select
    rule_id,
    severity,
    left_side,
    operator,
    right_side,
    tolerance,
    on_missing,
    message_vi,
    message_en,
    is_against_record
from final
