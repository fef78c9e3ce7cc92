{#- One row for each value of a model's key that stands for more than one row; with `part`, among the rows of the parts that
this build made (changed_rows), which is enough where the key tells the part. -#}
{%- macro repeated_key(relation, columns, part=none) -%}
    select
        '{{ relation.identifier }}' as table_name,
        concat_ws('|', {{ columns | join(', ') }}) as key_text,
        count(*) as row_count
    from {{ changed_rows(relation, part) if part else relation }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endmacro -%}
