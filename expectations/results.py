"""Writing what the rules came to: ``audit.rule_result`` only grows, by results that are new or another than before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from expectations.compiler import RuleBook
from expectations.sides import NUMBER_TEXT
from expectations.standing import remember
from state.warehouse import transaction

#: Of this many rules the results are written by one statement: what DuckDB holds to run it grows with it.
_RULES_AT_ONCE = 8

#: The submissions that are judged, as a query of their ids.
_WAITING = "select submission_id from audit.rule_operand"
_OF = "from audit.rule_result where rules_version = $version and submission_id in ({submissions})"
_NEWEST = " qualify row_number() over (partition by submission_id, rule_id order by night_on desc, rowid desc) = 1"

_INSERT = """
insert into audit.rule_result by name
select found.*, $version as rules_version, cast($night as date) as night_on
from ({found}) as found
{unchanged}
"""
#: Only where something stands: against nothing, what is found would be gathered in memory to be compared.
_UNCHANGED = """
left join ({stands}) as old on found.submission_id = old.submission_id and found.rule_id = old.rule_id
where old.submission_id is null or (found.severity, found.outcome, found.left_value, found.right_value, found.left_text,
    found.right_text) is distinct from (old.severity, old.outcome, old.left_value, old.right_value, old.left_text,
    old.right_text)
"""
_STANDS_ALREADY = f"select count(*) from audit.judged where rules_version = $version and submission_id in ({_WAITING})"
_FAILED = "select rule_id, count(*) from ({stands}) as stands where outcome = 'failed' group by rule_id"


class _MiscountedError(Exception):
    """What was written is not what was counted: a sentence for each rule."""


def standing_results(connection: duckdb.DuckDBPyConnection, book: RuleBook, submissions: str) -> str:
    """A query of what stands of the submissions (a query of their ids) under the rules of ``$version``:
    ``audit.rule_result_now`` without a look at everybody else's history, and without sorting where each result was written
    once."""
    results = _OF.format(submissions=submissions)
    rows, forms = connection.execute(
        f"select count(*), count(distinct submission_id) {results}", {"version": book.version}
    ).fetchall()[0]
    return _all_results(submissions) + ("" if rows == forms * len(book.all) else _NEWEST)


def _all_results(submissions: str) -> str:
    """A query of every result that was written of the submissions."""
    results = _OF.format(submissions=submissions)
    return f"select submission_id, rule_id, severity, outcome, left_value, right_value, left_text, right_text {results}"


@contextmanager
def _written_as_made(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """For the statement that writes all results, by far the most of what the gate writes. It is made of many small parts,
    which cost two threads twice the work of one; and what is ready is written at once, so that little is held."""
    connection.execute("set threads = 1; set write_buffer_row_group_count = 1")
    try:
        yield
    finally:
        connection.execute("reset threads; reset write_buffer_row_group_count")


def write_results(
    connection: duckdb.DuckDBPyConnection, book: RuleBook, night: date, counts: dict[str, int]
) -> tuple[str, ...]:
    """Write every outcome of ``audit.rule_operand`` that is new or another than before, and remember what was judged, in
    one transaction. Rolled back, with a sentence each, where a rule's failures are not those that were counted (``counts``
    by rule)."""
    connection.execute(NUMBER_TEXT)
    try:
        with transaction(connection):
            is_first = _write(connection, book, night)
            stands = _all_results(_WAITING) if is_first else standing_results(connection, book, _WAITING)
            failed = connection.execute(_FAILED.format(stands=stands), {"version": book.version}).fetchall()
            _hold_against(counts, dict(failed))
            remember(connection, book.version, night.isoformat())
    except _MiscountedError as error:
        return tuple(error.args)
    return ()


def _hold_against(counts: dict[str, int], written: dict[str, int]) -> None:
    differing = {rule: count for rule, count in counts.items() if count != written.get(rule, 0)}
    if differing:
        raise _MiscountedError(
            *(
                f"Quy tắc {rule}: đếm được {count} biểu vi phạm nhưng ghi {written.get(rule, 0)}"
                for rule, count in differing.items()
            )
        )


def _write(connection: duckdb.DuckDBPyConnection, book: RuleBook, night: date) -> bool:
    """Write what is new or another than before; whether nothing stood of any of the submissions."""
    known = connection.execute(_STANDS_ALREADY, {"version": book.version}).fetchall()[0][0]
    unchanged = _UNCHANGED.format(stands=standing_results(connection, book, _WAITING)) if known else ""
    with _written_as_made(connection):
        for first in range(0, len(book.all), _RULES_AT_ONCE):
            found = " union all ".join(rule.results for rule in book.all[first : first + _RULES_AT_ONCE])
            connection.execute(
                _INSERT.format(found=found, unchanged=unchanged), {"version": book.version, "night": night}
            )
    return not known
