"""The gate: judges every submission that the current rules have not judged yet, and the structure of the whole night.

A submission that breaks an error rule is quarantined alone, by what stands in ``audit.rule_result``; a structural failure
(a lost source, orphan codes, submissions that vanished) stops the publication.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations.compiler import RuleBook, read_rule_book
from expectations.errors import GateError
from expectations.sides import NUMBER_TEXT
from expectations.sql import CompiledRule, pivot
from expectations.structure import LINES, count_violations, failures

_TABLES = """
create schema if not exists audit;
create table if not exists audit.rule_result (
    submission_id varchar not null,
    rule_id varchar not null,
    severity varchar not null, -- error, warning
    outcome varchar not null, -- passed, failed, not_evaluated
    left_value decimal(20, 6),
    right_value decimal(20, 6),
    left_text varchar not null, -- the side as a person reads it, in Vietnamese
    right_text varchar not null,
    rules_version varchar not null,
    night_on date not null
);
"""

#: Submissions that the current rules have not judged.
_WAITING = """
select distinct submission_id from intermediate.int_submission_line
where submission_id not in (select submission_id from audit.rule_result where rules_version = '{version}')
"""

#: Submissions judged this night that may not be published.
_QUARANTINED = """
with judged as (
    select submission_id, bool_or(outcome = 'failed' and severity = 'error') as is_failed
    from audit.rule_result where night_on = ? and rules_version = ? group by submission_id
)
select submission_id from judged
where is_failed
    or submission_id in (
        select submission_id from intermediate.int_submission_line
        where agency_code = 'unknown' or period_code = 'unknown'
    )
    or submission_id in (select submission_id from raw.problem where severity = 'error')
order by submission_id
"""


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate found this night. ``failed_…_count`` count failed rules of the submissions judged this night.

    ``quarantined`` are those of them that may not be published: an error rule broken, an unknown agency or period, or a
    problem of severity error. ``not_run`` are the rules that need more than one submission.
    """

    night: date
    rules_version: str
    rule_count: int
    evaluated_count: int
    failed_error_count: int
    failed_warning_count: int
    quarantined: tuple[str, ...]
    not_run: tuple[str, ...]
    structural_failures: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether the night may be published."""
        return not self.structural_failures


def ensure_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what the gate writes, where it is not there yet."""
    connection.execute(_TABLES)


def run_gate(
    warehouse: Path,
    *,
    night: date,
    context_root: Path,
    now: Callable[[], datetime],
    lost_sources: Sequence[str] = (),
) -> GateResult:
    """Judge what waits; ``lost_sources`` are sentences on sources that gave nothing and failed, each a structural failure.

    With nothing waiting, Great Expectations is not imported. Raises ``RuleError`` for a rule table that makes no sense
    and ``GateError`` when a table is missing or a check can't be run; then nothing is written.
    """
    with duckdb.connect(str(warehouse)) as connection:
        ensure_tables(connection)
        book = read_rule_book(connection)
        evaluated_count = _pivot(connection, book)
        if not evaluated_count:
            broken = failures(_count_violations(connection))
            return _result(connection, book, night, evaluated_count, (*lost_sources, *broken))

    from expectations.gx_suite import RULES_SUITE, STRUCTURE_SUITE, Suites, rule_checks, structural_checks

    with Suites(warehouse, context_root, run_name=f"night-{night}", run_time=now()) as suites:
        broken = failures(suites.run(STRUCTURE_SUITE, LINES, structural_checks()))
        counts = {} if broken else suites.run(RULES_SUITE, "audit.rule_operand", rule_checks(book))

    with duckdb.connect(str(warehouse)) as connection:
        if broken:
            connection.execute("drop table audit.rule_operand")
            return _result(connection, book, night, 0, (*lost_sources, *broken))
        broken = _write(connection, book, night, counts)
        return _result(connection, book, night, 0 if broken else evaluated_count, (*lost_sources, *broken))


def _pivot(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> int:
    """Make ``audit.rule_operand`` of the submissions that wait; how many they are. With none, there is no such table."""
    try:
        connection.execute(
            f"create or replace table audit.rule_operand as {pivot(book.columns, _WAITING.format(version=book.version))}"
        )
    except duckdb.Error as error:
        raise GateError(f"intermediate.int_submission_line can't be judged: {error}") from error
    count = _one(connection, "select count(*) from audit.rule_operand")
    if not count:
        connection.execute("drop table audit.rule_operand")
    return count


def _count_violations(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    try:
        return count_violations(connection)
    except duckdb.Error as error:
        raise GateError(f"a structural check can't be run: {error}") from error


def _write(
    connection: duckdb.DuckDBPyConnection, book: RuleBook, night: date, counts: dict[str, int]
) -> tuple[str, ...]:
    """Write every outcome in one transaction; roll it back where a rule's failures are not those that were counted."""
    connection.execute(NUMBER_TEXT)
    connection.begin()
    try:
        before = _failed_by_rule(connection, book)
        connection.execute(
            "insert into audit.rule_result " + " union all ".join(_outcomes(compiled) for compiled in book.compiled),
            [book.version, night] * len(book.compiled),
        )
        connection.execute("drop table audit.rule_operand")
        after = _failed_by_rule(connection, book)
        differing = {
            rule_id: (counted, after[rule_id] - before.get(rule_id, 0))
            for rule_id, counted in counts.items()
            if after[rule_id] - before.get(rule_id, 0) != counted
        }
        if differing:
            connection.rollback()
            return tuple(
                f"Quy tắc {rule_id}: đếm được {counted} biểu vi phạm nhưng ghi {written}"
                for rule_id, (counted, written) in differing.items()
            )
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise
    return ()


def _failed_by_rule(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> dict[str, int]:
    return dict(
        connection.execute(
            "select rule_id, count(*) filter (where outcome = 'failed') from audit.rule_result"
            " where rules_version = ? group by rule_id",
            [book.version],
        ).fetchall()
    )


def _outcomes(compiled: CompiledRule) -> str:
    return (
        f"select submission_id, '{compiled.rule.rule_id}', {compiled.severity}, {compiled.outcome},"
        f" {compiled.left_value}, {compiled.right_value}, {compiled.left_text}, {compiled.right_text}, ?, cast(? as date)"
        " from audit.rule_operand"
    )


def _result(
    connection: duckdb.DuckDBPyConnection,
    book: RuleBook,
    night: date,
    evaluated_count: int,
    structural_failures: tuple[str, ...],
) -> GateResult:
    failed = {"error": 0, "warning": 0}
    quarantined: tuple[str, ...] = ()
    if evaluated_count:
        parameters = [night, book.version]
        failed |= dict(
            connection.execute(
                "select severity, count(*) from audit.rule_result"
                " where night_on = ? and rules_version = ? and outcome = 'failed' group by severity",
                parameters,
            ).fetchall()
        )
        quarantined = tuple(row[0] for row in connection.execute(_QUARANTINED, parameters).fetchall())
    return GateResult(
        night=night,
        rules_version=book.version,
        rule_count=len(book.compiled),
        evaluated_count=evaluated_count,
        failed_error_count=failed["error"],
        failed_warning_count=failed["warning"],
        quarantined=quarantined,
        not_run=tuple(f"{rule.rule_id} ({rule.kind})" for rule in book.not_run),
        structural_failures=structural_failures,
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
