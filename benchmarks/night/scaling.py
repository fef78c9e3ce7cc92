"""What a first load costs against agencies, years, dossiers and workbooks, and a night against the nights before it.

    python -m benchmarks.night.scaling [--factors 1 4 16] [--only NAME …] [--into FILE.json]

The steps run without Airflow (``bare_night.py``), in a process of their own each time; CPU seconds of all its processes,
peak memory of all together. One dimension grows at a time from a small province; results are kept as JSON after each.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import openpyxl

from benchmarks.night.ours import Ours
from benchmarks.night.portal import serving
from benchmarks.night.province import NIGHTS, Size, make_province

BASE = Size(agencies=32, years=1, dossiers=5000, by_workbook=0)
WORKBOOKS = 10
INTO = Path(__file__).with_name("scaling.json")


@dataclass(frozen=True, slots=True)
class Point:
    """CPU seconds and MB at a factor."""

    factor: int
    cpu_seconds: float
    peak_mb: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--factors", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--only", nargs="*", default=[], choices=DIMENSIONS)
    parser.add_argument("--into", type=Path, default=INTO)
    given = parser.parse_args()
    known: dict[Size, Point] = {}
    told = json.loads(given.into.read_text(encoding="utf-8")) if given.into.exists() else {}
    for name in given.only or DIMENSIONS:
        for factor in given.factors:
            with tempfile.TemporaryDirectory(prefix="bench-scaling-") as folder:
                point = _first_load_once(name, Path(folder), factor, known) or WITH_FILES[name](Path(folder), factor)
            print(f"{name} x {factor}: CPU {point.cpu_seconds:.1f} s, {point.peak_mb:,.0f} MB", flush=True)
            told.setdefault(name, {})[str(factor)] = [round(point.cpu_seconds, 2), round(point.peak_mb)]
            given.into.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def _first_load_once(name: str, folder: Path, factor: int, known: dict[Size, Point]) -> Point | None:
    """A first load of the province grown in one of ``GROWN``; the small one itself is measured once."""
    if name not in GROWN:
        return None
    size = replace(BASE, **{name: getattr(BASE, name) * factor})
    if size not in known:
        known[size] = _first_load(folder, factor, size)
    return known[size]


def _first_load(folder: Path, factor: int, size: Size) -> Point:
    ours = Ours(folder / "ours", size)
    make_province(ours.seeds, folder / "made", size)
    with serving(folder / "made", "first") as portal:
        cost, _ = ours.bare_nights(NIGHTS[:1], portal)
    return Point(factor, cost.cpu_seconds, cost.peak_mb)


def _workbooks(folder: Path, factor: int) -> Point:
    """So many workbooks beside the small province."""
    return _with_workbooks(folder, factor, count=WORKBOOKS * factor, sheets=1)


def _sheets(folder: Path, factor: int) -> Point:
    """One workbook with so many sheets, each a form."""
    return _with_workbooks(folder, factor, count=1, sheets=factor)


def _with_workbooks(folder: Path, factor: int, *, count: int, sheets: int) -> Point:
    ours = Ours(folder / "ours", BASE)
    _fill(ours, folder, ours.inbox, count, sheets)
    with serving(folder / "made", "first") as portal:
        cost, _ = ours.bare_nights(NIGHTS[:1], portal)
    return Point(factor, cost.cpu_seconds, cost.peak_mb)


def _nights(folder: Path, factor: int) -> Point:
    """The last of so many nights that brought one workbook each; the memory is that of all in one process."""
    ours = Ours(folder / "ours", BASE)
    _fill(ours, folder, folder / "waiting", factor + 1, 1)
    nights = [NIGHTS[0] + timedelta(days=number) for number in range(factor + 2)]
    with serving(folder / "made", "first") as portal:
        cost, told = ours.bare_nights(nights, portal, folder / "waiting")
    return Point(factor, told[-1]["cpu_seconds"], cost.peak_mb)


def _fill(ours: Ours, folder: Path, inbox: Path, count: int, sheets: int) -> None:
    """Make the small province, and ``count`` workbooks of other bytes each, as revisions of its own reports."""
    make_province(ours.seeds, folder / "made", BASE)
    few = replace(BASE, by_workbook=5, dossiers=100)
    make_province(ours.seeds, folder / "few", few)
    made = sorted((folder / "few" / "drops").rglob("*.xlsx"))
    for number in range(count):
        path = made[number % len(made)]
        book = openpyxl.load_workbook(path)
        for _ in range(sheets - 1):
            book.copy_worksheet(book.worksheets[0])
        for place, sheet in enumerate(book.worksheets):
            sheet.cell(11, 4).value = 10_000 + number * 100 + place  # other figures: the same report twice counts once
        out = BytesIO()
        book.save(out)
        target = inbox / path.parent.name / f"{number:05}_{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(out.getvalue())
    shutil.rmtree(folder / "few")


WITH_FILES: dict[str, Callable[[Path, int], Point]] = {
    "workbooks": _workbooks,
    "nights before": _nights,
    "sheets of a workbook": _sheets,
}
GROWN = ("agencies", "dossiers", "years")
DIMENSIONS = (*GROWN, *WITH_FILES)

if __name__ == "__main__":
    sys.exit(main())
