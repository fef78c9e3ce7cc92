{#- One row for each value of a model's key that stands for more than one row. -#}
{%- macro repeated_key(relation, columns) -%}
    select
        '{{ relation.identifier }}' as table_name,
        concat_ws('|', {{ columns | join(', ') }}) as key_text,
        count(*) as row_count
    from {{ relation }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endmacro -%}
