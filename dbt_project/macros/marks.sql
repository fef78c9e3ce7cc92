{#-
What each incremental model's parts are built from, as one number a part: see changed_parts.sql; those of what the
systems of record hold are in marks_of_records.sql. Rows of a submission are never changed once they came (raw tables only
grow, and a submission comes whole), so that its own lines need no mark.
-#}

{#- Everything that a relation holds, as one number, whatever the order of its rows. -#}
{%- macro mark_of_all(relation) -%}
    (select hash(count(*), sum(hash(held))) from {{ relation }} as held)
{%- endmacro -%}

{#- A relation's rows by one of its columns: (part, mark). -#}
{%- macro marks_by(relation, column) -%}
    select
        cast({{ column }} as varchar) as part,
        hash(count(*), sum(hash(held))) as mark
    from {{ relation }} as held
    group by {{ column }}
{%- endmacro -%}

{#- How many rows a table that only grows holds, by one of its columns: (part, row_count). -#}
{%- macro row_counts_by(relation, column) -%}
    select
        cast({{ column }} as varchar) as part,
        count(*) as row_count
    from {{ relation }}
    where {{ column }} is not null
    group by {{ column }}
{%- endmacro -%}

{#- The parts of a model that keeps numbers (touched_parts.sql), by a column of `build.<model>` or of `build.<model>_place`:
(part, mark). -#}
{%- macro last_number_by_period(relation) -%}
    select
        split_part(part, '|', 2) as part,
        max(mark) as mark
    from build.{{ relation.name }}_place
    group by split_part(part, '|', 2)
{%- endmacro -%}

{#- What happened in a night. -#}
{%- macro marks_of_outcome() -%}
    with

    happened as (
        {{ row_counts_by(ref('stg_raw__outcome'), 'night_on') }}
        union all
        {{ row_counts_by(ref('stg_raw__problem'), 'night_on') }}
        union all
        select
            cast(night_on as varchar) as part,
            hash(count(*), sum(hash(held))) as mark
        from {{ ref('int_rule_verdict') }} as held
        group by night_on
    )

    select
        part,
        hash(count(*), sum(row_count)) as mark
    from happened
    group by part
{%- endmacro -%}

{#- Who owes a report for a period, and the submissions that came for it. -#}
{%- macro marks_of_reporting_rate() -%}
    select
        obligations.part,
        hash(obligations.mark, arrived.mark) as mark
    from ({{ marks_by(ref('int_reporting_obligation'), 'period_code') }}) as obligations
    left join ({{ last_number_by_period(ref('fct_submission')) }}) as arrived on obligations.part = arrived.part
{%- endmacro -%}

{#- A period's rates and figures. -#}
{%- macro marks_of_province_summary() -%}
    {%- set rates = ref('mart_reporting_rate') -%}
    select
        rates.part,
        hash(rates.mark, figures.mark, {{ mark_of_all(ref('dim_indicator')) }}) as mark
    from build.{{ rates.name }} as rates
    left join ({{ last_number_by_period(ref('fct_indicator_value')) }}) as figures on rates.part = figures.part
{%- endmacro -%}
