-- One row for each submission and version of the rules that judged it, with the night from which that verdict stood.
with

source as (
    select
        *,
        rowid as result_order
    from {{ source('audit', 'rule_result') }}
),

verdicts as (
    select
        submission_id,
        rules_version,
        min(night_on) as night_on,
        max(result_order) as result_order,
        count(*) as result_count,
        count(*) filter (where outcome = 'failed' and severity = 'error') as failed_error_count,
        count(*) filter (where outcome = 'failed' and severity = 'warning') as failed_warning_count,
        count(*) filter (where outcome = 'not_evaluated') as not_evaluated_count
    from source
    group by submission_id, rules_version
),

final as (
    select
        submission_id,
        rules_version,
        night_on,
        row_number() over (partition by submission_id order by night_on, result_order) as verdict_number,
        result_count,
        failed_error_count,
        failed_warning_count,
        not_evaluated_count
    from verdicts
)

select * from final
