-- The reporting periods, each with the one a year before.
select
    periods.period_code,
    periods.label_vi,
    periods.year,
    periods.kind,
    periods.data_from,
    periods.data_to,
    periods.due_on,
    periods.is_cumulative,
    year_before.period_code as year_before_code
from seed.periods
left join seed.periods as year_before
    on periods.kind = year_before.kind and periods.year = year_before.year + 1
