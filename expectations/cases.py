"""What is open, since when, and what was solved: read from the marts, so that a night run again finds the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class OpenForm:
    """An agency's form for a period of which the newest submission is held back. ``since`` is the night of the first
    quarantined one after the last that was accepted."""

    submission_id: str
    agency_code: str
    agency_name: str
    period_code: str
    period_label: str
    since: date
    error_count: int


@dataclass(frozen=True, slots=True)
class Solved:
    """A form that was held back on an earlier night and was accepted this night."""

    agency_code: str
    agency_name: str
    period_label: str
    since: date


@dataclass(frozen=True, slots=True)
class Late:
    """A report that is owed, past its due day, and not there: one case, however many lines are missing by it."""

    agency_code: str
    agency_name: str
    period_code: str
    period_label: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure that differs from what the systems of record hold."""

    agency_name: str
    period_label: str
    indicator_code: str
    label_vi: str
    label_en: str
    reported_value: Decimal
    recorded_value: Decimal

    @property
    def difference(self) -> Decimal:
        return self.reported_value - self.recorded_value


@dataclass(frozen=True, slots=True)
class Older:
    """Reports so long overdue that they are only counted: ``count`` of them, due before ``before``."""

    count: int
    before: date


@dataclass(frozen=True, slots=True)
class Cases:
    """Everything that stands open at the end of a night."""

    open_forms: tuple[OpenForm, ...] = ()
    solved: tuple[Solved, ...] = ()
    late: tuple[Late, ...] = ()
    older: Older | None = None
    gaps: tuple[Gap, ...] = ()


_GAPS_SHOWN = 10
#: So many days past its due day a report is told by name: those of this year and the last.
OVERDUE_DAYS = 400

_OPEN = """
with known as (
    select * from mart.fct_submission
    where night_on <= $night and status <> 'withdrawn' and agency_code <> 'unknown' and period_code <> 'unknown'
),
accepted as (
    select agency_code, period_code, max(received_at) as accepted_at from known
    where status in ('accepted', 'superseded') group by agency_code, period_code
),
held as (
    select known.* from known
    left join accepted on known.agency_code = accepted.agency_code and known.period_code = accepted.period_code
    where known.status = 'quarantined' and (accepted.accepted_at is null or known.received_at > accepted.accepted_at)
),
newest as (
    select
        agency_code, period_code, min(night_on) as since,
        arg_max(submission_id, (received_at, revision, submission_id)) as submission_id
    from held group by agency_code, period_code
)
select
    newest.submission_id, newest.agency_code, agency.name_vi as agency_name, newest.period_code,
    period.label_vi as period_label, newest.since,
    (
        select count(*) from mart.fct_rule_result as result
        where result.submission_id = newest.submission_id and outcome = 'failed' and severity = 'error'
    ) as error_count
from newest
inner join mart.dim_agency as agency on newest.agency_code = agency.agency_code
inner join mart.dim_period as period on newest.period_code = period.period_code
order by newest.agency_code, period.due_on
"""

_SOLVED = """
select
    fresh.agency_code, any_value(agency.name_vi) as agency_name, any_value(period.label_vi) as period_label,
    min(held.night_on) as since
from mart.fct_submission as fresh
inner join mart.fct_submission as held
    on
        fresh.agency_code = held.agency_code and fresh.period_code = held.period_code
        and held.status = 'quarantined' and held.night_on < fresh.night_on and held.received_at < fresh.received_at
inner join mart.dim_agency as agency on fresh.agency_code = agency.agency_code
inner join mart.dim_period as period on fresh.period_code = period.period_code
where
    fresh.night_on = $night and fresh.status in ('accepted', 'superseded') and fresh.agency_code <> 'unknown'
    and not exists (
        select 1 from mart.fct_submission as before
        where
            before.agency_code = fresh.agency_code and before.period_code = fresh.period_code
            and before.status in ('accepted', 'superseded') and before.night_on < fresh.night_on
            and before.received_at > held.received_at
    )
group by fresh.agency_code, fresh.period_code
order by fresh.agency_code, fresh.period_code
"""

_LATE = """
select
    rate.agency_code, agency.name_vi as agency_name, rate.period_code, period.label_vi as period_label, period.due_on
from mart.mart_reporting_rate as rate
inner join mart.dim_agency as agency on rate.agency_code = agency.agency_code
inner join mart.dim_period as period on rate.period_code = period.period_code
where rate.is_expected and not rate.is_received and period.due_on < $night
order by rate.agency_code, period.due_on
"""

_GAPS = f"""
select
    agency.name_vi as agency_name, period.label_vi as period_label, gap.indicator_code, indicator.label_vi,
    indicator.label_en, gap.reported_value, gap.recorded_value
from mart.mart_reconciliation as gap
inner join mart.dim_agency as agency on gap.agency_code = agency.agency_code
inner join mart.dim_period as period on gap.period_code = period.period_code
inner join mart.dim_indicator as indicator on gap.indicator_code = indicator.indicator_code
where not gap.is_matching and gap.reported_value is not null and gap.recorded_value is not null and period.due_on
    >= cast($night as date) - interval 120 day
order by
    abs(gap.reported_value - gap.recorded_value) / greatest(abs(gap.recorded_value), 1) desc, gap.agency_code,
    gap.period_code, gap.indicator_code
limit {_GAPS_SHOWN}
"""


def read_cases(connection: duckdb.DuckDBPyConnection, night: date, overdue_days: int = OVERDUE_DAYS) -> Cases:
    """All cases at the end of ``night``; none where the marts are not built. Reports due more than ``overdue_days`` before are
    counted only."""
    if not _has(connection, "fct_submission"):
        return Cases()
    everything, late = read_late(connection, night), read_late(connection, night, overdue_days)
    return Cases(
        open_forms=tuple(OpenForm(**row) for row in _rows(connection, _OPEN, night)),
        solved=tuple(Solved(**row) for row in _rows(connection, _SOLVED, night)),
        late=late,
        older=Older(len(everything) - len(late), night - timedelta(days=overdue_days)) if everything != late else None,
        gaps=tuple(Gap(**row) for row in _rows(connection, _GAPS, night))
        if _has(connection, "mart_reconciliation")
        else (),
    )


def read_late(connection: duckdb.DuckDBPyConnection, day: date, overdue_days: int = 0) -> tuple[Late, ...]:
    """Every report that is owed, past its due day on ``day``, and not there; 0 ``overdue_days``: however long past it."""
    late = (Late(**row) for row in _rows(connection, _LATE, day))
    return tuple(report for report in late if not overdue_days or (day - report.due_on).days <= overdue_days)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, night: date) -> list[dict[str, Any]]:
    cursor = connection.execute(query, {"night": night} if "$night" in query else None)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(
        connection.execute(
            "select 1 from information_schema.tables where table_schema = 'mart' and table_name = ?", [table]
        ).fetchone()
    )
