-- Fails on every figure that is said to hold though its submission is not accepted, or nobody knows whose or what it
-- is.
select
    submission_id,
    indicator_code,
    quality_status
from {{ changed_rows(ref('fct_indicator_value'), 'submission_id') }}
where
    is_current
    and (
        quality_status <> 'accepted'
        or agency_code = 'unknown'
        or period_code = 'unknown'
        or indicator_code = 'unknown'
    )
