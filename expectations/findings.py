"""What one night's quality report speaks of, gathered from the built warehouse as frozen records."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

_CODE = re.compile(r"\b(?:VII|VI|IV|V|III|II|I)(?:\.[0-9]+)+(?:\.[a-z])?(?![A-Za-z0-9_])")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line that a broken rule speaks of: as typed (``text``), as read (``value``), and where it stands."""

    code: str
    label_vi: str
    label_en: str
    text: str
    value: Decimal | None
    status: str
    note: str
    locator: str


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A failed rule with its two sides; ``left`` and ``right`` are the rule's own expressions."""

    rule_id: str
    severity: str
    message_vi: str
    message_en: str
    left: str
    right: str
    left_value: Decimal | None
    right_value: Decimal | None
    left_text: str
    right_text: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem of reading: in a submission, or in a body of which no submission came."""

    source: str
    severity: str
    message: str
    locator: str


@dataclass(frozen=True, slots=True)
class Holding:
    """The submission that is published for an agency and period."""

    submission_id: str
    source: str
    revision: int
    received_at: datetime
    document_number: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One submission of the night of which something is to be said. ``holding`` is what is published in its place."""

    submission_id: str
    agency_code: str
    agency_name: str
    period_label: str
    source: str
    door_id: str
    document_number: str | None
    document_on: date | None
    revision: int
    received_at: datetime
    locator: str
    status: str
    errors: tuple[BrokenRule, ...]
    warnings: tuple[BrokenRule, ...]
    faults: tuple[Fault, ...]
    holding: Holding | None

    @property
    def error_faults(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.severity == "error")

    @property
    def is_quarantined(self) -> bool:
        return self.status == "quarantined"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a period's reporting has come, over all agencies that owe a report."""

    period_label: str
    expected_count: int
    received_count: int
    on_time_count: int
    accepted_count: int


@dataclass(frozen=True, slots=True)
class Findings:
    """One night: findings in order of agency, then what never became a submission, then totals."""

    night: date
    findings: tuple[Finding, ...]
    refused: tuple[Fault, ...]
    lost: tuple[Fault, ...]
    structural_failures: tuple[str, ...]
    received_count: int
    accepted_count: int
    quarantined_count: int
    coverage: tuple[Coverage, ...]

    @property
    def quarantined(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_quarantined)

    @property
    def warning_count(self) -> int:
        return sum(len(finding.warnings) for finding in self.findings)

    @property
    def is_clean(self) -> bool:
        """Nothing failed: no report is due. Remarks of reading alone are no failure."""
        return not (self.quarantined or self.warning_count or self.refused or self.lost or self.structural_failures)


def gather(connection: duckdb.DuckDBPyConnection, night: date, structural_failures: Sequence[str] = ()) -> Findings:
    """Everything the report of ``night`` says. Where the marts are not built, only what the raw tables tell."""
    submissions: list[tuple[Any, ...]] = []
    coverage: tuple[Coverage, ...] = ()
    if _has(connection, "mart", "fct_submission"):
        submissions = connection.execute(_SUBMISSIONS, [night]).fetchall()
        coverage = _coverage(connection, night)
    broken = _broken_rules(connection, night) if submissions else {}
    faults = _faults(connection, night)
    holdings = _holdings(connection, night) if submissions else {}
    findings: list[Finding] = []
    for row in submissions:
        rules = broken.get(row[0], ())
        finding = Finding(
            *row,
            tuple(rule for rule in rules if rule.severity == "error"),
            tuple(rule for rule in rules if rule.severity != "error"),
            faults.get(row[0], ()),
            holdings.get(row[0]),
        )
        if finding.is_quarantined or finding.errors or finding.warnings or finding.faults:
            findings.append(finding)
    return Findings(
        night=night,
        findings=tuple(findings),
        refused=faults.get(None, ()),
        lost=tuple(Fault(*row) for row in connection.execute(_LOST, [night]).fetchall()),
        structural_failures=tuple(structural_failures),
        received_count=len(submissions),
        accepted_count=sum(row[11] == "accepted" for row in submissions),
        quarantined_count=sum(row[11] == "quarantined" for row in submissions),
        coverage=coverage,
    )


_SUBMISSIONS = """
select
    submission.submission_id, submission.agency_code, agency.name_vi, period.label_vi, submission.source,
    submission.door_id, submission.document_number, submission.document_on, submission.revision,
    submission.received_at, submission.source_locator, submission.status
from mart.fct_submission as submission
left join mart.dim_agency as agency on submission.agency_code = agency.agency_code
left join mart.dim_period as period on submission.period_code = period.period_code
where submission.night_on = ? and submission.status <> 'withdrawn'
order by submission.agency_code, period.due_on nulls last, submission.received_at, submission.submission_id
"""

