"""What the warehouse costs: the full build, a night with 1 % new, the same night on ten times the history, BI's queries; and
beside each build the publication of its marts to files.

    python -m benchmarks.bench_warehouse --scale full --keep /var/tmp/warehouses

Filling and every build run in processes of their own, so that each peak of memory is its own; a night is repeated on copies
of the same warehouse. Queries run on the marts and, as the floor, as hand-written SQL on Parquet files of the same rows.
With ``--keep`` the built warehouses stay in a folder, and what is built there is not built again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.warehouse_data import Scale, add_night, copy_project, fill_history
from benchmarks.warehouse_queries import QUERIES, percentile_95, seconds_of, spread, write_floor
from cchc.settings import Settings
from publishing.manifest import Provenance

FIXED_ROWS = 20
TIMES = 20
MEMORY_GB = 8.0
KIB = 1024  # ru_maxrss counts kibibytes
SCALES = {"small": (500, 500_000), "full": (10_000, 10_000_000)}


class BenchSettings(Settings):
    """A home whose dbt project is the bench's copy, with its agencies."""

    @property
    def dbt_project_path(self) -> Path:
        return self.home_path / "project"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=SCALES, default="small", help="full: 52 million values, 10 million dossiers")
    parser.add_argument("--agencies", type=int, help="instead of the scale's")
    parser.add_argument(
        "--years", type=int, default=10, help="ten or more, so that a tenth of the history is whole years"
    )
    parser.add_argument("--dossiers", type=int, help="instead of the scale's")
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--runs", type=int, default=3, help="how often each night is repeated")
    parser.add_argument("--keep", type=Path, default=None, help="where built warehouses stay, to be used again")
    given = parser.parse_args()
    agencies, dossiers = SCALES[given.scale]
    scale = Scale(given.agencies or agencies, given.years, given.dossiers or dossiers, given.seed)
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-warehouse-")))
        return 0 if _bench(folder, scale, given.runs) else 1


def _bench(folder: Path, scale: Scale, runs: int) -> bool:
    """Whether every bound that is asked for at this size is kept. Nights are compared by seconds of CPU, as other work makes the
    clock run on."""
    is_small, is_full = ((scale.agencies, scale.dossiers) == SCALES[name] for name in ("small", "full"))
    tenth = Scale(scale.agencies, scale.years // 10, scale.dossiers // 10, scale.seed)
    full, small = _history(folder / "full", scale), _history(folder / "tenth", tenth)
    kept = [
        _bound("peak memory of the full build, GB", full.told["peak_gb"], MEMORY_GB),
        _bound("peak memory of filling, GB", full.told["fill_peak_gb"], MEMORY_GB),
    ]
    few = partial(add_night, scale=tenth, submissions=FIXED_ROWS, dossiers=FIXED_ROWS)
    delta = partial(add_night, submissions=scale.submissions // 100, dossiers=scale.dossiers // 100)
    overhead, on_full, on_tenth = _nights(
        folder,
        [
            (f"{FIXED_ROWS} submissions on a tenth of the history (the overhead)", small, few),
            ("1 % new", full, partial(delta, scale=scale)),
            ("the same on a tenth of the history", small, partial(delta, scale=tenth)),
        ],
        runs,
    )
    kept += [
        _bound(
            "a night less the overhead, of the full build",
            (on_full - overhead) / full.told["cpu_seconds"],
            0.03 if is_full else None,
        ),
        _bound("a night on ten times the history", on_full / on_tenth, 1.3 if is_full else None),
        _bound("BI's queries, 95th percentile, ms", _queries(folder, full.settings), 120 if is_small else None),
    ]
    return all(kept)


class _History:
    """A built home, and what its making told."""

    def __init__(self, home: Path) -> None:
        self.settings = BenchSettings(home=home)
        self._path = home / "told.json"

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self._path.read_text(encoding="utf-8"))) if self._path.exists() else {}

    def tell(self, told: dict[str, Any]) -> None:
        self._path.write_text(json.dumps(told), encoding="utf-8")


def _history(home: Path, scale: Scale) -> _History:
    """Fill a history and build it whole, unless that was done here before."""
    history = _History(home)
    settings = history.settings
    if not history.told:
        shutil.rmtree(home, ignore_errors=True)
        copy_project(settings.dbt_project_path, scale)
        filled = _apart(_fill_here, settings, scale)
        built = _apart(_build_here, settings)
        published = _apart(_publish_here, settings)
        history.tell(built | _named("fill", filled) | _named("publish", published))
    told = history.told
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        values, dossiers = connection.execute(
            "select (select count(*) from mart.fct_indicator_value), (select count(*) from mart.fct_dossier)"
        ).fetchall()[0]
    size = settings.warehouse_path.stat().st_size / 10**9
    _say(
        f"full build of {values:,} values, {dossiers:,} dossiers: {_cost(told)}, file {size:.1f} GB\n"
        f"  made in {told['fill_seconds']:.1f} s, {told['fill_cpu_seconds']:.1f} s of CPU,"
        f" peak {told['fill_peak_gb']:.1f} GB; slowest nodes: {told['slowest']}\n"
        f"  published in {told['publish_seconds']:.1f} s, {told['publish_cpu_seconds']:.1f} s of CPU,"
        f" peak {told['publish_peak_gb']:.1f} GB"
    )
    return history


