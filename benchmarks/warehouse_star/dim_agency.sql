-- The agencies, without the communes, which report nothing.
select
    agency_code,
    organ_id,
    name_vi,
    level,
    parent_code,
    valid_from,
    valid_to,
    level in ('department', 'district') as is_reporting
from seed.agencies
