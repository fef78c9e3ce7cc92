"""The same models by DuckDB in this process and by Spark on a master and two workers on this machine, from one history.

    python -m benchmarks.bench_spark --agencies 100 --years 10 --dossiers 100000

Makes the raw tables as bench_warehouse does, builds them whole by DuckDB, writes them as Parquet twice (the second time nothing
changed), builds them by Spark, and compares every table's rows. CPU and memory of Spark are those of all its processes,
looked at five times a second.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.bench_warehouse import BenchSettings, _apart, _build_here, _fill_here, _say
from benchmarks.warehouse_data import Scale, copy_project
from cchc.spark import build_on_spark, export_landing, places

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agencies", type=int, default=100)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--dossiers", type=int, default=100_000)
    parser.add_argument("--worker-megabytes", type=int, default=1024)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-spark-") as folder:
        settings = BenchSettings(home=Path(folder), spark_worker_megabytes=given.worker_megabytes)
        scale = Scale(given.agencies, given.years, given.dossiers)
        copy_project(settings.dbt_project_path, scale)
        _apart(_fill_here, settings, scale)
        built = _apart(_build_here, settings)
        _say(f"DuckDB, built whole: {_told(built)}, file {settings.warehouse_path.stat().st_size / 1e6:.0f} MB")
        for which in ("all of it", "nothing new"):
            started, used = time.monotonic(), time.process_time()
            rows = export_landing(settings).rows
            _say(
                f"export, {which}: {rows:,} rows, {time.monotonic() - started:.1f} s,"
                f" {time.process_time() - used:.1f} s of CPU, {_megabytes(places(settings).landing):.0f} MB"
            )
        return 0 if _spark(settings) else 1


def _spark(settings: BenchSettings) -> bool:
    started = time.monotonic()
    with Children() as children:
        marts = build_on_spark(settings, is_tested=False)  # DuckDB ran the tests in its own build
    cost = {"seconds": time.monotonic() - started, "cpu_seconds": children.cpu_seconds, "peak_gb": children.peak / 1e9}
    _say(f"Spark, built whole: {_told(cost)} of all its processes, {_megabytes(places(settings).tables):.0f} MB")
    is_equal = True
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.warehouse_path}' as ours (read_only)")
        for name, (count, folder) in marts.items():
            ours, theirs = f"select * from ours.mart.{name}", f"select * from read_parquet('{folder}/*.parquet')"
            differing = connection.execute(
                f"select count(*) from (({ours} except all {theirs}) union all ({theirs} except all {ours}))"
            ).fetchall()[0][0]
            is_equal = is_equal and not differing
            _say(f"  {count:>12,} {name}" + (f": {differing:,} rows differ" if differing else ""))
    return is_equal


class Children:
    """CPU seconds and the peak of resident memory of all processes below this one, while it is entered."""

    def __enter__(self) -> Children:
        self.peak = 0
        self._used: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def cpu_seconds(self) -> float:
        return sum(self._used.values())

    def _look(self) -> None:
        while not self._over.wait(0.2):
            resident = 0
            for pid in _below(os.getpid()):
                try:
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                except OSError:  # it ended while we looked
                    continue
                self._used[pid] = (int(fields[11]) + int(fields[12])) / TICKS
                resident += int(fields[21]) * PAGE
            self.peak = max(self.peak, resident)


def _below(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, waiting = [], [root]
    while waiting:
        here = waiting.pop()
        below = [pid for pid, parent in parents.items() if parent == here]
        found += below
        waiting += below
    return found


def _told(cost: dict[str, Any]) -> str:
    return f"{cost['seconds']:.1f} s, {cost['cpu_seconds']:.1f} s of CPU, peak {cost['peak_gb']:.1f} GB"


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6


if __name__ == "__main__":
    sys.exit(main())
