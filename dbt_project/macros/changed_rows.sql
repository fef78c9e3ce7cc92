{#-
Tests of large tables read the parts that this build made (docs/decisions/012): a test with `where: __changed <part>__`, or
a singular test that reads `changed_rows(model, part)`. In place of the part there may be columns with the lists
(`build.<model>_<list>`) that hold their values, which a `where` tells as `__changed <column> of <list> and <column> of <list>__`.
They read everything when the whole table was just built, when `whole_tests` is set (the default outside a night), and where a
key or a relation could break in a part that did not change.
-#}
{%- macro changed_rows(relation, part, of=none) -%}
    {%- set model = (of or relation).name -%}
    {%- set lists = part if part is mapping else {part: 'changed'} -%}
    {%- if execute and flags.WHICH in ('build', 'test') and not var('whole_tests') -%}
        {%- set counted -%}
            select
                (select count(*) from build.{{ model }}_changed where mark is not null)
                < (select count(*) from build.{{ model }})
        {%- endset -%}
        {%- if run_query(counted).rows[0][0] -%}
            (
                select * from {{ relation }}
                where
                    {% for column, list in lists.items() %}
                    {{ 'and ' if not loop.first }}{{ column }} in (select changed.part from build.{{ model }}_{{ list }} as changed)
                    {% endfor %}
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
        {%- set lists = {} -%}
        {%- for told in where[10:-2].split(' and ') -%}
            {%- set column, of, list = told.partition(' of ') -%}
            {%- do lists.update({column: list or 'changed'}) -%}
        {%- endfor -%}
        {{ changed_rows(relation, lists) }}
    {%- elif where -%}
        (select * from {{ relation }} where {{ where }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro -%}
