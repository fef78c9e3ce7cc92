"""The checks: all rules over a large warehouse, beside hand-written SQL, Great Expectations on a pandas frame and Soda on
DuckDB; and how often the statistical rules warn on sound data.

    python -m benchmarks.bench_quality --values 1500000 --seeds 3 --gx-python … --soda-python …

Every contender begins with one Parquet file of lines.
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
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.false_alarms import print_false_alarms
from benchmarks.quality_rules import MADE, write_rules
from tests.expectations.gate_warehouses import answerable

LINES_A_FORM = 133

_GATE = "gate, the relations of one form"


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
            connection.execute(MADE.format(forms=forms, parquet=parquet))
        write_rules(folder / "rules.json")
        told: dict[str, list[dict[str, Any]]] = {}
        for run in range(asked.runs):
            for contender, command in _contenders(asked.gx_python, asked.soda_python).items():
                place = folder / f"{run}"
                place.mkdir(exist_ok=True)
                told.setdefault(contender, []).append(_run([*command, str(parquet), str(folder / "rules.json")], place))
            shutil.rmtree(folder / f"{run}")
        _tell(told)
    if asked.seeds:
        print_false_alarms(asked.seeds)


def _contenders(gx_python: Path | None, soda_python: Path | None) -> dict[str, list[str]]:
    own = [sys.executable, "-m", "benchmarks.bench_quality_runs"]
    peers = str(Path(__file__).with_name("quality_peers.py"))
    contenders = {
        "gate, all rules": [*own, "gate"],
        _GATE: [*own, "relations"],
        "gate, imports alone": [*own, "idle"],
        "hand-written SQL, the same relations": [*own, "by_hand"],
    }
    if gx_python:
        name = "Great Expectations on pandas"
        contenders[f"{name}, the same relations"] = [str(gx_python), peers, "gx"]
        contenders[f"{name}, the same relations with Data Docs"] = [str(gx_python), peers, "gx_docs"]
        contenders[f"{name}, imports alone"] = [str(gx_python), peers, "idle"]
    if soda_python:
        contenders["Soda on DuckDB, the same relations"] = [str(soda_python), peers, "soda"]
    return contenders


def _tell(told: dict[str, list[dict[str, Any]]]) -> None:
    """Everybody's figures, then those who check the same relations beside the gate, run by run."""
    for contender, runs in told.items():
        memory = statistics.median(one["memory_mb"] for one in runs)
        cpu = statistics.median(one["cpu_seconds"] for one in runs)
        print(
            f"{contender}: {_spread([one['seconds'] for one in runs])}, CPU {cpu:.1f} s, peak memory {memory:,.0f} MB"
        )
    relations = told.get(_GATE, [])
    for contender, runs in told.items():
        if "the same relations" not in contender:
            continue
        pairs = list(zip(runs, relations, strict=True))
        clock, cpu, memory = (
            statistics.median(other[figure] / one[figure] for other, one in pairs)
            for figure in ("seconds", "cpu_seconds", "memory_mb")
        )
        agreed = runs[0]["failed"] == relations[0]["failed"]
        print(f"{contender} / gate: {clock:.2f} x seconds, {cpu:.2f} x CPU seconds, {memory:.2f} x memory"
              f"{'' if agreed else ' (other counts of failed forms: ' + _differing(runs[0], relations[0]) + ')'}")  # fmt: skip


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


def _spread(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"


if __name__ == "__main__":
    main()
