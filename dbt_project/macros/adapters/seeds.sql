{#-
Seeds on Spark. dbt-spark's own macros write `varchar`, which Spark wants with a length, and put texts between quotes as
they are, apostrophes included.
-#}
{%- macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set create -%}
        create table {{ this.render() }} (
            {%- for column in agate_table.column_names %}
            {{ adapter.quote(column) }} {{ spark_type(types[column]) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {{ file_format_clause() }}
    {%- endset -%}
    {%- call statement('_') -%}{{ create }}{%- endcall -%}
    {{ return(create) }}
{%- endmacro -%}

{%- macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set insert -%}
        insert into {{ this.render() }} values
        {%- for row in agate_table.rows %}
        (
            {%- for value in row -%}
                cast({{ 'null' if value is none else "'" ~ (value | string | replace('\\', '\\\\') | replace("'", "''")) ~ "'" }}
                as {{ spark_type(types[agate_table.column_names[loop.index0]]) }}){{ ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- do adapter.add_query(insert, abridge_sql_log=True) -%}
    {{ return(insert) }}
{%- endmacro -%}

{%- macro spark_type(type) -%}
    {{ 'string' if type | lower == 'varchar' else type }}
{%- endmacro -%}
