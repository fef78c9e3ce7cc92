-- The lines of the form.
select
    indicators.code as indicator_code,
    indicators.form_code,
    indicators.form_row,
    indicators.label_vi,
    indicators.value_type,
    indicators.aggregation,
    indicators.value_type <> 'heading' as is_answerable,
    indicators.aggregation = 'sum' as is_summable,
    indicators.if_any = 1 as is_optional,
    breaks.break_on
from seed.indicators
left join seed.series_breaks as breaks on indicators.code = breaks.indicator_code
