-- Which lines of the form a rule speaks of by name, on either side.
with

rules as (
    select * from {{ ref('dim_rule') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

named as (
    select
        rule_id,
        {{ each_match(
            "coalesce(left_side, '') || ' ' || coalesce(right_side, '')", "'[IVX]+(?:\\.[0-9a-z]+)+'"
        ) }} as indicator_code
    from rules
),

final as (
    select distinct
        named.rule_id,
        indicators.indicator_code
    from named
    inner join indicators on named.indicator_code = indicators.indicator_code
)

select
    rule_id,
    indicator_code
from final
