{#- A document's number and notation in one spelling: no blanks, capitals, `578 / kh-STC` is `578/KH-STC`. -#}
{%- macro document_number(text) -%}
    nullif(upper({{ without_matches(text, "'[\\s\\x{00a0}]+'") }}), '')
{%- endmacro -%}
