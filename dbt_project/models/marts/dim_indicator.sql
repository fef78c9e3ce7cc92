-- The lines of the form, with what a share is made of and where a series breaks.
with

indicators as (
    select * from {{ ref('indicators') }}
),

parts as (
    select * from {{ ref('indicator_parts') }}
),

breaks as (
    select * from {{ ref('series_breaks') }}
),

known as (
    select
        indicators.code as indicator_code,
        indicators.form_code,
        indicators.form_row,
        split_part(indicators.code, '.', 1) as section_code,
        indicators.parent_code,
        indicators.label_vi,
        indicators.label_en,
        indicators.unit_vi,
        indicators.value_type,
        indicators.measure,
        indicators.choices,
        indicators.aggregation,
        indicators.value_type <> 'heading' as is_answerable,
        indicators.aggregation = 'sum' as is_summable,
        indicators.if_any = 1 as is_optional,
        indicators.is_share_of_whole = 1 as is_share_of_whole,
        sections.label_vi as section_vi,
        parts.numerator_vi,
        parts.denominator_vi,
        parts.denominator_code,
        breaks.break_on,
        breaks.note_vi as break_note_vi
    from indicators
    left join indicators as sections on split_part(indicators.code, '.', 1) = sections.code
    left join parts on indicators.code = parts.indicator_code
    left join breaks on indicators.code = breaks.indicator_code
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
        null as is_share_of_whole,
        null as section_vi,
        null as numerator_vi,
        null as denominator_vi,
        null as denominator_code,
        null as break_on,
        null as break_note_vi
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
    is_share_of_whole,
    section_vi,
    numerator_vi,
    denominator_vi,
    denominator_code,
    break_on,
    break_note_vi
from final
