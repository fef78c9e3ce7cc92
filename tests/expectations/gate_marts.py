"""The marts that a quality report reads, made from a judged warehouse by the plainest SQL that will do."""

from __future__ import annotations

from pathlib import Path

import duckdb

_MARTS = """
create or replace table mart.dim_agency as
    select agency_code, name_vi from seed.agencies union all select 'unknown', 'Không xác định';
create or replace table mart.dim_period as
    select period_code, label_vi, cast(due_on as date) as due_on from seed.periods
    union all select 'unknown', 'Không xác định', null;
create or replace table mart.dim_indicator as
    select code as indicator_code, label_vi, label_en from seed.indicators;
create or replace table mart.fct_submission as
with judged as (
    select
        s.submission_id, s.agency_code, s.period_code, s.source, s.door_id, s.document_number, s.document_on,
        s.revision, s.received_at, s.night_on, s.locator as source_locator,
        s.agency_code = 'unknown' or s.period_code = 'unknown'
        or s.submission_id in (select submission_id from raw.problem where severity = 'error')
        or s.submission_id in (
            select submission_id from audit.rule_result where outcome = 'failed' and severity = 'error'
        ) as is_faulty
    from raw.submission as s
)
select
    * exclude (is_faulty),
    case
        when is_faulty then 'quarantined'
        when row_number() over (partition by agency_code, period_code, is_faulty order by revision desc) = 1
            then 'accepted'
        else 'superseded'
    end as status
from judged;
create or replace table mart.fct_rule_result as
    select submission_id, rule_id, severity, outcome, left_value, right_value, left_text, right_text
    from audit.rule_result;
create or replace table mart.fct_indicator_value as
    select submission_id, indicator_code, value_text, value, observation_status, note, source_locator
    from intermediate.int_submission_line;
create or replace table mart.mart_reporting_rate as
    select
        a.agency_code, p.period_code, true as is_expected, s.agency_code is not null as is_received,
        s.agency_code is not null as is_on_time, coalesce(s.status, 'missing') as status
    from seed.agencies as a
    cross join seed.periods as p
    left join (
        select agency_code, period_code, min(status) as status from mart.fct_submission group by all
    ) as s on a.agency_code = s.agency_code and p.period_code = s.period_code
    where a.level in ('department', 'district');
"""


def build_marts(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_MARTS)
