with

source as (
    select * from {{ source('raw', 'problem') }}
),

final as (
    select
        landed_id,
        submission_id,
        source,
        severity,
        code as problem_code,
        message,
        locator as source_locator,
        night_on
    from source
)

select * from final
