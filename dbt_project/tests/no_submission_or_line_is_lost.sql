-- Fails when a submission or a line of the raw tables is missing from the facts, or is there twice.
with

raw_submissions as (
    select count(*) as row_count from {{ ref('stg_raw__submission') }}
),

raw_lines as (
    select count(*) as row_count from {{ ref('stg_raw__submission_line') }}
),

submissions as (
    select count(*) as row_count from {{ ref('fct_submission') }}
),

figures as (
    select count(*) as row_count from {{ ref('fct_indicator_value') }}
)

select
    raw_submissions.row_count as raw_submission_count,
    submissions.row_count as submission_count,
    raw_lines.row_count as raw_line_count,
    figures.row_count as figure_count
from raw_submissions
cross join raw_lines
cross join submissions
cross join figures
where
    raw_submissions.row_count <> submissions.row_count
    or raw_lines.row_count <> figures.row_count
