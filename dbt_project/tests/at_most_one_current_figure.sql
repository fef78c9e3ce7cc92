-- Fails on every agency, period and indicator that has more than one figure that holds.
select
    agency_code,
    period_code,
    indicator_code,
    count(*) as current_count
from {{ changed_rows(ref('fct_indicator_value'), 'submission_id') }}
where is_current
group by agency_code, period_code, indicator_code
having count(*) > 1
