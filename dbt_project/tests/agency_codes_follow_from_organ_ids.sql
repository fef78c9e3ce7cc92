-- Fails on every agency whose organ id does not read as its code, so that neither form of the id would find it.
select
    agency_code,
    organ_id
from {{ ref('dim_agency') }}
where
    organ_id is not null
    and {{ organ_code('organ_id') }} is distinct from agency_code
