{#-
Which days of the systems of record a model reads: those of its changed periods' windows, and `around` more on either side. A hook
finds them and keeps them as DuckDB's variables, whose values stand in the model's query as numbers would: by them DuckDB passes over
what was received in other years, which it can't by what a subquery will give. Everything is read where the model is built whole.
-#}
{%- macro find_days_read(around=0) -%}
    {%- set periods = ref('dim_period') -%}
    {% if is_incremental() %}
    set variable {{ this.name }}_from = (
        select min(data_from) - {{ around }} from {{ periods }} where {{ is_changed('period_code') }}
    );
    set variable {{ this.name }}_until = (
        select max(data_to) + {{ around + 1 }} from {{ periods }} where {{ is_changed('period_code') }}
    );
    {% endif %}
{%- endmacro -%}

{%- macro is_in_days_read(column) -%}
    {%- if this and is_incremental() -%}
        {{ column }} >= getvariable('{{ this.name }}_from') and {{ column }} < getvariable('{{ this.name }}_until')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro -%}
