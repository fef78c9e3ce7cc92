-- One row for each document of the outgoing register, its latest state.
with

states as (
    select * from {{ ref('stg_raw__outgoing_document') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by document_id
            order by
                updated_at desc nulls last,
                landed_id desc,
                promulgated_on desc nulls last,
                organ_code desc nulls last,
                sent_form desc nulls last,
                is_digitally_signed desc nulls last
        ) as recency
    from states
),

final as (
    select
        ordered.document_id,
        coalesce(agencies.agency_code, 'unknown') as agency_code,
        ordered.organ_code,
        ordered.document_number,
        ordered.promulgated_on,
        ordered.sent_form,
        ordered.is_digitally_signed,
        ordered.updated_at,
        ordered.night_on,
        ordered.landed_id
    from ordered
    left join agencies on ordered.organ_code = agencies.agency_code
    where ordered.recency = 1
)

select * from final
