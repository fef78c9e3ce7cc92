{#-
Figures (a query with the columns of `figures_believed_on`) restated on the agencies that stand on a day. Each figure
follows the succession from the last day of its period: additive figures by share, split so that the parts add up to the
whole exactly (in millionths, by the running share); shares recomputed from their parts (the ratio cited in the note, else the
share and the line that is its denominator); anything else only where one whole agency stands behind it.
A succession without a date, or without a successor, changes nothing. An agency that goes on after a split is split only
for periods that ended before it.
-#}
{%- macro figures_on_agencies_of(figures, day) -%}
    with recursive

    figures as (
        {{ figures }}
    ),

    succession as (
        select *
        from {{ ref('agency_succession').include(database=false) }}
        where
            effective_on <= cast({{ day }} as date)
            and successor_code is not null
    ),

    placed as (
        select
            figures.*,
            periods.data_to,
            indicators.value_type,
            indicators.is_summable,
            indicators.denominator_code
        from figures
        inner join {{ ref('dim_period').include(database=false) }} as periods
            on figures.period_code = periods.period_code
        inner join {{ ref('dim_indicator').include(database=false) }} as indicators
            on figures.indicator_code = indicators.indicator_code
    ),

    lineage as (
        select distinct
            agency_code as from_code,
            data_to,
            agency_code as to_code,
            date '0001-01-01' as reached_on,
            cast(0 as hugeint) as share_offset,
            cast(1 as hugeint) as share_numerator,
            cast(1 as hugeint) as share_denominator,
            false as is_estimated,
            0 as steps
        from placed
        where agency_code in (select predecessor_code from succession)

        union all

        select
            lineage.from_code,
            lineage.data_to,
            succession.successor_code as to_code,
            succession.effective_on as reached_on,
            lineage.share_offset * succession.share_denominator
            + lineage.share_numerator * succession.share_offset as share_offset,
            lineage.share_numerator * succession.share_numerator as share_numerator,
            lineage.share_denominator * succession.share_denominator as share_denominator,
            lineage.is_estimated or succession.share_basis <> 'whole' as is_estimated,
            lineage.steps + 1 as steps
        from lineage
        inner join succession
            on
                lineage.to_code = succession.predecessor_code
                and (
                    lineage.reached_on < succession.effective_on
                    or (lineage.reached_on = succession.effective_on and not succession.is_surviving)
                )
                and (lineage.data_to < succession.effective_on or not succession.is_surviving)
        where lineage.steps < 20
    ),

    standing as (
        select *
        from lineage
        where
            not exists (
                select 1
                from succession
                where
                    lineage.to_code = succession.predecessor_code
                    and (
                        lineage.reached_on < succession.effective_on
                        or (lineage.reached_on = succession.effective_on and not succession.is_surviving)
                    )
                    and (lineage.data_to < succession.effective_on or not succession.is_surviving)
            )
    ),

    -- Two of the figure's numbers as whole millionths, and the two parts of a share.
    parted as (
        select
            placed.agency_code as from_code,
            placed.period_code,
            placed.indicator_code,
            placed.value,
            placed.value_type,
            placed.is_summable,
            placed.observation_status,
            cast(placed.value * 1000000 as hugeint) as millionths,
            case
                when placed.value_type <> 'percent' or placed.value is null then null
                when placed.ratio_denominator > 0 and placed.ratio_numerator is not null
                    then cast(placed.ratio_numerator * 1000000 as hugeint)
                when denominators.value > 0 then cast(round(placed.value * denominators.value * 10000, 0) as hugeint)
            end as numerator_millionths,
            case
                when placed.value_type <> 'percent' or placed.value is null then null
                when placed.ratio_denominator > 0 and placed.ratio_numerator is not null
                    then cast(placed.ratio_denominator * 1000000 as hugeint)
                when denominators.value > 0 then cast(denominators.value * 1000000 as hugeint)
            end as denominator_millionths,
            coalesce(standing.to_code, placed.agency_code) as agency_code,
            coalesce(standing.share_offset, 0) as share_offset,
            coalesce(standing.share_numerator, 1) as share_numerator,
            coalesce(standing.share_denominator, 1) as share_denominator,
            coalesce(standing.is_estimated, false) as is_estimated
        from placed
        left join standing
            on
                placed.agency_code = standing.from_code
                and placed.data_to = standing.data_to
        left join placed as denominators
            on
                placed.submission_id = denominators.submission_id
                and placed.denominator_code = denominators.indicator_code
    ),

    summed as (
        select
            agency_code,
            period_code,
            indicator_code,
            any_value(value_type) as value_type,
            bool_and(is_summable) as is_summable,
            count(distinct from_code) as from_agency_count,
            string_agg(distinct from_code, ', ' order by from_code) as from_agencies,
            bool_or(is_estimated) as is_estimated,
            bool_or(observation_status = 'doubtful') as is_doubtful,
            count(value) as value_count,
            count(denominator_millionths) as ratio_count,
            bool_and(share_numerator = share_denominator) as is_whole,
            min(value) as lone_value,
            sum(
                (millionths * (share_offset + share_numerator)) // share_denominator
                - (millionths * share_offset) // share_denominator
            ) as millionths,
            sum(
                (numerator_millionths * (share_offset + share_numerator)) // share_denominator
                - (numerator_millionths * share_offset) // share_denominator
            ) as numerator_millionths,
            sum(
                (denominator_millionths * (share_offset + share_numerator)) // share_denominator
                - (denominator_millionths * share_offset) // share_denominator
            ) as denominator_millionths
        from parted
        group by agency_code, period_code, indicator_code
    )

    select
        agency_code,
        period_code,
        indicator_code,
        cast(
            case
                when value_count = 0 then null
                when is_summable then cast(millionths as decimal(32, 0)) * cast(0.000001 as decimal(6, 6))
                when from_agency_count = 1 and is_whole then lone_value
                when value_type = 'percent' and ratio_count = value_count and denominator_millionths > 0
                    then cast(
                        (20000 * numerator_millionths + denominator_millionths) // (2 * denominator_millionths)
                        as decimal(32, 0)
                    ) * cast(0.01 as decimal(6, 6))
            end as decimal(38, 6)
        ) as value,
        case
            when value_count = 0 then null
            when from_agency_count = 1 and is_whole then 'as_reported'
            when is_summable and is_estimated then 'sum_of_estimated_shares'
            when is_summable then 'sum_of_shares'
            when value_type = 'percent' and ratio_count = value_count and denominator_millionths > 0
                then 'ratio_of_parts'
            when value_type = 'percent' then 'parts_missing'
            else 'not_additive'
        end as value_basis,
        cast(
            cast(numerator_millionths as decimal(32, 0)) * cast(0.000001 as decimal(6, 6)) as decimal(38, 6)
        ) as ratio_numerator,
        cast(
            cast(denominator_millionths as decimal(32, 0)) * cast(0.000001 as decimal(6, 6)) as decimal(38, 6)
        ) as ratio_denominator,
        from_agency_count,
        from_agencies,
        is_estimated,
        is_doubtful
    from summed
{%- endmacro -%}
