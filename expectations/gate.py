"""The gate: judges every submission that the current rules have not judged yet, or whose counterparts have changed, and
the structure of the whole night.

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
from expectations.marks import JUDGED
from expectations.sides import NUMBER_TEXT
from expectations.standing import WAIVED, clear, prepare, remember
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
    night_on date not null -- the night of this outcome: it stays while judging again gives the same
);
-- What stands: a result is never changed, a later one under the same rules takes its place.
create or replace view audit.rule_result_now as
select * from audit.rule_result
qualify row_number() over (partition by submission_id, rule_id, rules_version order by night_on desc, rowid desc) = 1;
"""

#: Results of the submissions judged now that are not what stands there already.
_CHANGED = """
create or replace table audit.rule_changed as
select found.* from audit.rule_found as found
left join audit.rule_result_now as old
    on found.submission_id = old.submission_id and found.rule_id = old.rule_id and old.rules_version = ?
where old.submission_id is null or (found.severity, found.outcome, found.left_value, found.right_value, found.left_text,
    found.right_text) is distinct from (old.severity, old.outcome, old.left_value, old.right_value, old.left_text,
    old.right_text)
"""

#: Of the submissions judged this night: those that may not be published, and failed rules by severity.
_JUDGED = """
with judged as (select submission_id from audit.judged where judged_on = ? and rules_version = ?),
waived as ({waived}),
failed as (
    select result.submission_id, result.severity,
        (result.submission_id, result.rule_id) in (select (submission_id, rule_id) from waived) as is_waived
    from audit.rule_result_now as result
    inner join judged on result.submission_id = judged.submission_id
    where result.rules_version = ? and result.outcome = 'failed'
)
select
    (select count(*) from failed where severity = 'error'),
    (select count(*) from failed where severity = 'warning'),
    (select count(*) from failed where is_waived),
    (
        select coalesce(list(submission_id order by submission_id), []) from judged
        where submission_id in (select submission_id from failed where severity = 'error' and not is_waived)
            or submission_id in (
                select submission_id from intermediate.int_submission_line
                where agency_code = 'unknown' or period_code = 'unknown'
            )
            or submission_id in (select submission_id from raw.problem where severity = 'error')
    )
"""


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate found this night. ``failed_…_count`` count failed rules of the submissions judged this night, waived
    ones among them (``waived_count``).

    ``quarantined`` are those of them that may not be published: an error rule broken and not waived, an unknown agency or
    period, or a problem of severity error. ``docs_path`` is the first page of the Data Docs, empty before the first.
    """

    night: date
    rules_version: str
    rule_count: int
    evaluated_count: int
    failed_error_count: int
    failed_warning_count: int
    waived_count: int
    quarantined: tuple[str, ...]
    structural_failures: tuple[str, ...]
    docs_path: str

    @property
    def is_passed(self) -> bool:
        """Whether the night may be published."""
        return not self.structural_failures


def ensure_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what the gate writes, where it is not there yet."""
    connection.execute(_TABLES + JUDGED)


