-- The procedures that dossiers name, each by the name and field of its newest dossier.
with

-- Read twice where it is used: kept, all columns of all dossiers are held.
dossiers as {{ not_held() }}(
    select * from {{ ref('fct_dossier') }}
),

grouped as (
    select
        procedure_code,
        max(updated_at) filter (where procedure_name is not null) as named_at,
        max(updated_at) filter (where field_code is not null) as placed_at,
        count(*) as dossier_count
    from dossiers
    group by procedure_code
),

moments as (
    select named_at as told_at from grouped

    union

    select placed_at as told_at from grouped
),

newest as (
    select
        dossiers.procedure_code,
        {{ arg_max(
            'dossiers.procedure_name', '(dossiers.landed_id, dossiers.dossier_id)', 'dossiers.updated_at = grouped.named_at'
        ) }} as procedure_name,
        {{ arg_max(
            'dossiers.field_code', '(dossiers.landed_id, dossiers.dossier_id)', 'dossiers.updated_at = grouped.placed_at'
        ) }} as field_code
    from dossiers
    inner join grouped on dossiers.procedure_code = grouped.procedure_code
    where
        dossiers.updated_at in (select moments.told_at from moments)
        and dossiers.updated_at in (grouped.named_at, grouped.placed_at)
    group by dossiers.procedure_code
),

final as (
    select
        grouped.procedure_code,
        newest.procedure_name as name_vi,
        newest.field_code,
        grouped.dossier_count
    from grouped
    left join newest on grouped.procedure_code = newest.procedure_code
    where grouped.procedure_code is not null

    union all

    select
        'unknown' as procedure_code,
        'Không xác định' as name_vi,
        null as field_code,
        coalesce(sum(dossier_count), 0) as dossier_count
    from grouped
    where procedure_code is null
)

select
    procedure_code,
    name_vi,
    field_code,
    cast(dossier_count as bigint) as dossier_count
from final
