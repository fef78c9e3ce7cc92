"""The catalogue, the agencies and the periods as ingestion needs them, read from the project's own seeds."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

ValueType = Literal["heading", "count", "percent", "flag", "choice", "reference"]

FORM_CODE = "so-2021"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of the form. ``choices`` maps what may be answered to its number (``Có`` to 1), for flags and choices."""

    form_row: int
    code: str
    parent_code: str
    label_vi: str
    unit_vi: str
    value_type: ValueType
    choices: tuple[tuple[str, int], ...]
    may_stay_blank: bool

    @property
    def is_answered(self) -> bool:
        return self.value_type != "heading"


@dataclass(frozen=True, slots=True)
class Agency:
    code: str
    organ_id: str
    name_vi: str
    level: str
    short_name: str
    doc_suffix: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Catalogue:
    """The form's rows in their order, and who may report for which periods."""

    rows: tuple[Indicator, ...]
    agencies: tuple[Agency, ...]
    period_codes: frozenset[str]

    @functools.cached_property
    def answered(self) -> tuple[Indicator, ...]:
        return tuple(row for row in self.rows if row.is_answered)

    def by_code(self) -> Mapping[str, Indicator]:
        return {row.code: row for row in self.rows}

    def agency_of(self, organ_id: str) -> Agency | None:
        """The agency of an organ id in the old form (``000.00.03.H51``) or the new one (``H51.03``)."""
        code = agency_code_of(organ_id)
        return next((agency for agency in self.agencies if agency.code == code), None)


def agency_code_of(organ_id: str) -> str:
    """An organ id in the one form used inside: ``000.00.03.H51`` reversed without its zero parts is ``H51.03``."""
    parts = organ_id.strip().upper().split(".")
    if parts[-1].startswith("H"):
        parts.reverse()
    return ".".join(part for part in parts if part.strip("0"))


@functools.lru_cache(maxsize=4)
def load_catalogue(seeds: Path) -> Catalogue:
    """Read ``indicators.csv``, ``agencies.csv`` and ``periods.csv`` below ``seeds``; OSError or KeyError when damaged."""
    return Catalogue(
        rows=tuple(_indicator(row) for row in _rows(seeds / "indicators.csv")),
        agencies=tuple(_agency(row) for row in _rows(seeds / "agencies.csv")),
        period_codes=frozenset(row["period_code"] for row in _rows(seeds / "periods.csv")),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _indicator(row: dict[str, str]) -> Indicator:
    choices = []
    for choice in filter(None, (part.strip() for part in row["choices"].split(";"))):
        answer, number = choice.rsplit("=", 1)
        choices.append((answer.strip(), int(number)))
    return Indicator(
        form_row=int(row["form_row"]),
        code=row["code"],
        parent_code=row["parent_code"],
        label_vi=row["label_vi"],
        unit_vi=row["unit_vi"],
        value_type=row["value_type"],  # type: ignore[arg-type]
        choices=tuple(choices),
        may_stay_blank=row["if_any"] == "1",
    )


def _agency(row: dict[str, str]) -> Agency:
    return Agency(
        code=row["agency_code"],
        organ_id=row["organ_id"],
        name_vi=row["name_vi"],
        level=row["level"],
        short_name=row["short_name"],
        doc_suffix=row["doc_suffix"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )
