{#-
An organ id in either form as one code: `000.00.03.H51` (old, read from the right) and `H51.03` (new) both give `H51.03`.
The old form's parts are reversed; zero parts are dropped from both. Null stays null, and so does a text without parts.
-#}
{%- macro organ_code(organ_id) -%}
    nullif(
        array_to_string(
            case
                when regexp_matches(trim({{ organ_id }}), '^[A-Za-z]')
                    then regexp_extract_all(upper(trim({{ organ_id }})), '[^.]*[^.0][^.]*')
                else list_reverse(regexp_extract_all(upper(trim({{ organ_id }})), '[^.]*[^.0][^.]*'))
            end,
            '.'
        ),
        ''
    )
{%- endmacro -%}
