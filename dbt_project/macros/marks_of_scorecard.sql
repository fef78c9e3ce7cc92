{#- A period's figures and those of the same period a year before, on which the score card's change stands. -#}
{%- macro marks_of_scorecard() -%}
    with figures as ({{ marks_of_figures_by_period() }})

    select
        periods.period_code as part,
        hash(
            figures.mark,
            year_before.mark,
            {{ mark_of_all(ref('dim_indicator')) }},
            {{ mark_of_all(ref('dim_agency')) }},
            {{ mark_of_all(ref('dim_period')) }}
        ) as mark
    from {{ ref('dim_period') }} as periods
    inner join figures on periods.period_code = figures.part
    left join figures as year_before on periods.year_before_code = year_before.part
{%- endmacro -%}
