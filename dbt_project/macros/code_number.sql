{#- The whole number that a code of digits is; null for anything else (`9.7`, `abc`, blank), where a cast would round. -#}
{%- macro code_number(code) -%}
    try_cast(nullif(regexp_extract({{ trimmed(code) }}, '^[0-9]{1,4}$', 0), '') as integer)
{%- endmacro -%}
