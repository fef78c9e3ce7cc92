{{ config(materialized='view') }}
-- How much figures move after they were first given: mean revision by indicator and agency, over the periods that were
-- sent more than once. `all` stands for every agency, or every indicator.
with

revisions as (
    select * from {{ ref('mart_revision').include(database=false) }}
),

final as (
    select
        case when grouping(agency_code) = 1 then 'all' else agency_code end as agency_code,
        case when grouping(indicator_code) = 1 then 'all' else indicator_code end as indicator_code,
        count(*) as figure_count,
        count(*) filter (where is_revised) as revised_count,
        cast(round(avg(revision_amount), 6) as decimal(20, 6)) as mean_revision,
        cast(round(avg(abs(revision_amount)), 6) as decimal(20, 6)) as mean_absolute_revision,
        cast(round(avg(revision_percent), 2) as decimal(38, 2)) as mean_revision_percent
    from revisions
    group by grouping sets ((agency_code, indicator_code), (agency_code), (indicator_code))
)

select
    agency_code,
    indicator_code,
    figure_count,
    revised_count,
    mean_revision,
    mean_absolute_revision,
    mean_revision_percent
from final
