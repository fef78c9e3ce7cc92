-- Each submission's results under the rules that judged it last, the last one of each rule; the audit keeps the earlier
-- ones. `rowid` tells which of two that ran in one night came later.
with

source as (
    select
        *,
        rowid as result_order
    from {{ source('audit', 'rule_result') }}
),

latest_version as (
    select
        submission_id,
        arg_max(rules_version, (night_on, result_order)) as rules_version
    from source
    group by submission_id
),

final as (
    select
        source.submission_id,
        source.rule_id,
        row_number() over (
            partition by source.submission_id, source.rule_id
            order by source.left_text, source.right_text, source.result_order
        ) as result_number,
        source.severity,
        source.outcome,
        source.left_value,
        source.right_value,
        source.left_text,
        source.right_text,
        source.rules_version,
        source.night_on
    from source
    inner join latest_version
        on
            source.submission_id = latest_version.submission_id
            and source.rules_version = latest_version.rules_version
    qualify
        row_number() over (
            partition by source.submission_id, source.rule_id
            order by source.night_on desc, source.result_order desc
        ) = 1
)

select * from final
