"""Portal dossiers from a loopback server to the raw table: this project, dlt's REST source, and a bare download that
DuckDB's own ``read_json`` reads. Everything in one run; median and range of several, ratios, peak memory.

``python -m benchmarks.bench_dossiers --dlt-python .venv-bench-dossiers/bin/python [--dossiers N] [--runs N]``
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NIGHT = date(2021, 12, 20)
PAGE_ROWS = 5000


def pull(url: str, folder: Path) -> dict[str, Any]:
    """Our own way, first half: pages to the landing zone, without persons."""
    from ingestion.landing import Landing
    from ingestion.sources.access import SourceAccess
    from ingestion.sources.portal import pull_dossiers

    access = SourceAccess(base_url=url, client_id="bench", client_secret="bench")  # noqa: S106
    began = time.perf_counter()
    with Landing(folder / "landing") as landing:
        result = pull_dossiers(access, landing, night=NIGHT, now=lambda: datetime.now(UTC), pseudonym_key=b"k" * 32)
    if result.failure:
        raise RuntimeError(result.failure)
    return {"seconds": time.perf_counter() - began, "rows": result.item_count}


def load(_: str, folder: Path) -> dict[str, Any]:
    """Our own way, second half: the landing zone to raw.dossier."""
    from ingestion.landing import Landing
    from ingestion.raw.load import load_raw
    from ingestion.reference import load_catalogue

    catalogue = load_catalogue(ROOT / "dbt_project" / "seeds")
    began = time.perf_counter()
    with Landing(folder / "landing") as landing:
        result = load_raw(
            landing,
            warehouse=folder / "ours.duckdb",
            catalogue=catalogue,
            refused=folder / "refused",
            night=NIGHT,
            now=lambda: datetime.now(UTC),
        )
    return {"seconds": time.perf_counter() - began, "rows": result.dossier_count}


def bare(url: str, folder: Path) -> dict[str, Any]:
    """The floor: the same client library, pages written as they come, DuckDB's own reading of them."""
    import duckdb
    import httpx

    began = time.perf_counter()
    cursor = ""
    with httpx.Client(trust_env=False) as client:
        for number in range(1_000_000):
            asked = {"limit": str(PAGE_ROWS), **({"cursor": cursor} if cursor else {})}
            body = client.get(f"{url}/api/v1/dossiers", params=asked).content
            (folder / f"{number:06}.json").write_bytes(body)
            found = re.search(rb'"next_cursor":"([^"]*)"', body[-200:])
            if found is None:
                break
            cursor = found.group(1).decode()
    downloaded = time.perf_counter()
    with duckdb.connect(str(folder / "bare.duckdb")) as connection:
        connection.execute(
            "create table dossier as select unnest(items, recursive := true)"
            f" from read_json('{folder}/*.json', maximum_object_size = 67108864)"
        )
        seconds = time.perf_counter() - began
        ((rows,),) = connection.execute("select count(*) from dossier").fetchall()
    return {"seconds": seconds, "rows": rows, "download_seconds": downloaded - began}


WAYS = {"pull": pull, "load": load, "bare": bare}


def measured(command: list[str]) -> dict[str, Any]:
    """What a contender's process printed, and its peak memory in MB."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


@contextmanager
def canned_portal(dossiers: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.canned_portal", str(dossiers), str(PAGE_ROWS)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            assert server.stdout is not None  # noqa: S101 - asked for above
            yield json.loads(server.stdout.readline())
        finally:
            server.communicate("")


def once(url: str, dlt_python: str | None) -> dict[str, dict[str, Any]]:
    """Each contender once, in a process and a folder of its own."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="bench-dossiers-") as folder:
        own = [sys.executable, "-m", "benchmarks.bench_dossiers", "--way"]
        for way in WAYS:
            place = Path(folder) / ("bare" if way == "bare" else "ours")
            place.mkdir(exist_ok=True)
            found[way] = measured([*own, way, url, str(place)])
        if dlt_python:
            found["dlt"] = measured([dlt_python, str(ROOT / "benchmarks" / "dossiers_by_dlt.py"), url, folder])
    return found


def shown(values: list[float], unit: str) -> str:
    return f"{statistics.median(values):8.2f} {unit}  ({min(values):.2f} to {max(values):.2f})"


def compare(dossiers: int, runs: int, dlt_python: str | None) -> None:
    with canned_portal(dossiers) as portal:
        print(f"{portal['rows']:,} rows of {portal['bytes_a_row']} bytes, {runs} runs, {os.cpu_count()} cores")
        all_runs = [once(portal["url"], dlt_python) for _ in range(runs)]
    ours = [run["pull"]["seconds"] + run["load"]["seconds"] for run in all_runs]
    floor = [run["bare"]["seconds"] for run in all_runs]
    print(f"  this project            {shown(ours, 's')}")
    print(f"    of it pull            {shown([run['pull']['seconds'] for run in all_runs], 's')}")
    print(f"    of it load            {shown([run['load']['seconds'] for run in all_runs], 's')}")
    print(f"  download and read_json  {shown(floor, 's')}")
    print(f"    of it download        {shown([run['bare']['download_seconds'] for run in all_runs], 's')}")
    print(f"  ours / floor            {shown([o / f for o, f in zip(ours, floor, strict=True)], 'x')}")
    if dlt_python:
        dlt = [run["dlt"]["seconds"] for run in all_runs]
        print(f"  dlt                     {shown(dlt, 's')}")
        print(f"  dlt / ours              {shown([d / o for d, o in zip(dlt, ours, strict=True)], 'x')}")
    for way in all_runs[0]:
        rows = {run[way]["rows"] for run in all_runs}
        peak = shown([run[way].get("peak_mb", 0) for run in all_runs], "MB")
        print(f"  {way}: {', '.join(f'{count:,}' for count in rows)} rows, peak memory {peak}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--dlt-python", help="the interpreter of an environment that has dlt; without it dlt is left out"
    )
    parser.add_argument("--way", nargs=3, metavar=("WAY", "URL", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        way, url, folder = options.way
        told = WAYS[way](url, Path(folder))
        told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(told))
    else:
        compare(options.dossiers, options.runs, options.dlt_python)


if __name__ == "__main__":
    main()
