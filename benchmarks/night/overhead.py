"""A night with nothing new beside what it can't do without: an empty DAG of as many tasks, and one start of dbt.

    python -m benchmarks.night.overhead [--runs N]

The empty DAG runs in a process as the night's does; dbt builds an empty selection of the project that the night has parsed.
Run in turn; ratios are run by run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.night.cost import Cost, run
from benchmarks.night.ours import ROOT, Ours
from benchmarks.night.portal import serving
from benchmarks.night.province import NIGHTS, Size, make_province
from benchmarks.night.run_dag import airflow_environment

SMALL = Size(agencies=36, years=1, dossiers=3000)
GOAL = 1.2
DAGS = Path(__file__).with_name("dags")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-overhead-") as folder:
        _bench(Path(folder), given.runs)
    return 0


def _bench(folder: Path, runs: int) -> None:
    ours = Ours(folder / "ours", SMALL)
    make_province(ours.seeds, folder / "made", SMALL)
    shutil.copytree(folder / "made" / "drops" / "first", ours.inbox, dirs_exist_ok=True)
    costs: dict[str, list[Cost]] = {"night with nothing new": [], "empty DAG": [], "dbt, empty selection": []}
    with serving(folder / "made", "first") as portal:
        ours.night(NIGHTS[0], portal)
        _empty_dag(folder)  # lays out its metadata
        for number in range(1, runs + 1):
            costs["night with nothing new"].append(ours.night(NIGHTS[0] + timedelta(days=number), portal))
            if ours.told["outcome"] != "unchanged":
                raise SystemExit(f"there was something new: {ours.told['outcome']}")
            costs["empty DAG"].append(_empty_dag(folder))
            costs["dbt, empty selection"].append(_dbt(ours))
    for name, measured in costs.items():
        print(
            f"{name}: {_spread([one.seconds for one in measured])} s, CPU {_spread([one.cpu_seconds for one in measured])} s"
        )
    print(
        "  steps of the last night: " + ", ".join(f"{name} {took:.2f}" for name, took in ours.told["seconds"].items())
    )
    for figure, unit in (("seconds", "seconds"), ("cpu_seconds", "CPU seconds")):
        night, empty, dbt = ([getattr(one, figure) for one in measured] for measured in costs.values())
        ratios = [one / (dag + start) for one, dag, start in zip(night, empty, dbt, strict=True)]
        word = "pass" if statistics.median(ratios) <= GOAL else "FAIL"
        print(f"night / (empty DAG + dbt), {unit}: {_spread(ratios)} x ({GOAL} x is asked for: {word})")


def _empty_dag(folder: Path) -> Cost:
    environment = airflow_environment(folder / "airflow", DAGS) | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.night.run_dag", DAGS, "empty_night", "2021-12-20"]
    return run(command, folder=folder, environment=environment)[0]


def _dbt(ours: Ours) -> Cost:
    """One start on what the night has parsed, its warehouse beside it."""
    project, state = ours.code / "dbt_project", ours.home / "dbt"
    command = [
        sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-send-anonymous-usage-stats", "--no-write-json",
        "--log-path", state / "logs", "build", "--project-dir", project, "--profiles-dir", project,
        "--target-path", state / "target", "--select", "tag:nothing_has_this_tag",
    ]  # fmt: skip
    return run(command, folder=ours.code, environment=os.environ | {"CCHC_WAREHOUSE": str(ours.warehouse)})[0]


def _spread(figures: list[float]) -> str:
    return f"{statistics.median(figures):.2f} ({min(figures):.2f} to {max(figures):.2f})"


if __name__ == "__main__":
    sys.exit(main())
