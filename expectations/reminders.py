"""Reminders to agencies whose report is not there yet: some days before its due day, and again once it is past.

Each step of a period (five days before, the day before, overdue) is told once; what was told is kept in the outbox, under the
same key as the night's own mail where that tells an agency of a late report, so that whichever comes first is the one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from expectations.cases import OVERDUE_DAYS, Late, read_late
from expectations.letters import AgencyMails, Desk, Letter, late_key


@dataclass(frozen=True, slots=True)
class Awaited:
    """A report that is owed and not there yet; ``step`` days before ``due_on`` its agency is reminded of it."""

    agency_code: str
    agency_name: str
    period_code: str
    period_label: str
    due_on: date
    step: int

    @property
    def key(self) -> str:
        return f"due:{self.period_code}:{self.step}"


# What a step is: the least of the asked numbers of days that the due day is away, or nearer. A day on which no reminder ran is
# made up for on the next one.
_AWAITED = """
with steps as (
    select period.*, min(step.days) as step
    from mart.dim_period as period
    inner join (select unnest(cast($steps as integer[])) as days) as step
        on date_diff('day', cast($day as date), period.due_on) between 0 and step.days
    group by all
)
select
    agency.agency_code, agency.name_vi as agency_name, steps.period_code, steps.label_vi as period_label, steps.due_on,
    steps.step
from mart.dim_agency as agency
inner join steps on agency.valid_from <= steps.data_to and coalesce(agency.valid_to >= steps.data_to, true)
where
    agency.is_reporting
    and not exists (
        select 1 from mart.fct_submission as submission
        where
            submission.agency_code = agency.agency_code and submission.period_code = steps.period_code
            and submission.status in ('accepted', 'quarantined', 'superseded')
    )
order by agency.agency_code, steps.due_on
"""


def read_awaited(connection: duckdb.DuckDBPyConnection, day: date, steps: Sequence[int]) -> tuple[Awaited, ...]:
    """Every report that is not there and due within the largest of ``steps`` (days), from the published marts."""
    cursor = connection.execute(_AWAITED, {"day": day, "steps": sorted(steps)})
    names = [column[0] for column in cursor.description or ()]
    return tuple(Awaited(**dict(zip(names, row, strict=True))) for row in cursor.fetchall())


def write_reminders(
    connection: duckdb.DuckDBPyConnection, *, desk: Desk, steps: Sequence[int], overdue_days: int = OVERDUE_DAYS
) -> AgencyMails:
    """Queue one mail to each agency with a report to be reminded of on the desk's day; run again the same day it queues the
    same.

    ``steps`` are days before the due day; an overdue report is told again after the desk's ``reminder_nights`` days, until
    ``overdue_days`` after its due day.
    """
    awaited: dict[str, list[Awaited]] = defaultdict(list)
    late: dict[str, list[Late]] = defaultdict(list)
    names: dict[str, str] = {}
    for report in read_awaited(connection, desk.day, steps):
        awaited[report.agency_code].append(report)
        names[report.agency_code] = report.agency_name
    for overdue in read_late(connection, desk.day, overdue_days):
        late[overdue.agency_code].append(overdue)
        names[overdue.agency_code] = overdue.agency_name

    def letter(agency_code: str, told: Mapping[str, date]) -> Letter | None:
        due = [report for report in awaited[agency_code] if told.get(report.key, desk.day) == desk.day]
        past = [report for report in late[agency_code] if desk.is_due(told.get(late_key(report)))]
        if not due and not past:
            return None
        return Letter(
            counts={"agency_subject_due": len(due), "agency_subject_late": len(past)},
            values={"due": due, "late": past},
            keys=(*(report.key for report in due), *map(late_key, past)),
        )

    return desk.write("reminder", names, letter)
