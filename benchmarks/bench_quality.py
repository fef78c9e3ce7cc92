"""The checks: all rules over a large warehouse, beside hand-written SQL, Great Expectations on a pandas frame and Soda on
DuckDB; and how often the statistical rules warn on sound data.

    python -m benchmarks.bench_quality --values 1500000 --seeds 3 --gx-python … --soda-python …

Every contender begins with one Parquet file of lines. Half of the made-up forms break half of the relations.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.quality_history import history_rates
from expectations.compiler import read_rule_book
from expectations.expression import Sum
from expectations.sql import CompiledRule, as_sum
from expectations.standing import clear, prepare
from tests.expectations.gate_provinces import make_province
from tests.expectations.gate_warehouses import SEEDS, answerable

LINES_A_FORM = 133

_MADE = """
copy (
    select 's' || number as submission_id, code as indicator_code,
        cast(hash(number, code) % 90 as decimal(20, 6)) as value, cast(hash(number, code) % 90 as varchar) as value_text
    from range(1, {forms} + 1) as forms (number), codes
) to '{parquet}' (format parquet)
"""

LOAD = """
insert into raw.submission by name
select 's' || number as submission_id, 'portal' as source, 's' || number as door_id, 'H51.03' as agency_code,
    'so-2021' as form_code, '2021' as period_code, number as revision, 'typed' as reading,
    timestamp '2021-12-17 09:30:00' as received_at, date '2021-12-20' as night_on, 'page' as locator,
    repeat('0', 64) as sha256, repeat('0', 64) as content_sha256, number as landed_id
from range(1, {forms} + 1) as forms (number);
insert into intermediate.int_submission_line by name
select submission_id, 'H51.03' as agency_code, '2021' as period_code, 'so-2021' as form_code,
    'portal' as source, 1 as revision, indicator_code, value, value_text,
    '' as note, 'reported' as observation_status, 0 as document_count, 'page' as source_locator
from read_parquet('{parquet}')
"""

#: One row a form, one column a line, as a person would write it for this one purpose.
_FORM = "create table form as select submission_id, {columns} from lines group by submission_id"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--values", type=int, default=1_500_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--gx-python", type=Path)
    parser.add_argument("--soda-python", type=Path)
    asked = parser.parse_args()
    forms = asked.values // LINES_A_FORM
    print(f"{forms * LINES_A_FORM:,} values, {forms:,} forms")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parquet = folder / "lines.parquet"
        with duckdb.connect() as connection:
            connection.register("codes", pa.table({"code": answerable()}))
            connection.execute(_MADE.format(forms=forms, parquet=parquet))
        _peer_rules(folder / "rules.json")
        told: dict[str, list[dict[str, Any]]] = {}
        for run in range(asked.runs):
            own = [sys.executable, "-m", "benchmarks.bench_quality_runs"]
            contenders = {
                "gate, all rules": [*own, "gate"],
                "gate, the relations of one form": [*own, "relations"],
                "hand-written SQL, the same relations": [*own, "by_hand"],
            }
            peers = str(Path(__file__).with_name("quality_peers.py"))
            if asked.gx_python:
                contenders["Great Expectations on pandas, the same relations"] = [str(asked.gx_python), peers, "gx"]
            if asked.soda_python:
                contenders["Soda on DuckDB, the same relations"] = [str(asked.soda_python), peers, "soda"]
            for contender, command in contenders.items():
                place = folder / f"{run}"
                place.mkdir(exist_ok=True)
                told.setdefault(contender, []).append(_run([*command, str(parquet), str(folder / "rules.json")], place))
            shutil.rmtree(folder / f"{run}")
        for contender, runs in told.items():
            memory = statistics.median(one["memory_mb"] for one in runs)
            print(f"{contender}: {_spread([one['seconds'] for one in runs])}, peak memory {memory:,.0f} MB")
        relations = told.pop("gate, the relations of one form")
        told.pop("gate, all rules")
        for contender, runs in told.items():
            ratios = [other["seconds"] / one["seconds"] for other, one in zip(runs, relations, strict=True)]
            more = statistics.median(o["memory_mb"] / one["memory_mb"] for o, one in zip(runs, relations, strict=True))
            agreed = runs[0]["failed"] == relations[0]["failed"]
            print(f"{contender} / gate: {statistics.median(ratios):.2f} x seconds, {more:.2f} x memory"
                  f"{'' if agreed else ' (other counts of failed forms: ' + _differing(runs[0], relations[0]) + ')'}")  # fmt: skip
    _false_alarms(asked.seeds)


def _run(command: list[str], folder: Path) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own commands
        command, capture_output=True, text=True, check=False, env=os.environ | {"TMPDIR": str(folder)}
    )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _differing(one: dict[str, Any], other: dict[str, Any]) -> str:
    return ", ".join(sorted(rule for rule in other["failed"] if one["failed"].get(rule) != other["failed"][rule])[:8])


def plain_relations() -> list[CompiledRule]:
    """The relations of one form over figures alone, with every operand wanted: what every contender can say."""
    return [
        compiled
        for compiled in read_rule_book(SEEDS).compiled
        if compiled.rule.operator in ("<=", "=")
        and compiled.rule.kind == "one submission"
        and all(column.aspect in ("value", "status") for column in compiled.columns)
    ]


def form_sql() -> str:
    """The statement that makes ``form`` of ``lines``."""
    codes = sorted({column.code for rule in plain_relations() for column in rule.columns})
    columns = ", ".join(f"max(value) filter (where indicator_code = '{code}') as \"{code}\"" for code in codes)
    return _FORM.format(columns=columns)


def _peer_rules(path: Path) -> None:
    def terms(side: Sum) -> list[tuple[float, str | None]]:
        return [(float(term.coefficient), term.operand.name if term.operand else None) for term in side.terms]

    def sql(side: Sum) -> str:
        return " + ".join(f"{c} * " + (f'"{code}"' if code else "1") for c, code in terms(side))

    rules = []
    for compiled in plain_relations():
        rule = compiled.rule
        left, right = as_sum(rule.left), as_sum(rule.right)
        broken = f"{sql(left)} {'>' if rule.operator == '<=' else '<>'} {sql(right)}"
        rules.append(
            {"rule_id": rule.rule_id, "operator": rule.operator, "left": terms(left), "right": terms(right),
             "query": f"select submission_id from form where {broken}"}
        )  # fmt: skip
    path.write_text(json.dumps({"form": form_sql(), "rules": rules}), encoding="utf-8")


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
    print(f"on {seeds} histories of six sound years, and the outliers planted in their last reports:")
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            for rule_id, rate_of in history_rates(Path(folder), seed).items():
                share = 100 * rate_of.warned / rate_of.looked
                print(f"  {rule_id}  {rate_of.warned} of {rate_of.looked}  {share:.2f} %"
                      f"  found {rate_of.found} of {rate_of.planted}")  # fmt: skip


def _spread(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"


if __name__ == "__main__":
    main()
