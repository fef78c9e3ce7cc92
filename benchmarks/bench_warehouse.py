"""What the warehouse costs: the full build, a night with 1 % new, the same night on ten times the history, BI's queries.

    python -m benchmarks.bench_warehouse --agencies 1000 --years 10 --dossiers 1000000

Every build runs in a process of its own, so that its peak of memory is its own; a night is repeated on copies of the
same warehouse. Queries run on the marts and, as the floor, as hand-written SQL on Parquet files of the same rows.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.warehouse_data import Scale, add_night, copy_project, fill_history
from cchc.settings import Settings

FIXED_ROWS = 20
GIB = 2**20  # ru_maxrss counts kibibytes

QUERIES = {
    "province summary of a period": (
        "select indicator_code, value, agencies_reported_count from mart.mart_province_summary where period_code = '2021'",
        "select indicator_code, sum(value), count(*) from value where period_code = '2021' and is_current group by all",
    ),
    "one agency's figures of a period": (
        "select indicator_code, value from mart.fct_indicator_value"
        " where agency_code = 'H100.7' and period_code = '2021' and is_current",
        "select indicator_code, value from value where agency_code = 'H100.7' and period_code = '2021' and is_current",
    ),
    "history of one figure, all agencies": (
        "select agency_code, period_code, value from mart.fct_indicator_value"
        " where indicator_code = 'I.1.1' and is_current",
        "select agency_code, period_code, value from value where indicator_code = 'I.1.1' and is_current",
    ),
    "ranking of agencies by a figure": (
        "select agency_code, value, rank() over (order by value desc) from mart.fct_indicator_value"
        " where indicator_code = 'I.1.1' and period_code = '2021' and is_current order by 3 limit 20",
        "select agency_code, value, rank() over (order by value desc) from value"
        " where indicator_code = 'I.1.1' and period_code = '2021' and is_current order by 3 limit 20",
    ),
    "reporting rate by period": (
        "select period_code, count(*), count(*) filter (where is_on_time) from mart.mart_reporting_rate group by all",
        "select period_code, count(distinct agency_code), 0 from value group by all",
    ),
    "reconciliation that does not match": (
        "select agency_code, indicator_code, difference from mart.mart_reconciliation"
        " where period_code = '2021' and not is_matching",
        "select agency_code, count(*), 0 from dossier"
        " where received_at between '2020-12-15' and '2021-12-14' group by agency_code",
    ),
}


class BenchSettings(Settings):
    """A home whose dbt project is the bench's copy, with its agencies."""

    @property
    def dbt_project_path(self) -> Path:
        return self.home_path / "project"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agencies", type=int, default=500)
    parser.add_argument(
        "--years", type=int, default=10, help="ten or more, so that a tenth of the history is whole years"
    )
    parser.add_argument("--dossiers", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--runs", type=int, default=3, help="how often each night is repeated")
    parser.add_argument("--folder", type=Path, default=None, help="where the warehouses go (removed afterwards)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="bench-warehouse-") as folder:
        _bench(Path(folder), Scale(given.agencies, given.years, given.dossiers, given.seed), given.runs)
    return 0


def _bench(folder: Path, scale: Scale, runs: int) -> None:
    tenth = Scale(scale.agencies, scale.years // 10, scale.dossiers // 10, scale.seed)
    small, full = _history(folder / "tenth", tenth), _history(folder / "full", scale)
    overhead = _fixed_overhead(folder, small, tenth, runs)
    delta = partial(add_night, submissions=scale.submissions // 100, dossiers=scale.dossiers // 100)
    on_full = _nights(folder, full[0], lambda home: delta(home.warehouse_path, home.dbt_project_path, scale), runs)
    on_tenth = _nights(folder, small[0], lambda home: delta(home.warehouse_path, home.dbt_project_path, tenth), runs)
    nights, nights_tenth = statistics.median(on_full), statistics.median(on_tenth)
    share = (nights - overhead) / full[1]
    _say(f"a night with 1 % new: {_spread(on_full)}; less the overhead {share:.1%} of the full build (at most 3 %)")
    _say(
        f"the same night on a tenth of the history: {_spread(on_tenth)}; ratio {nights / nights_tenth:.2f} (at most 1.3)"
    )
    _queries(folder, full[0])


def _history(home: Path, scale: Scale) -> tuple[BenchSettings, float]:
    """Fill a history and build it whole: the home and the build's seconds."""
    settings = BenchSettings(home=home)
    copy_project(settings.dbt_project_path, scale)
    started = time.monotonic()
    fill_history(settings.warehouse_path, settings.dbt_project_path, scale)
    filled = time.monotonic() - started
    told = _build(settings)
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        values, dossiers = connection.execute(
            "select (select count(*) from mart.fct_indicator_value), (select count(*) from mart.fct_dossier)"
        ).fetchall()[0]
    size = settings.warehouse_path.stat().st_size / 2**30
    _say(
        f"full build of {values:,} values, {dossiers:,} dossiers: {told['seconds']:.1f} s"
        f" ({told['cpu_seconds']:.1f} s of CPU), peak {told['peak_gib']:.1f} GiB,"
        f" file {size:.1f} GiB (made in {filled:.0f} s)\n  slowest: {told['slowest']}"
    )
    return settings, told["seconds"]


def _fixed_overhead(folder: Path, built: tuple[BenchSettings, float], scale: Scale, runs: int) -> float:
    """A night with next to nothing new on the small history: what dbt costs however little came."""
    seconds = _nights(
        folder,
        built[0],
        lambda home: add_night(
            home.warehouse_path, home.dbt_project_path, scale, submissions=FIXED_ROWS, dossiers=FIXED_ROWS
        ),
        runs,
    )
    _say(f"fixed overhead: a night with {FIXED_ROWS} submissions on a tenth of the history: {_spread(seconds)}")
    return statistics.median(seconds)


def _nights(folder: Path, built: BenchSettings, add: Callable[[BenchSettings], None], runs: int) -> list[float]:
    """Seconds of the same night, each time on a fresh copy of the built home."""
    seconds = []
    for _ in range(runs):
        home = BenchSettings(home=folder / "night")
        shutil.copytree(built.home_path, home.home_path)
        add(home)
        told = _build(home)
        seconds.append(told["seconds"])
        shutil.rmtree(home.home_path)
    _say(f"  the last: {told['cpu_seconds']:.1f} s of CPU; slowest {told['slowest']}")
    return seconds


def _build(settings: BenchSettings) -> dict[str, Any]:
    """Both builds around the gate, in a process of its own: seconds without Python's imports, peak memory."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_build_here, args=(str(settings.home_path), sending))
    process.start()
    told: dict[str, Any] = json.loads(receiving.recv())
    process.join()
    return told


def _build_here(home: str, sending: Any) -> None:
    from dbt.cli import main as _  # noqa: F401 - the night has it loaded

    from cchc.transform import dbt_build

    settings = BenchSettings(home=Path(home))
    log = (settings.home_path / "dbt.log").open("a")
    sys.stdout = log
    started, used = time.monotonic(), time.process_time()
    before = dbt_build(settings, "--exclude", "source:audit+", is_after_gate=False)
    after = dbt_build(settings, "--select", "source:audit+", is_after_gate=True)
    slowest = before.get("slowest_seconds", {}) | after.get("slowest_seconds", {})
    sending.send(
        json.dumps(
            {
                "seconds": time.monotonic() - started,
                "cpu_seconds": time.process_time() - used,
                "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB,
                "slowest": dict(sorted(slowest.items(), key=lambda item: -item[1])),
            }
        )
    )


def _queries(folder: Path, settings: BenchSettings, times: int = 20) -> None:
    """Every query ``times`` times on the marts and on Parquet: median, min to max, and the 95th percentile of all."""
    parquet = folder / "parquet"
    parquet.mkdir()
    everything: list[float] = []
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        columns = "agency_code, period_code, indicator_code, value, is_current"
        connection.execute(f"copy (select {columns} from mart.fct_indicator_value) to '{parquet}/value.parquet'")
        connection.execute(
            f"copy (select agency_code, received_at from mart.fct_dossier) to '{parquet}/dossier.parquet'"
        )
        connection.execute(f"create temp view value as from '{parquet}/value.parquet'")
        connection.execute(f"create temp view dossier as from '{parquet}/dossier.parquet'")
        for name, (on_marts, on_parquet) in QUERIES.items():
            marts, floor = _times(connection, on_marts, times), _times(connection, on_parquet, times)
            everything += marts
            _say(f"  {name}: marts {_spread(marts, 1000)} ms; hand-written on Parquet {_spread(floor, 1000)} ms")
    worst = sorted(everything)[int(len(everything) * 0.95)] * 1000
    _say(f"BI's queries: 95th percentile {worst:.0f} ms (under 120 ms at 2.7 million values)")


def _times(connection: duckdb.DuckDBPyConnection, query: str, times: int) -> list[float]:
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        connection.execute(query).fetchall()
        seconds.append(time.perf_counter() - started)
    return seconds


def _spread(seconds: list[float], factor: float = 1.0) -> str:
    values = [second * factor for second in seconds]
    unit = "" if factor != 1.0 else " s"
    return f"{statistics.median(values):.1f}{unit} ({min(values):.1f}–{max(values):.1f})"


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
