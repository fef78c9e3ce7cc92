"""A night of many mixed files through the loader: by one process, then by as many as cores; the rows must be the same.

``python -m benchmarks.bench_night_of_files [--files N]``. Official workbooks with other figures in each, moved ones, CSV,
tab-separated text, Word tables, and the few .xls, .ods and .xlsb files of the tests (the same each time, with other bytes at
their end). Prints seconds, CPU seconds of all processes, how much of the cores that is, and peak memory.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import docx
import duckdb
import openpyxl

from benchmarks.bench_ingest import official_workbook, strange_workbook
from ingestion.forms.containers import sandbox
from ingestion.landing import Landing
from ingestion.raw.load import load_raw
from ingestion.raw.reading import ReadingPlan
from ingestion.reference import Catalogue, load_catalogue

ROOT = Path(__file__).resolve().parents[1]
VALID = ROOT / "tests" / "ingestion" / "forms" / "valid"
BINARY = ("percent_in_open_document.ods", "binary_workbook.xlsb", "percent_shown_in_old_excel.xls")
NIGHT = date(2021, 12, 20)
MODELS = 12
_FIGURE = re.compile(rb'(<c r="D\d+"[^>]*><v>)(\d{2,4})(</v>)')


def files(count: int, catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """Names and bytes; of 20 files 11 are official workbooks, 3 moved ones, and one or two of each other kind."""
    official = [official_workbook(seed, catalogue)[0] for seed in range(MODELS)]
    moved = [strange_workbook(content, seed) for seed, content in enumerate(official)]
    tables = [_cells(content) for content in official]
    words = [_word(table) for table in tables[:3]]
    binary = {Path(name).suffix: (VALID / name).read_bytes() for name in BINARY}
    kinds = [".xlsx"] * 11 + ["moved"] * 3 + [".csv", ".txt", ".docx", ".xls", ".ods", ".xlsb"]
    for number in range(count):
        chance = random.Random(number)  # noqa: S311
        kind = kinds[number % len(kinds)]
        model = chance.randrange(MODELS)
        if kind in (".xlsx", "moved"):
            content = _other_figures((official if kind == ".xlsx" else moved)[model], chance)
        elif kind in (".csv", ".txt"):
            mark = ";" if kind == ".csv" else "\t"
            content = "\n".join(mark.join([*row, str(number)][:5]) for row in tables[model]).encode() + b"\n" * number
        elif kind == ".docx":
            content = _with_comment(words[number % len(words)], number)
        else:
            given = binary[kind]
            content = _with_comment(given, number) if given.startswith(b"PK") else given + b"%d" % number
        yield f"H51.{3 + number % 17:02}/{number}{'.xlsx' if kind == 'moved' else kind}", content


def _other_figures(content: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in given.namelist():
            part = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = _FIGURE.sub(lambda found: found[1] + b"%d" % chance.randint(10, 9999) + found[3], part)
            packed.writestr(name, part)
    return _with_comment(out.getvalue(), chance.randrange(2**31))


def _with_comment(content: bytes, number: int) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as packed:
        packed.comment = b"%d" % number
    return out.getvalue()


def _cells(content: bytes) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [["" if cell is None else str(cell) for cell in row[:5]] for row in sheet.iter_rows(values_only=True)]


def _word(table: list[list[str]]) -> bytes:
    document = docx.Document()
    for row in table[:6]:
        document.add_paragraph(" ".join(filter(None, row)))
    made = document.add_table(rows=len(table) - 6, cols=5)
    for cells, row in zip(made.rows, table[6:], strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def load(landing_folder: Path, warehouse: Path, processes: int) -> dict[str, Any]:
    """One load in this process; what it cost."""
    catalogue = load_catalogue(ROOT / "dbt_project" / "seeds")
    began = time.perf_counter()
    with Landing(landing_folder) as landing:
        result = load_raw(
            landing,
            warehouse=warehouse,
            catalogue=catalogue,
            refused=warehouse.parent / "refused",
            night=NIGHT,
            now=lambda: datetime.now(UTC),
            reading=ReadingPlan(processes=processes),
        )
    seconds = time.perf_counter() - began
    sandbox.end_all()  # so that what the reading process took is counted
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((rows,),) = connection.execute(
            "select hash(string_agg(line::varchar, chr(10) order by submission_id, line_order)) from raw.submission_line line"
        ).fetchall()
    return {
        "seconds": seconds,
        "cpu": sum(each.ru_utime + each.ru_stime for each in used),
        "own_mb": used[0].ru_maxrss / 1024,
        "largest_child_mb": used[1].ru_maxrss / 1024,
        "submissions": result.submission_count,
        "refused": result.refused_count,
        "rows": str(rows),
    }


def main() -> int:
    """Measure and print; 1 when the rows differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--load", nargs=3, metavar=("LANDING", "WAREHOUSE", "PROCESSES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        landing_folder, warehouse, processes = options.load
        print(json.dumps(load(Path(landing_folder), Path(warehouse), int(processes))))
        return 0
    catalogue = load_catalogue(ROOT / "dbt_project" / "seeds")
    cores = len(os.sched_getaffinity(0))
    found = {}
    made = list(files(options.files, catalogue))
    with tempfile.TemporaryDirectory(prefix="bench-night-") as folder:
        for processes in (1, cores):
            place = Path(folder) / str(processes)
            with Landing(place / "landing") as landing:
                for name, content in made:
                    landing.land(
                        content, source="drop", kind="drop_file", locator=name, night_on=NIGHT, now=datetime.now(UTC)
                    )
            command = [sys.executable, "-m", "benchmarks.bench_night_of_files", "--load"]
            arguments = [str(place / "landing"), str(place / "warehouse.duckdb"), str(processes)]
            done = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
            found[processes] = told = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{options.files} files by {processes} process{'es' if processes > 1 else ''}: {told['seconds']:.1f} s,"
                f" {1000 * told['seconds'] / options.files:.1f} ms a file; CPU {told['cpu']:.1f} s"
                f" ({told['cpu'] / told['seconds']:.2f} of {cores} cores); peak memory {told['own_mb']:.0f} MB, its largest"
                f" process {told['largest_child_mb']:.0f} MB; {told['submissions']} forms, {told['refused']} refused",
                flush=True,
            )
    if len({told["rows"] for told in found.values()}) > 1:
        print("the rows differ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
