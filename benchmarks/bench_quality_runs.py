"""One run of the project's own contenders of ``bench_quality.py``, each in a process of its own.

    python -m benchmarks.bench_quality_runs gate|relations|bare|load|by_hand|idle PARQUET RULES.json

Prints one JSON object: seconds from the file to the last result (the import of Great Expectations aside), of the clock and of
CPU, peak memory in MB,
failed forms by rule. ``bare`` is the gate's SQL alone: the failing forms' ids by rule, in memory, nothing kept and without Great
Expectations. ``load`` is only what the gate begins with, the lines in the warehouse. ``idle`` only imports what the gate imports.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from benchmarks.quality_clock import Clock, Spent
from benchmarks.quality_rules import AS_REPORTED, LOAD, RECEIVE, form_sql, plain_relations
from expectations import gx_library
from expectations.compiler import read_rule_book
from expectations.gate import run_gate
from expectations.sides import NUMBER_TEXT
from expectations.standing import prepare
from tests.expectations.gate_warehouses import make_warehouse

NIGHT = date(2021, 12, 20)


def main() -> None:
    contender, parquet = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        run = {"bare": bare, "load": load, "by_hand": by_hand, "idle": idle}.get(contender, gate)
        spent, failed = run(Path(name), parquet, is_plain=contender == "relations")
    print(json.dumps(spent | {"failed": failed}))


def gate(folder: Path, parquet: str, *, is_plain: bool) -> tuple[Spent, dict[str, int]]:
    """The load and the whole gate, Data Docs among it; with ``is_plain`` the rule table has the plain relations alone."""
    clock = Clock()
    load_library, gx_library.load = gx_library.load, lambda: clock.leave_out(load_library)
    wanted = [rule.rule.rule_id for rule in plain_relations()]
    warehouse, forms = _warehouse(folder, parquet, is_plain=is_plain)
    clock.start()
    _load(warehouse, parquet, forms)
    result = run_gate(warehouse, night=NIGHT, context_root=folder / "gx", now=lambda: datetime.now(UTC))
    spent = clock.spent()
    if not result.is_passed or result.evaluated_count != forms:
        raise SystemExit(f"the gate did not judge everything: {result.structural_failures}")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select rule_id, count(*) filter (where outcome = 'failed') from audit.rule_result group by rule_id"
        ).fetchall()
    return spent, {rule: count for rule, count in rows if rule in wanted}


def bare(folder: Path, parquet: str, *, is_plain: bool) -> tuple[Spent, dict[str, int]]:  # noqa: ARG001 - as gate
    """The lines read from the file where a rule needs them, judged, and the ids of the failing forms fetched rule by rule;
    all in memory."""
    clock = Clock()
    warehouse, forms = _warehouse(folder, parquet, is_plain=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"attach '{warehouse}' as seeds (read_only); copy from database seeds to memory; detach seeds"
        )
        clock.start()
        connection.execute(RECEIVE.format(forms=forms))
        connection.execute("alter table intermediate.int_submission_line rename to columns_of_a_line")
        connection.execute(
            "create view intermediate.int_submission_line as select * from intermediate.columns_of_a_line"
            f" union all by name select *, {AS_REPORTED} from read_parquet('{parquet}')"
        )
        book = read_rule_book(connection)
        prepare(connection, book)
        found = {
            rule.rule.rule_id: connection.execute(rule.check.format(batch="audit.rule_operand")).fetchall()
            for rule in book.all
        }
        spent = clock.spent()
    return spent, {rule_id: len(ids) for rule_id, ids in found.items()}


def load(folder: Path, parquet: str, *, is_plain: bool) -> tuple[Spent, dict[str, int]]:
    """The file in the warehouse as the gate finds it, and nothing judged."""
    clock = Clock()
    warehouse, forms = _warehouse(folder, parquet, is_plain=is_plain)
    clock.start()
    _load(warehouse, parquet, forms)
    return clock.spent(), {}


def _load(warehouse: Path, parquet: str, forms: int) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(RECEIVE.format(forms=forms))
        connection.execute(LOAD.format(parquet=parquet))


def _warehouse(folder: Path, parquet: str, *, is_plain: bool) -> tuple[Path, int]:
    """A warehouse of nothing but seeds, with the plain relations alone if so asked; how many forms the file has."""
    warehouse = make_warehouse(folder / "warehouse.duckdb", [])
    wanted = tuple(rule.rule.rule_id for rule in plain_relations())
    with duckdb.connect(str(warehouse)) as connection:
        if is_plain:
            connection.execute(f"delete from seed.rules where rule_id not in {wanted}")
        forms = _one(connection, f"select count(distinct submission_id) from read_parquet('{parquet}')")
    return warehouse, forms


def idle(*_: object, is_plain: bool) -> tuple[Spent, dict[str, int]]:  # noqa: ARG001 - as gate
    """Everything imported, and nothing done."""
    gx_library.load()
    clock = Clock()
    clock.start()
    return clock.spent(), {}


def by_hand(folder: Path, parquet: str, *, is_plain: bool) -> tuple[Spent, dict[str, int]]:  # noqa: ARG001 - as gate
    """The lines loaded, one row a form, every result written with both sides, as figures and as texts."""
    rules = plain_relations()
    clock = Clock()
    clock.start()
    with duckdb.connect(str(folder / "by_hand.duckdb")) as connection:
        connection.execute(NUMBER_TEXT)
        connection.execute(
            f"create table lines as select submission_id, indicator_code, value from read_parquet('{parquet}')"
        )
        connection.execute(form_sql())
        # What these forms hold can all be read: the status columns, which a person would not need, say so.
        statuses = sorted({column.name for rule in rules for column in rule.columns if column.aspect == "status"})
        extra = "".join(f", 'reported' as {status}" for status in statuses)
        outcomes = "".join(f", {rule.outcome} as {rule.outcome_name}" for rule in rules)
        source = f"(select *{outcomes} from (select *{extra} from form))"
        results = " union all ".join(rule.results.replace("audit.rule_operand", source) for rule in rules)
        connection.execute(f"create table result as {results}")
        spent = clock.spent()
        rows = connection.execute(
            "select rule_id, count(*) filter (where outcome = 'failed') from result group by rule_id"
        ).fetchall()
    return spent, dict(rows)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
