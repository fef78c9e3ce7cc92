-- The procedures that dossiers name, each by the name and field of its newest dossier.
with

dossiers as (
    select * from {{ ref('fct_dossier') }}
),

final as (
    select
        coalesce(procedure_code, 'unknown') as procedure_code,
        case
            when procedure_code is null then 'Không xác định'
            else arg_max(procedure_name, (updated_at, landed_id, dossier_id))
        end as name_vi,
        case
            when
                procedure_code is not null
                then arg_max(field_code, (updated_at, landed_id, dossier_id))
        end as field_code,
        count(*) as dossier_count
    from dossiers
    group by procedure_code

    union all

    select
        'unknown' as procedure_code,
        'Không xác định' as name_vi,
        null as field_code,
        0 as dossier_count
    where not exists (
        select 1 from dossiers
        where procedure_code is null
    )
)

select
    procedure_code,
    name_vi,
    field_code,
    dossier_count
from final
