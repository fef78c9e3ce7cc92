-- Who took over from whom, with its share: the events that were written down, the communes' table, and the districts,
-- whose figures go to the communes that stand on their ground. A district's share for a commune is the number of its
-- old communes that went there, until a better basis is written down.
with

written as (
    select * from {{ ref('agency_successions') }}
),

communes as (
    select * from {{ ref('commune_successions') }}
),

identifiers as (
    select * from {{ ref('agency_identifiers') }}
),

districts as (
    select
        agency_code,
        identifier as district_code
    from identifiers
    where
        scheme = 'statistics_code'
        and length(identifier) = 3
),

commune_pairs as (
    select
        old_province_code || '.' || old_commune_code as predecessor_code,
        new_province_code || '.' || new_commune_code as successor_code,
        old_commune,
        new_commune,
        count(*) over (partition by new_province_code, new_commune_code) as predecessor_count
    from communes
),

commune_events as (
    select
        predecessor_code,
        successor_code,
        case when predecessor_count > 1 then 'merge' else 'rename' end as kind,
        date '2025-07-01' as effective_on,
        '1668/NQ-UBTVQH15' as legal_act,
        1 as share_numerator,
        1 as share_denominator,
        'whole' as share_basis,
        old_commune || ' → ' || new_commune as note_vi
    from commune_pairs
),

district_pairs as (
    select
        districts.agency_code as predecessor_code,
        communes.new_province_code || '.' || communes.new_commune_code as successor_code,
        min(communes.new_commune) as new_commune,
        count(*) as commune_count
    from communes
    inner join districts on communes.old_district_code = districts.district_code
    group by districts.agency_code, communes.new_province_code, communes.new_commune_code
),

district_events as (
    select
        predecessor_code,
        successor_code,
        'abolish' as kind,
        date '2025-07-01' as effective_on,
        '203/2025/QH15' as legal_act,
        commune_count as share_numerator,
        sum(commune_count) over (partition by predecessor_code) as share_denominator,
        'commune_count' as share_basis,
        'Kết thúc hoạt động cấp huyện; chia cho ' || new_commune || ' theo số xã, phường cũ' as note_vi
    from district_pairs
),

united as (
    select
        predecessor_code,
        successor_code,
        kind,
        effective_on,
        legal_act,
        share_numerator,
        share_denominator,
        share_basis,
        note_vi
    from written

    union all

    select * from commune_events

    union all

    select * from district_events
),

final as (
    select
        predecessor_code,
        successor_code,
        kind,
        effective_on,
        legal_act,
        cast(share_numerator as integer) as share_numerator,
        cast(share_denominator as integer) as share_denominator,
        cast(
            coalesce(
                sum(share_numerator) over (
                    partition by predecessor_code, effective_on
                    order by successor_code nulls last
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as integer
        ) as share_offset,
        cast(share_numerator / share_denominator as decimal(12, 10)) as share_decimal,
        share_basis,
        coalesce(
            bool_or(predecessor_code = successor_code) over (partition by predecessor_code, effective_on), false
        ) as is_surviving,
        note_vi
    from united
)

select
    predecessor_code,
    successor_code,
    kind,
    effective_on,
    legal_act,
    share_numerator,
    share_denominator,
    share_offset,
    share_decimal,
    share_basis,
    is_surviving,
    note_vi
from final
