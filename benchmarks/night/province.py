"""One province and one delta, made beforehand: what the portal serves and the workbooks of the inbox, in two states.

The forms are the stand-ins' own, in which every rule holds; some yearly ones break a relation of the form. Every agency
reports by one door, two in five by workbooks. ``first`` is everything but the last hundredth, ``delta`` the rest: of the
reports first ones that had been awaited and second revisions by halves, of the dossiers the latest states.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from stand_ins.province.citations import Book, decrees, share_out
from stand_ins.province.dossiers import make_dossiers
from stand_ins.province.figures import Cell, Figures, draw_year, figures
from stand_ins.province.listing import DossierListing
from stand_ins.province.measures import measure
from stand_ins.province.periods import Window, windows
from stand_ins.province.reference import Agency, Reference, read_reference
from stand_ins.province.register import make_register
from stand_ins.province.sending import Sending
from stand_ins.province.streams import stream
from stand_ins.province.structure import Structure, structures
from stand_ins.province.workbook import form_workbook

LAST_YEAR = 2021
#: The nights on which the two states are taken in, and one with nothing new.
NIGHTS = (date(2021, 12, 20), date(2021, 12, 21), date(2021, 12, 22))
DELTA_SHARE = 100
_DELTA_AT = datetime(2021, 12, 20, 18)  # noqa: DTZ001 - the portal's local clock
_DOCUMENTS_AN_AGENCY = 50
_ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Size:
    """``agencies`` that report four times in each of ``years`` years up to 2021, and ``dossiers`` in all; of five agencies
    ``by_workbook`` drop workbooks."""

    agencies: int
    years: int
    dossiers: int
    by_workbook: int = 2
    seed: int = 2021


@dataclass(frozen=True, slots=True)
class Report:
    """A sending by one of the two doors, in the first state or only in the delta."""

    sending: Sending
    is_drop: bool
    is_delta: bool


def add_agencies(seeds: Path, agencies: int) -> None:
    """Bring ``agencies.csv`` to that many reporting agencies: more departments of the same province."""
    path = seeds / "agencies.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    pattern = next(row for row in rows if row["agency_code"] == "H51.03")
    missing = agencies - len(read_reference(seeds).agencies)
    for number in range(201, 201 + missing):
        letters = "".join(chr(65 + number // 26**place % 26) for place in (2, 1, 0))
        rows.append(
            pattern
            | {"agency_code": f"H51.{number}", "organ_id": f"000.00.{number}.H51", "name_vi": f"Sở Mẫu {letters}"}
            | {"short_name": f"M{letters}", "doc_suffix": f"M{letters}", "successor_code": ""}
        )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def add_years(seeds: Path, years: int) -> None:
    """Bring ``periods.csv`` to that many years up to 2021."""
    path = seeds / "periods.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row["year"] for row in rows}
    pattern = [row for row in rows if row["year"] == str(LAST_YEAR)]
    for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
        if str(year) not in known:
            for row, window in zip(pattern, windows(year), strict=True):
                dates = {"data_from": window.first, "data_to": window.last, "due_on": window.due}
                words = {"period_code": window.code, "year": year, "label_vi": window.title.capitalize()}
                rows.append(row | {name: str(value) for name, value in (dates | words).items()})
    rows.sort(key=lambda row: (row["data_from"], row["data_to"]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def make_province(seeds: Path, folder: Path, size: Size) -> dict[str, int]:
    """Write what the portal serves (``portal.py``) and ``drops/first``, ``drops/delta``; counts by kind and state."""
    reference = read_reference(seeds)
    reference = replace(reference, agencies=reference.agencies[: size.agencies])
    everyone = structures(reference, size.seed)
    reports: list[Report] = []
    dossiers = _Served(folder / "dossiers")
    for year in range(LAST_YEAR - size.years + 1, LAST_YEAR + 1):
        made = make_dossiers(everyone, seed=size.seed + year, year=year, count=size.dossiers // size.years)
        listing = DossierListing(made, everyone, {}, size.seed, "")
        for start in range(0, len(listing), _ROWS_AT_ONCE):
            for row in listing.page(start, min(start + _ROWS_AT_ONCE, len(listing))):
                dossiers.add(row)
        count = _DOCUMENTS_AN_AGENCY * len(everyone)
        register = make_register(everyone, seed=size.seed, year=year, count=count)
        measures = {window.code: measure(made, register, window, len(everyone)) for window in windows(year)}
        reports += _reports(reference, everyone, year, size, measures)
    dossiers.end(len(dossiers) - len(dossiers) // DELTA_SHARE)
    submissions = _Served(folder / "submissions")
    typed = sorted((one for one in reports if not one.is_drop), key=lambda one: one.sending.updated_at)
    for one in typed:
        submissions.add(one.sending.item(reference.indicators))
    submissions.end(sum(not one.is_delta for one in typed))
    for one in reports:
        if one.is_drop:
            _write_workbook(one, reference, folder / "drops" / ("delta" if one.is_delta else "first"))
    return {
        "reports": len(reports),
        "reports_delta": sum(one.is_delta for one in reports),
        "workbooks": sum(one.is_drop for one in reports),
        "dossier_states": len(dossiers),
    }


def _reports(
    reference: Reference, everyone: tuple[Structure, ...], year: int, size: Size, measures: dict[str, Any]
) -> list[Report]:
    """Every agency's four reports of a year; in the last year those of the delta too."""
    cited = share_out(decrees(year), len(everyone), stream(size.seed, f"decrees {year}"))
    chance = stream(size.seed, f"reports {year}")
    wanted = max(size.agencies * size.years * 4 // DELTA_SHARE, 8) if year == LAST_YEAR else 0
    chosen = set(chance.permutation(size.agencies * 4)[:wanted].tolist())
    reports = []
    for index, one in enumerate(everyone):
        book = Book(one.agency, year, 1.2)
        drawn = draw_year(one, book, cited[index], stream(size.seed, f"figures {year} {one.agency.code}"))
        for place, window in enumerate(windows(year)):
            slot = index * 4 + place
            is_drop = index % 5 < size.by_workbook
            cells = figures(drawn, window, measures[window.code], index)
            _leave_shares_out(cells, reference, 3 if is_drop else 0)
            if place == 3:
                _break_a_relation(cells, slot // 4 + year)
            sending = _sending(one.agency, window, cells, book, chance, f"PS{year}-{slot:06d}", index)
            is_awaited = slot in chosen and slot % 2 == 0
            reports.append(Report(_in_delta(sending, slot) if is_awaited else sending, is_drop, is_awaited))
            if slot in chosen and not is_awaited:
                reports.append(Report(_revised(sending, slot), is_drop, is_delta=True))
    return reports


def _sending(
    agency: Agency, window: Window, cells: Figures, book: Book, chance: np.random.Generator, door_id: str, index: int
) -> Sending:
    days = int(chance.integers(-4, 4)) if window.code != str(LAST_YEAR) else int(chance.integers(-5, 0))
    on = window.due + timedelta(days=days)
    at = datetime.combine(on, time(8)) + timedelta(seconds=int(chance.integers(0, 30_000)))
    return Sending(
        agency=agency,
        window=window,
        figures=cells,
        habit=("numbers", "strings", "floats")[index % 3],  # type: ignore[arg-type]
        door="portal",
        door_id=door_id,
        submitted_at=at,
        updated_at=at + timedelta(minutes=10),
        document_number=book.number("BC", on),
        document_date=on,
    )


def _in_delta(sending: Sending, slot: int) -> Sending:
    at = _DELTA_AT + timedelta(seconds=slot)
    return replace(sending, submitted_at=at, updated_at=at + timedelta(minutes=1))


def _revised(sending: Sending, slot: int) -> Sending:
    """Another count of labour contracts, which no rule compares; one in three breaks a relation: the revision before it stays."""
    cells = dict(sending.figures)
    cells["IV.2.3"] = Cell(int(cells["IV.2.3"].value or 0) + 1)
    if slot % 3 == 0:
        cells["I.2.4"] = Cell(int(cells["I.2.3"].value or 0) + 2)
    return _in_delta(replace(sending, figures=cells, revision=2), slot)


def _break_a_relation(cells: Figures, number: int) -> None:
    """In some yearly reports: more done than there was, by the rules I-01, II-01 and IV-05."""
    if number % 11 == 0:
        cells["I.1.2"] = Cell(int(cells["I.1.1"].value or 0) + 3)
    if number % 13 == 0:
        cells["II.1.1"] = Cell(int(cells["II.1"].value or 0) + 1)
    if number % 17 == 0:
        cells["IV.7.5"] = Cell(int(cells["IV.7.4"].value or 0) + 1)


def _leave_shares_out(cells: Figures, reference: Reference, least: int) -> None:
    """Shares up to ``least`` (in a workbook 1 may be one percent or all of it: which, is told by the cell's format, and not
    this bench's subject) and above 100 (a year that begins on a weekend has a few of them)."""
    for indicator in reference.indicators:
        value = cells[indicator.code].value if indicator.code in cells else None
        if indicator.value_type == "percent" and value is not None and (0 < value <= least or value > 100):
            cells[indicator.code] = Cell(None)


def _write_workbook(report: Report, reference: Reference, folder: Path) -> None:
    sending = replace(report.sending, habit="numbers")
    path = folder / sending.agency.code / f"{sending.period_code}_r{sending.revision}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(form_workbook(sending, reference))


class _Served:
    """Rows as JSON, one after the other in one file, and where each begins: a page is a piece of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[tuple[str, bytes]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append((row["updated_at"], orjson.dumps(row, default=_plain) + b","))

    def end(self, first: int) -> None:
        """Write all in order of ``updated_at``; ``first`` rows are all that the first state has."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._rows.sort(key=lambda row: row[0])
        self._path.with_suffix(".json").write_bytes(b"".join(row for _, row in self._rows))
        begins = [0, *accumulate(len(row) for _, row in self._rows)]
        told = {"begins": begins, "updated": [updated for updated, _ in self._rows], "first": first}
        self._path.with_suffix(".index").write_text(json.dumps(told), encoding="ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(value)
