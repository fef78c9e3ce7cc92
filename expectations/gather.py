"""What one night's quality report speaks of, gathered from the built warehouse."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from expectations.findings import BrokenRule, Coverage, Fault, Figure, Finding, Findings, Holding

#: An indicator's code in the text of a side.
_CODE = re.compile(r"\b(?:VII|VI|IV|V|III|II|I)(?:\.[0-9]+)+(?:\.[a-z])?(?![A-Za-z0-9_])")


def gather(connection: duckdb.DuckDBPyConnection, night: date, structural_failures: Sequence[str] = ()) -> Findings:
    """Everything the report of ``night`` says. Where the marts are not built, only what the raw tables tell."""
    submissions: list[dict[str, Any]] = []
    coverage: tuple[Coverage, ...] = ()
    broken: dict[str, tuple[BrokenRule, ...]] = {}
    holdings: dict[str, Holding] = {}
    if _has(connection, "mart", "fct_submission"):
        submissions = _rows(connection, _SUBMISSIONS, [night])
        broken = broken_rules(connection, [row["submission_id"] for row in submissions])
        holdings = {row.pop("for_submission_id"): Holding(**row) for row in _rows(connection, _HOLDINGS, [night])}
        coverage = tuple(Coverage(**row) for row in _rows(connection, _COVERAGE, [night]))
    faults = _faults(connection, night)
    findings: list[Finding] = []
    for row in submissions:
        submission_id = row["submission_id"]
        rules = broken.get(submission_id, ())
        finding = Finding(
            **row,
            errors=tuple(rule for rule in rules if rule.severity == "error"),
            warnings=tuple(rule for rule in rules if rule.severity != "error"),
            faults=faults.get(submission_id, ()),
            holding=holdings.get(submission_id),
        )
        if finding.is_quarantined or finding.errors or finding.warnings or finding.faults:
            findings.append(finding)
    return Findings(
        night=night,
        findings=tuple(findings),
        refused=faults.get(None, ()),
        lost=tuple(Fault(**row) for row in _rows(connection, _LOST, [night])),
        structural_failures=tuple(structural_failures),
        received_count=len(submissions),
        accepted_count=sum(row["status"] == "accepted" for row in submissions),
        quarantined_count=sum(row["status"] == "quarantined" for row in submissions),
        coverage=coverage,
    )


_SUBMISSIONS = """
select
    submission.submission_id, submission.agency_code, agency.name_vi as agency_name,
    period.label_vi as period_label, submission.source,
    submission.door_id, submission.document_number, submission.document_on, submission.revision,
    submission.received_at, submission.source_locator as locator, submission.status
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
where result.outcome = 'failed' and submission.submission_id in (select unnest(cast(? as varchar[])))
order by result.submission_id, result.severity, result.rule_id, result.left_text
"""

_FIGURES = """
select
    line.submission_id, line.indicator_code as code, indicator.label_vi, indicator.label_en, line.value_text as text,
    line.value, line.observation_status as status, line.note, line.source_locator as locator
from mart.fct_indicator_value as line
inner join mart.dim_indicator as indicator on line.indicator_code = indicator.indicator_code
inner join (select unnest(?) as submission_id, unnest(?) as indicator_code) as wanted
    on line.submission_id = wanted.submission_id and line.indicator_code = wanted.indicator_code
"""

_FAULTS = """
select submission_id, source, severity, code, message, locator
from raw.problem
where night_on = ? and severity in ('error', 'warning') and (submission_id is not null or severity = 'error')
union
select null, source, 'error', 'refused', reason, locator
from raw.outcome
where night_on = ? and step = 'land' and result in ('refused', 'failed')
order by source, locator, message
"""

_FAULTS_OF = """
select submission_id, source, severity, code, message, locator
from raw.problem
where submission_id in (select unnest(cast(? as varchar[]))) and severity in ('error', 'warning')
order by source, locator, message
"""

#: Fetches whose last try of the night failed.
_LOST = """
select source, 'error' as severity, 'lost' as code, arg_max(reason, outcome_id) as message, locator
from raw.outcome
where night_on = ? and step = 'fetch'
group by source, locator
having arg_max(result, outcome_id) = 'failed'
order by source, locator
"""

_HOLDINGS = """
select
    quarantined.submission_id as for_submission_id, holding.submission_id, holding.source, holding.revision, holding.received_at,
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
    period.label_vi as period_label,
    count(*) as expected_count,
    count(*) filter (where rate.is_received) as received_count,
    count(*) filter (where rate.is_on_time) as on_time_count,
    count(*) filter (where rate.status = 'accepted') as accepted_count
from mart.mart_reporting_rate as rate
inner join mart.dim_period as period on rate.period_code = period.period_code
where
    rate.is_expected
    and rate.period_code in (select period_code from mart.fct_submission where night_on = ?)
group by period.period_code, period.label_vi, period.due_on
order by period.due_on
"""


def broken_rules(
    connection: duckdb.DuckDBPyConnection, submission_ids: Sequence[str]
) -> dict[str, tuple[BrokenRule, ...]]:
    """The failed rules of these submissions, each with the figures that its two sides name."""
    rows = _rows(connection, _BROKEN, [list(submission_ids)])
    codes = [tuple(dict.fromkeys(_CODE.findall(f"{row['left_text']} {row['right_text']}"))) for row in rows]
    wanted = sorted({(row["submission_id"], code) for row, found in zip(rows, codes, strict=True) for code in found})
    figures: dict[tuple[str, str], Figure] = {}
    if wanted:
        parameters = [[submission_id for submission_id, _ in wanted], [code for _, code in wanted]]
        for figure in _rows(connection, _FIGURES, parameters):
            submission_id = figure.pop("submission_id")
            figures[submission_id, figure["code"]] = Figure(**figure)
    broken: dict[str, list[BrokenRule]] = defaultdict(list)
    for row, found in zip(rows, codes, strict=True):
        submission_id = row.pop("submission_id")
        here = tuple(figures[submission_id, code] for code in found if (submission_id, code) in figures)
        broken[submission_id].append(BrokenRule(**row, figures=here))
    return {submission_id: tuple(rules) for submission_id, rules in broken.items()}


def _faults(connection: duckdb.DuckDBPyConnection, night: date) -> dict[str | None, tuple[Fault, ...]]:
    """What reading left to be said, by submission; under None what never became one."""
    faults: dict[str | None, list[Fault]] = defaultdict(list)
    for row in _rows(connection, _FAULTS, [night, night]):
        faults[row.pop("submission_id")].append(Fault(**row))
    return {submission_id: tuple(found) for submission_id, found in faults.items()}


def faults_of(connection: duckdb.DuckDBPyConnection, submission_ids: Sequence[str]) -> dict[str, tuple[Fault, ...]]:
    """What reading left to be said of these submissions."""
    faults: dict[str, list[Fault]] = defaultdict(list)
    for row in _rows(connection, _FAULTS_OF, [list(submission_ids)]):
        faults[row.pop("submission_id")].append(Fault(**row))
    return {submission_id: tuple(found) for submission_id, found in faults.items()}


def _rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> list[dict[str, Any]]:
    """The query's rows by column name."""
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _has(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchone()
    return found is not None
