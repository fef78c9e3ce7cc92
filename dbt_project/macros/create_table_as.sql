{#- dbt's own, but for the rows of a part that changed: an incremental model writes them once, into its table, instead of
into a temporary one first. The view is read in the statement that fills the table. Where rows are compared with those that
are there (differing_rows.sql) they are read more than once: that keeps dbt's table. -#}
{%- macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- if temporary and config.get('materialized') == 'incremental' and config.get('incremental_strategy') != 'differing' -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
        {%- endif -%}
        create temporary view {{ relation.include(database=false, schema=false) }} as (
            {{ compiled_code }}
        );
    {%- else -%}
        {{ return(dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by, sorted_by
        )) }}
    {%- endif -%}
{%- endmacro -%}
