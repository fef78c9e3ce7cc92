{#-
An organ id in either form as one code: `000.00.03.H51` (old, read from the right) and `H51.03` (new) both give `H51.03`.
The old form's parts are reversed; zero parts are dropped from both. Null stays null, and so does a text without parts.
-#}
{%- macro organ_code(organ_id) -%}
    {%- set parts -%}
        regexp_extract_all(upper({{ trimmed(organ_id) }}), '[^.]*[^.0][^.]*', 0)
    {%- endset -%}
    nullif(
        {{ 'array_join' if target.type == 'spark' else 'array_to_string' }}(
            case
                when regexp_extract({{ trimmed(organ_id) }}, '^[A-Za-z]', 0) <> '' then {{ parts }}
                else {{ 'reverse' if target.type == 'spark' else 'list_reverse' }}({{ parts }})
            end,
            '.'
        ),
        ''
    )
{%- endmacro -%}
