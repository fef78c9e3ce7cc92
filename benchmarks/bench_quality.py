"""The checks: all rules over a large warehouse, beside the same relations in hand-written SQL; and how often the statistical
rules warn on sound data.

    python -m benchmarks.bench_quality --values 1500000 --seeds 3
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.compiler import read_rule_book
from expectations.gate import run_gate
from expectations.standing import clear, prepare
from tests.expectations.gate_provinces import make_province
from tests.expectations.gate_warehouses import SEEDS, answerable, make_warehouse

NIGHT = date(2021, 12, 20)
LINES_A_FORM = 133

_LOAD = """
insert into raw.submission by name
select 's' || number as submission_id, 'portal' as source, 's' || number as door_id, 'H51.03' as agency_code,
    'so-2021' as form_code, '2021' as period_code, number as revision, 'typed' as reading,
    timestamp '2021-12-17 09:30:00' as received_at, date '2021-12-20' as night_on, 'page' as locator,
    repeat('0', 64) as sha256, repeat('0', 64) as content_sha256, number as landed_id
from range(1, {forms} + 1) as forms (number);
insert into intermediate.int_submission_line by name
select 's' || number as submission_id, 'H51.03' as agency_code, '2021' as period_code, 'so-2021' as form_code,
    'portal' as source, number as revision, code as indicator_code,
    cast(hash(number, code) % 90 as decimal(20, 6)) as value, cast(hash(number, code) % 90 as varchar) as value_text,
    '' as note, 'reported' as observation_status, 0 as document_count, 'page' as source_locator
from range(1, {forms} + 1) as forms (number), codes
"""

#: The plain relations of the table, as a person would write them for this one purpose: counts of failures.
_BY_HAND = """
with form as (
    select submission_id, {columns} from intermediate.int_submission_line group by submission_id
)
select {counts} from form
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--values", type=int, default=1_500_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    forms = asked.values // LINES_A_FORM
    with tempfile.TemporaryDirectory() as folder:
        gate, by_hand = [], []
        for run in range(asked.runs):
            warehouse = make_warehouse(Path(folder) / f"{run}.duckdb", [])
            started = time.perf_counter()
            _load(warehouse, forms)
            loaded = time.perf_counter() - started
            seconds, _ = _timed(lambda warehouse=warehouse, run=run: _gate(warehouse, Path(folder) / f"gx{run}"))
            gate.append(loaded + seconds)
            by_hand.append(loaded + _timed(lambda warehouse=warehouse: _count_by_hand(warehouse))[0])
        told = f"{forms * LINES_A_FORM:,} values, {forms:,} forms"
        print(f"all rules, with the load and the import of Great Expectations: {told}: {_spread(gate)}")
        print(f"the relations of one form in hand-written SQL, with the load: {_spread(by_hand)}")
        print(f"ratio {statistics.median(gate) / statistics.median(by_hand):.1f}")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    _false_alarms(asked.seeds)


def _load(warehouse: Path, forms: int) -> None:
    codes = pa.table({"code": answerable()})
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("codes", codes)
        connection.execute(_LOAD.format(forms=forms))


def _gate(warehouse: Path, context_root: Path) -> None:
    result = run_gate(warehouse, night=NIGHT, context_root=context_root, now=lambda: datetime.now(UTC))
    if not result.is_passed or not result.evaluated_count:
        raise SystemExit(f"the gate judged nothing: {result}")


def _count_by_hand(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        book = read_rule_book(SEEDS)
        rules = [rule for rule in book.compiled if rule.rule.kind == "one submission"]
        columns = sorted({column for rule in rules for column in rule.columns})
        connection.execute(
            _BY_HAND.format(
                columns=", ".join(column.aggregate for column in columns),
                counts=", ".join(f"count(*) filter (where {rule.outcome} = 'failed')" for rule in rules),
            )
        ).fetchall()


def _false_alarms(seeds: int) -> None:
    """How often each rule fails on provinces in which nothing is wrong."""
    failed: Counter[str] = Counter()
    evaluated: Counter[str] = Counter()
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            warehouse = make_province(Path(folder), seed=seed)
            with duckdb.connect(str(warehouse)) as connection:
                book = read_rule_book(connection)
                prepare(connection, book.compiled, book.version)
                for rule in book.cases:
                    broken = connection.execute(rule.check.format(batch="audit.rule_operand")).fetchall()
                    looked = connection.execute(
                        f"select count(distinct submission_id) from {rule.source} where {rule.evaluated}"
                    ).fetchall()[0][0]
                    failed[rule.rule.rule_id] += len(broken)
                    evaluated[rule.rule.rule_id] += int(looked)
                clear(connection)
    print(f"false alarms on {seeds} clean provinces, submissions warned of those looked at:")
    for rule_id in sorted(evaluated):
        rate = f"{100 * failed[rule_id] / evaluated[rule_id]:.2f} %" if evaluated[rule_id] else "not evaluated"
        print(f"  {rule_id}  {failed[rule_id]} of {evaluated[rule_id]}  {rate}")


def _timed(body: Callable[[], None]) -> tuple[float, None]:
    started = time.perf_counter()
    body()
    return time.perf_counter() - started, None


def _spread(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"


if __name__ == "__main__":
    main()
