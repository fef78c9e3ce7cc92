-- The waivers in force: the last word on a submission and rule counts.
with

source as (
    select * from {{ source('raw', 'waiver') }}
),

ordered as (
    select
        *,
        row_number() over (partition by submission_id, rule_id order by landed_id desc) as recency
    from source
),

final as (
    select
        submission_id,
        rule_id,
        reason,
        decided_by,
        decided_at,
        night_on
    from ordered
    where
        recency = 1
        and is_in_force
)

select * from final
