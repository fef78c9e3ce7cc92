with

source as (
    select * from {{ source('audit', 'repair_proposal') }}
),

final as (
    select
        submission_id,
        rank as proposal_rank,
        position as change_position,
        indicator_code,
        aspect,
        kind as cause,
        old_value,
        new_value,
        low_value,
        high_value,
        nullif(other_code, '') as swapped_with_code,
        score as proposal_cost,
        rules_version,
        night_on
    from source
)

select * from final
