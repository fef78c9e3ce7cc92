"""The gate: judges every submission that the current rules have not judged yet, or whose counterparts have changed, and
the structure of the whole night.

A submission that breaks an error rule is quarantined alone, by what stands in ``audit.rule_result``; a structural failure
(a lost source, a stream that dried up, orphan codes, submissions that vanished) stops the publication.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations.compiler import RuleBook, read_rule_book
from expectations.errors import GateError
from expectations.marks import JUDGED
from expectations.repair.tables import TABLES as REPAIR_TABLES
from expectations.results import standing_results, write_results
from expectations.standing import WAIVED, clear, prepare
from expectations.structure import VIOLATIONS, count_violations, failures, find_violations
from expectations.volume import NIGHT_VOLUME, WINDOW_NIGHTS, remember_volume, volume_failures
from state.warehouse import open_warehouse

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

#: Of the submissions judged this night: those that may not be published, and failed rules by severity.
_JUDGED = f"""
with judged as (select submission_id from audit.judged where judged_on = $night and rules_version = $version),
waived as ({WAIVED}),
failed as (
    select result.submission_id, result.severity,
        (result.submission_id, result.rule_id) in (select (submission_id, rule_id) from waived) as is_waived
    from ({{stands}}) as result
    where result.outcome = 'failed'
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
    """Create what the gate and the proposals of repair write, where it is not there yet."""
    connection.execute(_TABLES + JUDGED + NIGHT_VOLUME + REPAIR_TABLES)


def run_gate(
    warehouse: Path,
    *,
    night: date,
    context_root: Path,
    now: Callable[[], datetime],
    lost_sources: Sequence[str] = (),
    read_streams: Collection[str] = (),
    quiet_nights: int = WINDOW_NIGHTS,
    kept_runs: int = 30,
    has_docs: bool = True,
) -> GateResult:
    """Judge what waits; ``lost_sources`` are sentences on sources that gave nothing and failed, each a structural failure.

    ``read_streams`` are those of ``volume.STREAMS`` that were read this night; one that brings next to nothing for
    ``quiet_nights`` such nights is a structural failure too (0: never).

    ``kept_runs`` runs of Great Expectations keep their results and pages; ``has_docs`` is whether there are pages. With
    nothing waiting, Great Expectations is not imported. Raises ``RuleError`` for a rule table that makes no sense
    and ``GateError`` when a table is missing or a check can't be run; then nothing is written.
    """
    with open_warehouse(warehouse) as connection:
        ensure_tables(connection)
        book = read_rule_book(connection)
        docs = context_root / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html"
        remember_volume(connection, night, read_streams)
        missing = (*lost_sources, *volume_failures(connection, night, window_nights=quiet_nights))
        try:
            find_violations(connection)
        except duckdb.Error as error:
            raise GateError(f"a structural check can't be run: {error}") from error

    # What a connection has read and worked out is given back when it is closed: the night needs that memory once.
    with open_warehouse(warehouse) as connection:
        tell = _Teller(connection, book, night, missing, str(docs) if docs.exists() else "")
        try:
            evaluated_count = prepare(connection, book)
        except duckdb.Error as error:
            raise GateError(f"what came can't be judged: {error}") from error
        if not evaluated_count:
            broken = failures(count_violations(connection))
            clear(connection)
            return tell(0, broken)

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
                Suite(STRUCTURE_SUITE, VIOLATIONS, structural_checks()),
                Suite(RULES_SUITE, "audit.rule_operand", rule_checks(book)),
            ],
            kept_runs=kept_runs,
        )

    with open_warehouse(warehouse) as connection:
        tell = _Teller(connection, book, night, missing, str(docs) if docs.exists() else "")
        try:
            broken = failures(all_counted(STRUCTURE_SUITE, found[STRUCTURE_SUITE]))
            if not broken:
                broken = write_results(connection, book, night, all_counted(RULES_SUITE, found[RULES_SUITE]))
        finally:
            clear(connection)
        return tell(0 if broken else evaluated_count, broken)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Makes the night's result."""

    connection: duckdb.DuckDBPyConnection
    book: RuleBook
    night: date
    missing: tuple[str, ...]
    docs_path: str

    def __call__(self, evaluated_count: int, broken: tuple[str, ...]) -> GateResult:
        errors, warnings, waived_count, quarantined = 0, 0, 0, []
        if evaluated_count:
            version = self.book.version
            judged = f"select submission_id from audit.judged where judged_on = date '{self.night}'"
            stands = standing_results(self.connection, self.book, f"{judged} and rules_version = '{version}'")
            errors, warnings, waived_count, quarantined = self.connection.execute(
                _JUDGED.format(stands=stands), {"night": self.night, "version": version}
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
            structural_failures=(*self.missing, *broken),
            docs_path=self.docs_path,
        )
