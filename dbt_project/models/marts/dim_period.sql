-- The reporting periods: what each speaks of, from when it counts, when it is due, and which one it is compared with.
with

periods as (
    select * from {{ ref('periods') }}
),

known as (
    select
        periods.period_code,
        periods.label_vi,
        periods.year,
        periods.kind,
        periods.data_from,
        periods.data_to,
        periods.due_on,
        periods.is_cumulative,
        year_before.period_code as year_before_code,
        case when periods.is_cumulative then periods.data_from end as cumulates_from
    from periods
    left join periods as year_before
        on
            periods.kind = year_before.kind
            and periods.year = year_before.year + 1
),

unknown as (
    select
        'unknown' as period_code,
        'Không xác định' as label_vi,
        null as year,
        'unknown' as kind,
        null as data_from,
        null as data_to,
        null as due_on,
        null as is_cumulative,
        null as year_before_code,
        null as cumulates_from
),

final as (
    select * from known

    union all

    select * from unknown
)

select
    period_code,
    label_vi,
    year,
    kind,
    data_from,
    data_to,
    due_on,
    is_cumulative,
    year_before_code,
    cumulates_from
from final
