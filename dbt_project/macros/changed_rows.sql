{#-
Tests of large tables read the parts that this build made (docs/decisions/012): a test with `where: __changed <part>__`, or
a singular test that reads `changed_rows(model, part)`. They read everything when the whole table was just built, when
`whole_tests` is set (the default outside a night), and where a key or a relation could break in a part that did not change.
-#}
{%- macro changed_rows(relation, part, list='changed', of=none) -%}
    {%- set model = (of or relation).name -%}
    {%- if execute and flags.WHICH in ('build', 'test') and not var('whole_tests') -%}
        {%- set counted -%}
            select
                (select count(*) from build.{{ model }}_changed where mark is not null)
                < (select count(*) from build.{{ model }})
        {%- endset -%}
        {%- if run_query(counted).rows[0][0] -%}
            (
                select * from {{ relation }}
                where {{ part }} in (select changed.part from build.{{ model }}_{{ list }} as changed)
            )
        {%- else -%}
            {{ relation }}
        {%- endif -%}
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro -%}

{#- dbt's own macro behind a test's `where`, with `__changed <part>[ of <list>]__` understood. -#}
{%- macro get_where_subquery(relation) -%}
    {%- set where = config.get('where') or '' -%}
    {%- if where.startswith('__changed ') -%}
        {%- set told = where[10:-2].split(' of ') -%}
        {{ changed_rows(relation, told[0], told[1] if told | length > 1 else 'changed') }}
    {%- elif where -%}
        (select * from {{ relation }} where {{ where }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro -%}
