{#- A procedure code (MaTTHC) without the province's suffix: `1.004946.000.00.00.H51` is `1.004946.000.00.00`. -#}
{%- macro procedure_code(procedure_id) -%}
    nullif(regexp_replace(upper({{ trimmed(procedure_id) }}), '[.][A-Z]+[0-9]+$', ''), '')
{%- endmacro -%}
