-- Every day of the reporting periods. The reporting year begins on 15/12 of the year before.
with

periods as (
    select * from {{ ref('periods') }}
),

bounds as (
    select
        min(data_from) as first_on,
        max(due_on) as last_on
    from periods
),

days as (
    select {{ each_day('first_on', 'last_on') }} as date_on
    from bounds
),

final as (
    select
        date_on,
        year(date_on) as year,
        quarter(date_on) as quarter,
        month(date_on) as month,
        day(date_on) as day,
        {{ iso_weekday('date_on') }} as iso_weekday,
        {{ iso_weekday('date_on') }} > 5 as is_weekend,
        year(date_on + interval 17 day) as reporting_year
    from days
)

select
    date_on,
    year,
    quarter,
    month,
    day,
    iso_weekday,
    is_weekend,
    reporting_year
from final
