with

indicators as (
    select * from {{ ref('indicators') }}
),

known as (
    select
        code as indicator_code,
        form_code,
        form_row,
        split_part(code, '.', 1) as section_code,
        parent_code,
        label_vi,
        label_en,
        unit_vi,
        value_type,
        measure,
        choices,
        aggregation,
        value_type <> 'heading' as is_answerable,
        aggregation = 'sum' as is_summable,
        if_any = 1 as is_optional,
        is_share_of_whole = 1 as is_share_of_whole
    from indicators
),

unknown as (
    select
        'unknown' as indicator_code,
        null as form_code,
        null as form_row,
        null as section_code,
        null as parent_code,
        'Không xác định' as label_vi,
        'Unknown' as label_en,
        null as unit_vi,
        'unknown' as value_type,
        null as measure,
        null as choices,
        'none' as aggregation,
        false as is_answerable,
        false as is_summable,
        true as is_optional,
        null as is_share_of_whole
),

final as (
    select * from known
    union all
    select * from unknown
)

select
    indicator_code,
    form_code,
    form_row,
    section_code,
    parent_code,
    label_vi,
    label_en,
    unit_vi,
    value_type,
    measure,
    choices,
    aggregation,
    is_answerable,
    is_summable,
    is_optional,
    is_share_of_whole
from final
