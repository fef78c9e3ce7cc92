{#-
100 × numerator / denominator, rounded half up to two decimals, in whole numbers all the way: 1/800 is 0.13, not the
0.12 that a binary fraction may give. Null when a part is unknown or the denominator is not above zero.
Parts may have up to six decimals and twenty digits before them; they are never negative.
-#}
{%- macro exact_percent(numerator, denominator) -%}
    case
        when {{ denominator }} > 0
            then cast(
                cast(
                    (
                        20000 * cast(cast({{ numerator }} as decimal(26, 6)) * 1000000 as hugeint)
                        + cast(cast({{ denominator }} as decimal(26, 6)) * 1000000 as hugeint)
                    ) // (2 * cast(cast({{ denominator }} as decimal(26, 6)) * 1000000 as hugeint))
                    as decimal(20, 0)
                ) * 0.01
                as decimal(20, 6)
            )
    end
{%- endmacro -%}
