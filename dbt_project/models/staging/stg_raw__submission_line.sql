with

source as (
    select * from {{ source('raw', 'submission_line') }}
),

final as (
    select
        submission_id,
        line_order,
        indicator_code,
        value_text,
        value,
        unit,
        note,
        observation_status,
        confidence,
        locator as source_locator,
        ratio_numerator,
        ratio_denominator
    from source
)

select * from final
