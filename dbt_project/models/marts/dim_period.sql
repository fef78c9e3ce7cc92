with

periods as (
    select * from {{ ref('periods') }}
),

known as (
    select
        period_code,
        label_vi,
        year,
        kind,
        data_from,
        data_to,
        due_on,
        is_cumulative
    from periods
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
        null as is_cumulative
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
    is_cumulative
from final
