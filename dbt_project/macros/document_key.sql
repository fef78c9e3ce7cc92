{#- The key of an official document: its number in one spelling and its date; `unknown` where it has no number. -#}
{%- macro document_key(number, document_on) -%}
    coalesce({{ document_number(number) }} || '|' || coalesce(cast({{ document_on }} as string), ''), 'unknown')
{%- endmacro -%}
