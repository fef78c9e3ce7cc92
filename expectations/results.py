"""Writing what the rules came to: ``audit.rule_result`` only grows, by results that are new or another than before."""

from __future__ import annotations

from datetime import date

import duckdb

from expectations.compiler import RuleBook
from expectations.sides import NUMBER_TEXT
from expectations.standing import remember

#: What stands of some submissions (``{submissions}`` is a query of their ids) under the rules of ``$version``:
#: ``audit.rule_result_now`` without a look at everybody else's history.
STANDS = """
select submission_id, rule_id, severity, outcome, left_value, right_value, left_text, right_text
from audit.rule_result
where rules_version = $version and submission_id in ({submissions})
qualify row_number() over (partition by submission_id, rule_id order by night_on desc, rowid desc) = 1
"""
_STANDS = STANDS.format(submissions="select submission_id from audit.rule_operand")

_INSERT = f"""
insert into audit.rule_result by name
select found.*, $version as rules_version, cast($night as date) as night_on
from rule_found as found
left join ({_STANDS}) as old on found.submission_id = old.submission_id and found.rule_id = old.rule_id
where old.submission_id is null or (found.severity, found.outcome, found.left_value, found.right_value, found.left_text,
    found.right_text) is distinct from (old.severity, old.outcome, old.left_value, old.right_value, old.left_text,
    old.right_text)
"""

_FAILED = f"select rule_id, count(*) from ({_STANDS}) as stands where outcome = 'failed' group by rule_id"


def write_results(
    connection: duckdb.DuckDBPyConnection, book: RuleBook, night: date, counts: dict[str, int]
) -> tuple[str, ...]:
    """Write every outcome of ``audit.rule_operand`` that is new or another than before, and remember what was judged, in
    one transaction. Rolled back, with a sentence each, where a rule's failures are not those that were counted (``counts``
    by rule)."""
    connection.execute(NUMBER_TEXT)
    connection.begin()
    try:
        # One statement, so that the rules are worked out side by side.
        found = " union all ".join(rule.results for rule in book.all)
        connection.execute(f"create or replace temp table rule_found as {found}")
        connection.execute(_INSERT, {"version": book.version, "night": night})
        connection.execute("drop table rule_found")
        written = dict(connection.execute(_FAILED, {"version": book.version}).fetchall())
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