def run_gate(
    warehouse: Path,
    *,
    night: date,
    context_root: Path,
    now: Callable[[], datetime],
    lost_sources: Sequence[str] = (),
    kept_runs: int = 30,
    has_docs: bool = True,
) -> GateResult:
    """Judge what waits; ``lost_sources`` are sentences on sources that gave nothing and failed, each a structural failure.

    ``kept_runs`` runs of Great Expectations keep their results and pages; ``has_docs`` is whether there are pages. With
    nothing waiting, Great Expectations is not imported. Raises ``RuleError`` for a rule table that makes no sense
    and ``GateError`` when a table is missing or a check can't be run; then nothing is written.
    """
    with duckdb.connect(str(warehouse)) as connection:
        ensure_tables(connection)
        book = read_rule_book(connection)
        docs = context_root / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html"
        tell = _Teller(connection, book, night, tuple(lost_sources), str(docs) if docs.exists() else "")
        try:
            evaluated_count = prepare(connection, book.compiled, book.version)
        except duckdb.Error as error:
            raise GateError(f"what came can't be judged: {error}") from error
        if not evaluated_count:
            return tell(0, failures(_count_violations(connection)))

    from expectations.gx_suite import (
        RULES_SUITE,
        STRUCTURE_SUITE,
        Checkpoint,
        Suite,
        all_counted,
        rule_checks,
        structural_checks,
    )

    name = f"night-{night}"
    with Checkpoint(warehouse, context_root, run_name=name, run_time=now(), has_docs=has_docs) as checkpoint:
        found = checkpoint.run(
            [
                Suite(STRUCTURE_SUITE, LINES, structural_checks()),
                Suite(RULES_SUITE, "audit.rule_operand", rule_checks(book)),
            ],
            kept_runs=kept_runs,
        )

    with duckdb.connect(str(warehouse)) as connection:
        tell = _Teller(connection, book, night, tuple(lost_sources), str(docs) if docs.exists() else "")
        try:
            broken = failures(all_counted(STRUCTURE_SUITE, found[STRUCTURE_SUITE]))
            if not broken:
                broken = _write(connection, book, night, all_counted(RULES_SUITE, found[RULES_SUITE]))
        finally:
            clear(connection)
        return tell(0 if broken else evaluated_count, broken)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Makes the night's result."""

    connection: duckdb.DuckDBPyConnection
    book: RuleBook
    night: date
    lost_sources: tuple[str, ...]
    docs_path: str

    def __call__(self, evaluated_count: int, broken: tuple[str, ...]) -> GateResult:
        errors, warnings, waived_count, quarantined = 0, 0, 0, []
        if evaluated_count:
            version = self.book.version
            errors, warnings, waived_count, quarantined = self.connection.execute(
                _JUDGED.format(waived=WAIVED), [self.night, version, version]
            ).fetchall()[0]
        return GateResult(
            night=self.night,
            rules_version=self.book.version,
            rule_count=len(self.book.all),
            evaluated_count=evaluated_count,
            failed_error_count=errors,
            failed_warning_count=warnings,
            waived_count=waived_count,
            quarantined=tuple(quarantined),
            structural_failures=(*self.lost_sources, *broken),
            docs_path=self.docs_path,
        )


def _count_violations(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    try:
        return count_violations(connection)
    except duckdb.Error as error:
        raise GateError(f"a structural check can't be run: {error}") from error


def _write(
    connection: duckdb.DuckDBPyConnection, book: RuleBook, night: date, counts: dict[str, int]
) -> tuple[str, ...]:
    """Write every outcome that is new or another than before, in one transaction. Rolled back where a
    rule's failures are not those that were counted."""
    connection.execute(NUMBER_TEXT)
    connection.begin()
    try:
        connection.execute(f"create or replace table audit.rule_found as {book.all[0].results}")
        for rule in book.all[1:]:
            connection.execute(f"insert into audit.rule_found {rule.results}")
        connection.execute(_CHANGED, [book.version])
        connection.execute(
            "insert into audit.rule_result by name"
            " select *, ? as rules_version, cast(? as date) as night_on from audit.rule_changed",
            [book.version, night],
        )
        written = _failed_by_rule(connection, book)
        differing = {
            rule: (counted, written.get(rule, 0)) for rule, counted in counts.items() if counted != written.get(rule, 0)
        }
        if differing:
            connection.rollback()
            return tuple(
                f"Quy tắc {rule}: đếm được {counted} biểu vi phạm nhưng ghi {count}"
                for rule, (counted, count) in differing.items()
            )
        remember(connection, book.version, night.isoformat())
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise
    return ()


def _failed_by_rule(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> dict[str, int]:
    """Failed results of the submissions that are being judged."""
    return dict(
        connection.execute(
            "select rule_id, count(*) from audit.rule_result_now where outcome = 'failed' and rules_version = ?"
            " and submission_id in (select submission_id from audit.rule_operand) group by rule_id",
            [book.version],
        ).fetchall()
    )
