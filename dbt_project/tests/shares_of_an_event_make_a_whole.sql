-- Fails on every succession whose shares do not make a whole, whose denominators differ within the event, that leads to
-- an agency nobody knows, or that leads back to where it came from on the same day.
with

succession as (
    select * from {{ ref('agency_succession') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

events as (
    select
        predecessor_code,
        effective_on,
        sum(share_numerator) as share_sum,
        min(share_denominator) as least_denominator,
        max(share_denominator) as greatest_denominator
    from succession
    where successor_code is not null
    group by predecessor_code, effective_on
)

select
    predecessor_code,
    effective_on,
    'shares' as fault
from events
where
    share_sum <> least_denominator
    or least_denominator <> greatest_denominator

union all

select
    succession.predecessor_code,
    succession.effective_on,
    'unknown agency' as fault
from succession
left join agencies as predecessors on succession.predecessor_code = predecessors.agency_code
left join agencies as successors on succession.successor_code = successors.agency_code
where
    predecessors.agency_code is null
    or (succession.successor_code is not null and successors.agency_code is null)

union all

select
    there.predecessor_code,
    there.effective_on,
    'leads back' as fault
from succession as there
inner join succession as back
    on
        there.successor_code = back.predecessor_code
        and there.predecessor_code = back.successor_code
        and there.predecessor_code <> there.successor_code
        and there.effective_on = back.effective_on
