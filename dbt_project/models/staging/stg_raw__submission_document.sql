with

source as (
    select * from {{ source('raw', 'submission_document') }}
),

final as (
    select
        submission_id,
        indicator_code,
        position as document_position,
        document_number,
        document_on,
        date_text
    from source
)

select * from final
