"""The checks: all rules over a large warehouse, beside hand-written SQL, Great Expectations on a pandas frame and Soda on
DuckDB; and how often the statistical rules warn on sound data.

    python -m benchmarks.bench_quality --values 1500000 --seeds 3 --gx-python … --soda-python …

Every contender begins with one Parquet file of lines. Two such files, since what Great Expectations takes on pandas is mostly
the listing of what failed: clean forms of which one in twenty is broken, and nothing but broken ones. The others are given the
relations of one form that need nothing but figures; rules across reports, documents and systems of record would first have to
be worked out in pandas by code that is no part of Great Expectations.

Two comparisons, each of the same work. *Kept*: what the gate does every night, so that an officer finds each failing form
afterwards: the structure of the lines checked, then the relations, results with ids on disk, Data Docs. The gate writes more
(both sides of every result, as figures and as texts, of passed ones too), checks four things more of the structure, and loads
fifteen columns instead of five; nothing is taken off for that. *Bare*: the ids of the failing
forms by rule in memory, nothing kept: the gate's SQL alone beside Great Expectations' ``validate`` in an ephemeral context.
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

from benchmarks.false_alarms import print_false_alarms
from benchmarks.quality_rules import make_lines, write_rules

LINES_A_FORM = 133

#: One form in so many is broken.
_BROKEN_ONE_IN = (20, 1)

_GATE, _BARE = "gate, the relations of one form", "gate's SQL alone, the same relations"


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
        write_rules(folder / "rules.json")
        contenders = _contenders(asked.gx_python, asked.soda_python)
        for one_in in _BROKEN_ONE_IN:
            print(f"one form in {one_in} broken:")
            _tell(_runs(contenders, make_lines(folder, forms, one_in), asked.runs))
    if asked.seeds:
        print_false_alarms(asked.seeds)


def _runs(contenders: dict[str, list[str]], parquet: Path, runs: int) -> dict[str, list[dict[str, Any]]]:
    """What each contender told of each run; they take turns."""
    told: dict[str, list[dict[str, Any]]] = {}
    for _ in range(runs):
        place = Path(tempfile.mkdtemp(dir=parquet.parent))
        for contender, command in contenders.items():
            told.setdefault(contender, []).append(
                _run([*command, str(parquet), str(parquet.with_name("rules.json"))], place)
            )
        shutil.rmtree(place)
    return told


def _contenders(gx_python: Path | None, soda_python: Path | None) -> dict[str, list[str]]:
    own = [sys.executable, "-m", "benchmarks.bench_quality_runs"]
    peers = str(Path(__file__).with_name("quality_peers.py"))
    contenders = {
        "gate, all rules": [*own, "gate"],
        _GATE: [*own, "relations"],
        _BARE: [*own, "bare"],
        "gate, its load alone": [*own, "load"],
        "gate, imports alone": [*own, "idle"],
        "hand-written SQL, the same relations": [*own, "by_hand"],
    }
    if gx_python:
        name = "Great Expectations on pandas"
        contenders[f"{name}, the same relations, kept"] = [str(gx_python), peers, "gx_kept"]
        contenders[f"{name}, the same relations, bare"] = [str(gx_python), peers, "gx"]
        contenders[f"{name}, imports alone"] = [str(gx_python), peers, "idle"]
    if soda_python:
        contenders["Soda on DuckDB, the same relations"] = [str(soda_python), peers, "soda"]
    return contenders


def _tell(told: dict[str, list[dict[str, Any]]]) -> None:
    """Everybody's figures, then those who check the same relations beside the gate's same work, run by run."""
    for contender, runs in told.items():
        memory = statistics.median(one["memory_mb"] for one in runs)
        cpu = statistics.median(one["cpu_seconds"] for one in runs)
        print(
            f"{contender}: {_spread([one['seconds'] for one in runs])}, CPU {cpu:.1f} s, peak memory {memory:,.0f} MB"
        )
    for contender, runs in told.items():
        if contender == _BARE or "the same relations" not in contender:
            continue
        beside = _BARE if contender.endswith("bare") else _GATE
        pairs = list(zip(runs, told[beside], strict=True))
        clock, cpu, memory = (
            statistics.median(other[figure] / one[figure] for other, one in pairs)
            for figure in ("seconds", "cpu_seconds", "memory_mb")
        )
        differing = _differing(runs[0], told[beside][0])
        print(f"{contender} / {beside}: {clock:.2f} x seconds, {cpu:.2f} x CPU seconds, {memory:.2f} x memory"
              f"{f' (other counts of failed forms: {differing})' if differing else ''}")  # fmt: skip


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
