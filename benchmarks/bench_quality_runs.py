"""One run of the project's own contenders of ``bench_quality.py``, each in a process of its own.

    python -m benchmarks.bench_quality_runs gate|relations|by_hand PARQUET RULES.json

Prints one JSON object: seconds from the file to the last result (the import of Great Expectations aside), peak memory in MB,
failed forms by rule.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from benchmarks.bench_quality import LOAD, form_sql, plain_relations
from expectations.gate import run_gate
from expectations.sides import NUMBER_TEXT
from tests.expectations.gate_warehouses import make_warehouse

NIGHT = date(2021, 12, 20)


def main() -> None:
    contender, parquet = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        run = by_hand if contender == "by_hand" else gate
        seconds, failed = run(Path(name), parquet, is_plain=contender == "relations")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory_mb": memory, "failed": failed}))


def gate(folder: Path, parquet: str, *, is_plain: bool) -> tuple[float, dict[str, int]]:
    """The load and the whole gate, Data Docs among it; with ``is_plain`` the rule table has the plain relations alone."""
    import great_expectations  # noqa: F401 - its import is not counted, for nobody

    warehouse = make_warehouse(folder / "warehouse.duckdb", [])
    wanted = [rule.rule.rule_id for rule in plain_relations()]
    with duckdb.connect(str(warehouse)) as connection:
        forms = _one(connection, f"select count(distinct submission_id) from read_parquet('{parquet}')")
        if is_plain:
            connection.execute("delete from seed.rules where rule_id not in (select unnest(?))", [wanted])
    started = time.perf_counter()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(LOAD.format(forms=forms, parquet=parquet))
    result = run_gate(warehouse, night=NIGHT, context_root=folder / "gx", now=lambda: datetime.now(UTC))
    seconds = time.perf_counter() - started
    if not result.is_passed or result.evaluated_count != forms:
        raise SystemExit(f"the gate did not judge everything: {result.structural_failures}")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select rule_id, count(*) filter (where outcome = 'failed') from audit.rule_result group by rule_id"
        ).fetchall()
    return seconds, {rule: count for rule, count in rows if rule in wanted}


def by_hand(folder: Path, parquet: str, *, is_plain: bool) -> tuple[float, dict[str, int]]:  # noqa: ARG001 - as gate
    """The lines loaded, one row a form, every result written with both sides, as figures and as texts."""
    rules = plain_relations()
    started = time.perf_counter()
    with duckdb.connect(str(folder / "by_hand.duckdb")) as connection:
        connection.execute(NUMBER_TEXT)
        connection.execute(f"create table lines as select * from read_parquet('{parquet}')")
        connection.execute(form_sql())
        # Everything is reported in these forms: the status columns, which a person would not need, are given so.
        statuses = sorted({column.name for rule in rules for column in rule.columns if column.aspect == "status"})
        extra = "".join(f", 'reported' as {status}" for status in statuses)
        source = f"(select *{extra} from form)"
        results = " union all ".join(rule.results.replace("audit.rule_operand", source) for rule in rules)
        connection.execute(f"create table result as {results}")
        seconds = time.perf_counter() - started
        rows = connection.execute(
            "select rule_id, count(*) filter (where outcome = 'failed') from result group by rule_id"
        ).fetchall()
    return seconds, dict(rows)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
