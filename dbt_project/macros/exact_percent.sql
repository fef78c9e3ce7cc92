{#-
Shares and means in whole numbers all the way, rounded half away from zero: 1/800 is 0.13 %, not the 0.12 that a binary
fraction may give. So every engine comes to the same figure. Parts have up to six decimals and twenty digits before them;
what is larger is unknown.
-#}

{#- 100 × numerator / denominator to two decimals; null when a part is unknown or the denominator is not above zero. Parts are
never negative. -#}
{%- macro exact_percent(numerator, denominator) -%}
    case
        when {{ denominator }} > 0
            then cast(
                cast(
                    {{ rounded_quotient('10000 * ' ~ millionths(numerator), millionths(denominator)) }} as decimal(20, 0)
                ) * 0.01
                as decimal(20, 6)
            )
    end
{%- endmacro -%}

{#- By how many percent a value is above one before it that is not zero, to two decimals. -#}
{%- macro exact_change_percent(value, before) -%}
    cast(
        cast(sign({{ value }} - {{ before }}) * sign({{ before }}) as integer)
        * cast(
            {{ rounded_quotient(
                '10000 * ' ~ millionths('abs(' ~ value ~ ' - ' ~ before ~ ')'), millionths('abs(' ~ before ~ ')')
            ) }}
            as decimal(35, 0)
        ) * 0.01
        as decimal(38, 2)
    )
{%- endmacro -%}

{#- The mean of a group's known values, which have no more than six decimals, to so many. -#}
{%- macro exact_mean(value, decimals) -%}
    cast(
        cast(sign(sum({{ value }})) as integer)
        * cast(
            {{ rounded_quotient(millionths('abs(sum(' ~ value ~ '))'), 10 ** (6 - decimals) ~ ' * count(' ~ value ~ ')') }}
            as decimal(31, 0)
        ) * {{ '0.' ~ '0' * (decimals - 1) ~ '1' }}
        as decimal(38, {{ decimals }})
    )
{%- endmacro -%}

{#- A number of up to six decimals as a whole number of millionths. -#}
{%- macro millionths(number) -%}
    cast(
        try_cast({{ number }} as decimal(26, 6)) * 1000000 as {{ 'decimal(38, 0)' if target.type == 'spark' else 'hugeint' }}
    )
{%- endmacro -%}

{#- How many times one whole number goes into another, rounded half up; neither is negative. -#}
{%- macro rounded_quotient(dividend, divisor) -%}
    {%- set doubled, twice = '(2 * ' ~ dividend ~ ' + ' ~ divisor ~ ')', '(2 * ' ~ divisor ~ ')' -%}
    {%- if target.type == 'spark' -%}
        ({{ doubled }} - {{ doubled }} % {{ twice }}) / {{ twice }}
    {%- else -%}
        {{ doubled }} // {{ twice }}
    {%- endif -%}
{%- endmacro -%}