_BROKEN = """
select
    result.submission_id, result.rule_id, result.severity, rule.message_vi, rule.message_en, rule."left", rule."right",
    result.left_value, result.right_value, result.left_text, result.right_text
from mart.fct_rule_result as result
inner join mart.fct_submission as submission on result.submission_id = submission.submission_id
inner join seed.rules as rule on result.rule_id = rule.rule_id
where result.outcome = 'failed' and submission.night_on = ?
order by result.submission_id, result.severity, result.rule_id, result.left_text
"""

_FIGURES = """
select
    line.submission_id, line.indicator_code, indicator.label_vi, indicator.label_en, line.value_text, line.value,
    line.observation_status, line.note, line.source_locator
from mart.fct_indicator_value as line
inner join mart.dim_indicator as indicator on line.indicator_code = indicator.indicator_code
inner join (select unnest(?) as submission_id, unnest(?) as indicator_code) as wanted
    on line.submission_id = wanted.submission_id and line.indicator_code = wanted.indicator_code
"""

_FAULTS = """
select submission_id, source, severity, message, locator
from raw.problem
where night_on = ? and severity in ('error', 'warning') and (submission_id is not null or severity = 'error')
union
select null, source, 'error', reason, locator
from raw.outcome
where night_on = ? and step = 'land' and result in ('refused', 'failed')
order by source, locator, message
"""

#: Fetches whose last try of the night failed.
_LOST = """
select source, 'error', arg_max(reason, outcome_id), locator
from raw.outcome
where night_on = ? and step = 'fetch'
group by source, locator
having arg_max(result, outcome_id) = 'failed'
order by source, locator
"""

_HOLDINGS = """
select
    quarantined.submission_id, holding.submission_id, holding.source, holding.revision, holding.received_at,
    holding.document_number
from mart.fct_submission as quarantined
inner join mart.fct_submission as holding
    on
        quarantined.agency_code = holding.agency_code
        and quarantined.period_code = holding.period_code
        and holding.status = 'accepted'
where quarantined.night_on = ? and quarantined.status = 'quarantined' and quarantined.agency_code <> 'unknown'
"""

_COVERAGE = """
select
    period.label_vi,
    count(*),
    count(*) filter (where rate.is_received),
    count(*) filter (where rate.is_on_time),
    count(*) filter (where rate.status = 'accepted')
from mart.mart_reporting_rate as rate
inner join mart.dim_period as period on rate.period_code = period.period_code
where
    rate.is_expected
    and rate.period_code in (select period_code from mart.fct_submission where night_on = ?)
group by period.period_code, period.label_vi, period.due_on
order by period.due_on
"""


def _broken_rules(connection: duckdb.DuckDBPyConnection, night: date) -> dict[str, tuple[BrokenRule, ...]]:
    rows = connection.execute(_BROKEN, [night]).fetchall()
    codes = [tuple(dict.fromkeys(_CODE.findall(f"{row[9]} {row[10]}"))) for row in rows]
    wanted = sorted({(row[0], code) for row, found in zip(rows, codes, strict=True) for code in found})
    figures: dict[tuple[str, str], Figure] = {}
    if wanted:
        parameters = [[submission_id for submission_id, _ in wanted], [code for _, code in wanted]]
        for submission_id, *figure in connection.execute(_FIGURES, parameters).fetchall():
            figures[submission_id, figure[0]] = Figure(*figure)
    broken: dict[str, list[BrokenRule]] = defaultdict(list)
    for row, found in zip(rows, codes, strict=True):
        here = tuple(figures[row[0], code] for code in found if (row[0], code) in figures)
        broken[row[0]].append(BrokenRule(*row[1:], here))
    return {submission_id: tuple(rules) for submission_id, rules in broken.items()}


def _faults(connection: duckdb.DuckDBPyConnection, night: date) -> dict[str | None, tuple[Fault, ...]]:
    faults: dict[str | None, list[Fault]] = defaultdict(list)
    for submission_id, *fault in connection.execute(_FAULTS, [night, night]).fetchall():
        faults[submission_id].append(Fault(*fault))
    return {submission_id: tuple(found) for submission_id, found in faults.items()}


def _holdings(connection: duckdb.DuckDBPyConnection, night: date) -> dict[str, Holding]:
    return {row[0]: Holding(*row[1:]) for row in connection.execute(_HOLDINGS, [night]).fetchall()}


def _coverage(connection: duckdb.DuckDBPyConnection, night: date) -> tuple[Coverage, ...]:
    return tuple(Coverage(*row) for row in connection.execute(_COVERAGE, [night]).fetchall())


def _has(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchone()
    return found is not None
