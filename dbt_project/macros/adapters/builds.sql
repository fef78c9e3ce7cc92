{#- What has to be there before any model: two that made these at once would be in each other's way. A night's few rows are written
without DuckDB's search for what text is made of, which takes most of its writing down and saves a sixth of their room; a full
build, which writes all of them, searches. Nor are a table's half-filled pieces put together in a night, which writes up to the size of
its change again: on Sundays, and when everything is tested for another reason. -#}
{%- macro before_models() -%}
    {%- if target.type == 'spark' -%}
        {%- if execute -%}{{ declare_sources() }}{%- endif -%}
    {%- else -%}
        create schema if not exists build;
        create sequence if not exists build.change;
        set global disabled_compression_methods = '{{ '' if flags.FULL_REFRESH else 'fsst,dict_fsst' }}';
        set global max_vacuum_tasks = {{ 100 if var('whole_tests') else 0 }};
    {%- endif -%}
{%- endmacro -%}

{#- What was built is written into the file here (docs/decisions/031), where a disk that is full is the run's failure: closing the
file would keep silent about it. -#}
{%- macro after_models() -%}
    {%- if target.type == 'duckdb' -%}checkpoint {{ target.database }}{%- endif -%}
{%- endmacro -%}

{#- The folders of Parquet files that `cchc spark` wrote, as the tables that sources.yml names. -#}
{%- macro declare_sources() -%}
    {%- for source in graph.sources.values() -%}
        {%- do run_query('create schema if not exists ' ~ source.schema) -%}
        {%- do run_query(
            'create table ' ~ source.schema ~ '.' ~ source.name
            ~ " using parquet options ('recursiveFileLookup' = 'true') location '"
            ~ env_var('CCHC_SPARK_LANDING') ~ '/' ~ source.schema ~ '/' ~ source.name ~ "'"
        ) -%}
    {%- endfor -%}
{%- endmacro -%}

{#- On Spark every table is built whole. Hooks that keep to changed parts are for a table whose rows can be deleted: none runs,
and as no table is there before the build, `is_incremental()` is false by itself. -#}
{% materialization incremental, adapter='spark' %}
    {{ return(build_whole()) }}
{% endmaterialization %}

{#- A mart is files that other engines read, so that none is a view there; staging stays views. -#}
{% materialization view, adapter='spark' %}
    {% if schema == 'mart' %}
        {{ return(build_whole()) }}
    {% endif %}
    {{ return(create_or_replace_view()) }}
{% endmaterialization %}

{%- macro build_whole() -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- call statement('main') -%}
        {{ create_table_as(false, target_relation, compiled_code) }}
    {%- endcall -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmacro -%}

{#- Spark has table functions, but none that lives in files: whoever reads these has the dates to ask by. -#}
{% materialization table_function, adapter='spark' %}
    {%- call noop_statement('main', 'left out on Spark') -%}{%- endcall -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}

{#-
Spark writes a CTE's query wherever the CTE is named, so that a chain of them in which each is named twice grows by powers of
two (fct_submission_state came to 1,377 scans, and its plan to more memory than the driver had). What a model's `meta` lists
under `computed_once` becomes a table of the schema `held` first, in the order of the list; `cchc spark` removes that schema.
-#}
{%- macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- set held = namespace(sql=compiled_code) -%}
    {%- for name in model.config.meta.get('computed_once', []) -%}
        {%- set table = 'held.' ~ relation.identifier ~ '__' ~ name -%}
        {%- set cte = modules.re.search('(?ms)^' ~ name ~ ' as [(]\n.*?^[)]', held.sql) -%}
        {%- do run_query('create schema if not exists held') -%}
        {%- do run_query(
            'create table ' ~ table ~ ' as\n' ~ held.sql[:cte.end()] ~ '\nselect * from ' ~ name
        ) -%}
        {%- set held.sql = held.sql[:cte.start()] ~ name ~ ' as (select * from ' ~ table ~ ')' ~ held.sql[cte.end():] -%}
    {%- endfor -%}
    create table {{ relation }} {{ file_format_clause() }} as
    {{ held.sql }}
{%- endmacro -%}
