-- Fails on every agency and period of the reporting rate whose reconciliation does not have its six lines, and on the
-- reverse.
with

rates as (
    select
        agency_code,
        period_code
    from {{ changed_rows(ref('mart_reporting_rate'), 'period_code', of=ref('mart_reconciliation')) }}
),

reconciled as (
    select
        agency_code,
        period_code,
        count(distinct indicator_code) as indicator_count,
        count(*) as row_count
    from {{ changed_rows(ref('mart_reconciliation'), 'period_code') }}
    group by agency_code, period_code
)

select
    coalesce(rates.agency_code, reconciled.agency_code) as agency_code,
    coalesce(rates.period_code, reconciled.period_code) as period_code,
    reconciled.indicator_count,
    reconciled.row_count
from rates
full outer join reconciled
    on
        rates.agency_code = reconciled.agency_code
        and rates.period_code = reconciled.period_code
where
    rates.agency_code is null
    or reconciled.indicator_count is distinct from 6
    or reconciled.row_count is distinct from 6
