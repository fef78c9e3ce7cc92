-- Fails on every agency and period for which more than one submission is accepted.
select
    agency_code,
    period_code,
    count(*) as accepted_count
from {{ ref('fct_submission') }}
where status = 'accepted'
group by agency_code, period_code
having count(*) > 1
