-- Fails on every submission whose last state in the history is not what it counts for now, or that has no history or an
-- overlapping one.
with

latest as (
    select * from {{ changed_rows(ref('fct_submission_state'), 'submission_id') }}
    where is_latest
),

submissions as (
    select * from {{ changed_rows(ref('fct_submission'), 'submission_id', of=ref('fct_submission_state')) }}
)

select
    submissions.submission_id,
    submissions.status,
    submissions.status_reason,
    latest.status as history_status,
    latest.status_reason as history_reason
from submissions
left join latest on submissions.submission_id = latest.submission_id
where
    latest.status is distinct from submissions.status
    or latest.status_reason is distinct from submissions.status_reason