def _nights(
    folder: Path, nights: Sequence[tuple[str, _History, Callable[[Path, Path], None]]], runs: int
) -> list[float]:
    """Each night in turn, so that the machine's moods fall on all alike, and each time on a fresh copy of its built home: the
    medians of CPU seconds."""
    told: dict[str, list[dict[str, Any]]] = {name: [] for name, _, _ in nights}
    for _ in range(runs):
        for name, built, add in nights:
            home = BenchSettings(home=folder / "night")
            shutil.copytree(built.settings.home_path, home.home_path, symlinks=True)
            add(home.warehouse_path, home.dbt_project_path)
            _settle(built.settings.home_path)
            told[name].append(_apart(_build_here, home) | _named("publish", _apart(_publish_here, home)))
            shutil.rmtree(home.home_path)
    medians = []
    for name, ran in told.items():
        wall, cpu, published, published_cpu = (
            [one[key] for one in ran] for key in ("seconds", "cpu_seconds", "publish_seconds", "publish_cpu_seconds")
        )
        _say(f"a night with {name}: {spread(wall)}, {spread(cpu)} of CPU, peak {ran[-1]['peak_gb']:.1f} GB")
        _say(f"  published in {spread(published)}, {spread(published_cpu)} of CPU")
        _say(f"  slowest nodes: {ran[-1]['slowest']}")
        medians.append(statistics.median(cpu))
    return medians


def _settle(copied: Path) -> None:
    """Write down what copying left to be written, and let go of what was read of the original: a machine has one warehouse, and
    two of them crowd each other out of the memory that the system keeps files in."""
    os.sync()
    for path in copied.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """What ``work`` tells and costs in a process of its own: seconds, CPU seconds, peak of memory."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(work, arguments, sending))
    process.start()
    sending.close()
    try:
        told: dict[str, Any] = receiving.recv()
    except EOFError:
        raise SystemExit(f"{work.__name__} ended without an answer") from None
    process.join()
    return told


def _measured(work: Callable[..., dict[str, Any]], arguments: tuple[Any, ...], sending: Any) -> None:
    from dbt.cli.main import dbtRunner as _  # noqa: F401 - a night has it loaded

    started, used = time.monotonic(), time.process_time()
    told = work(*arguments)
    cost = {
        "seconds": time.monotonic() - started,
        "cpu_seconds": time.process_time() - used,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB / 10**9,
    }
    sending.send(told | cost)


def _fill_here(settings: BenchSettings, scale: Scale) -> dict[str, Any]:
    fill_history(settings.warehouse_path, settings.dbt_project_path, scale)
    return {}


def _build_here(settings: BenchSettings) -> dict[str, Any]:
    """Both builds around the gate."""
    from cchc.transform import dbt_build

    sys.stdout = (settings.home_path / "dbt.log").open("a")
    before = dbt_build(settings, "--exclude", "source:audit+", is_after_gate=False)
    after = dbt_build(settings, "--select", "source:audit+", is_after_gate=True)
    slowest = before.get("slowest_seconds", {}) | after.get("slowest_seconds", {})
    return {"slowest": dict(sorted(slowest.items(), key=lambda item: -item[1]))}


def _publish_here(settings: BenchSettings) -> dict[str, Any]:
    """To the DuckDB file and Parquet."""
    from publishing.embedded import publish

    made_from = Provenance(date(2021, 12, 20), datetime(2021, 12, 20, 1, tzinfo=UTC), "bench", "", False, "", "", 0, "")
    publish(settings.warehouse_path, settings.published_path, made_from)
    return {}


def _named(prefix: str, told: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{key}": value for key, value in told.items()}


def _queries(folder: Path, settings: BenchSettings) -> float:
    """Every query on the marts and on Parquet: median, least to most; the 95th percentile of all on the marts, milliseconds."""
    everything: list[float] = []
    floor = folder / "parquet"
    shutil.rmtree(floor, ignore_errors=True)
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        write_floor(connection, floor)
        for name, (on_marts, on_parquet) in QUERIES.items():
            marts, bare = (
                seconds_of(lambda query: connection.execute(query).fetchall(), query, TIMES)
                for query in (on_marts.format(mart="mart"), on_parquet)
            )
            everything += marts
            _say(f"  {name}: marts {spread(marts, 1000)}; hand-written on Parquet {spread(bare, 1000)}")
    return percentile_95(everything) * 1000


def _cost(told: dict[str, Any]) -> str:
    return f"{told['seconds']:.1f} s, {told['cpu_seconds']:.1f} s of CPU, peak {told['peak_gb']:.1f} GB"


def _bound(name: str, measured: float, most: float | None) -> bool:
    """Whether ``most`` is kept; None where it is asked for at another size."""
    if most is None:
        _say(f"told: {name}: {measured:.3g} (its bound is for another size)")
        return True
    is_kept = measured <= most
    _say(f"{'pass' if is_kept else 'FAIL'}: {name}: {measured:.3g}, at most {most:g}")
    return is_kept


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
