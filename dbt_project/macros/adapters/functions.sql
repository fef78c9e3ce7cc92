{#-
Where the engines spell one thing differently: each macro gives the same answer on DuckDB and on Spark. Everything else in
the models is SQL that both take: `cast(… as string)`, `qualify`, `filter (where …)`, named windows, the group of a regular
expression written out. A new function belongs here as soon as one engine lacks it; tests/cluster shows whether the answers agree.
-#}

{#- The value of the row whose `ordering` is largest, of those whose value is known. -#}
{%- macro arg_max(value, ordering, condition=none) -%}
    {%- if target.type == 'spark' -%}
        max_by({{ value }}, {{ ordering }}) filter (where {{ value }} is not null{{ ' and ' ~ condition if condition }})
    {%- else -%}
        arg_max({{ value }}, {{ ordering }}){{ ' filter (where ' ~ condition ~ ')' if condition }}
    {%- endif -%}
{%- endmacro -%}

{#- The value of the row whose `ordering` is smallest, of those whose value is known. -#}
{%- macro arg_min(value, ordering, condition=none) -%}
    {%- if target.type == 'spark' -%}
        min_by({{ value }}, {{ ordering }}) filter (where {{ value }} is not null{{ ' and ' ~ condition if condition }})
    {%- else -%}
        arg_min({{ value }}, {{ ordering }}){{ ' filter (where ' ~ condition ~ ')' if condition }}
    {%- endif -%}
{%- endmacro -%}

{#- The texts of a group in one, by `ordering`. -#}
{%- macro joined(text, separator, ordering) -%}
    {%- if target.type == 'spark' -%}
        listagg({{ text }}, {{ separator }}) within group (order by {{ ordering }})
    {%- else -%}
        string_agg({{ text }}, {{ separator }} order by {{ ordering }})
    {%- endif -%}
{%- endmacro -%}

{#- The middle of a window's values: of an even number the mean of the two in the middle. Both engines reckon it in binary
fractions: exact as long as the values have no more than 15 digits and the mean no more than six decimals. -#}
{%- macro median_over(value, partition) -%}
    cast(median({{ value }}) over (partition by {{ partition }}) as decimal(20, 6))
{%- endmacro -%}

{#- One row a day from the first to the last, both dates. The whole of a select's column. -#}
{%- macro each_day(first_on, last_on) -%}
    {%- if target.type == 'spark' -%}
        explode(sequence({{ first_on }}, {{ last_on }}, interval 1 day))
    {%- else -%}
        cast(unnest(generate_series({{ first_on }}, {{ last_on }}, interval 1 day)) as date)
    {%- endif -%}
{%- endmacro -%}

{#- One row for each match of a pattern in a text. The whole of a select's column. -#}
{%- macro each_match(text, pattern) -%}
    {%- if target.type == 'spark' -%}
        explode(regexp_extract_all({{ text }}, {{ pattern | replace('\\', '\\\\') }}, 0))
    {%- else -%}
        unnest(regexp_extract_all({{ text }}, {{ pattern }}))
    {%- endif -%}
{%- endmacro -%}

{#- A text without what a pattern finds in it. -#}
{%- macro without_matches(text, pattern) -%}
    {%- if target.type == 'spark' -%}
        regexp_replace({{ text }}, {{ pattern | replace('\\', '\\\\') }}, '')
    {%- else -%}
        regexp_replace({{ text }}, {{ pattern }}, '', 'g')
    {%- endif -%}
{%- endmacro -%}

{#- 31/12/2021. -#}
{%- macro written_date(day) -%}
    {%- if target.type == 'spark' -%}
        date_format({{ day }}, 'dd/MM/yyyy')
    {%- else -%}
        strftime({{ day }}, '%d/%m/%Y')
    {%- endif -%}
{%- endmacro -%}

{#- 1 for Monday to 7 for Sunday. -#}
{%- macro iso_weekday(day) -%}
    {%- if target.type == 'spark' -%}
        extract(dow_iso from {{ day }})
    {%- else -%}
        isodow({{ day }})
    {%- endif -%}
{%- endmacro -%}

{#- A CTE that is read where it is used and never held whole. Spark does so with all of them. -#}
{%- macro not_held() -%}
    {{- '' if target.type == 'spark' else 'not materialized ' -}}
{%- endmacro -%}

{#- The name of a column that is a word of SQL. -#}
{%- macro quoted(name) -%}
    {{- '`' ~ name ~ '`' if target.type == 'spark' else '"' ~ name ~ '"' -}}
{%- endmacro -%}

{#- In which order the rows of a table came, where no column of theirs tells it. -#}
{%- macro order_of_arrival() -%}
    {{- 'row_order' if target.type == 'spark' else 'rowid' -}}
{%- endmacro -%}

{#- A text without the blanks around it: those of Unicode, as DuckDB has it, where Spark's `trim` knows the plain one only. -#}
{%- macro trimmed(text) -%}
    {%- if target.type == 'spark' -%}
        regexp_replace({{ text }}, '^\\p{Zs}+|\\p{Zs}+$', '')
    {%- else -%}
        trim({{ text }})
    {%- endif -%}
{%- endmacro -%}
