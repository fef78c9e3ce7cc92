"""What the province is made of: agencies and indicators, read from the project's seed files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Agency:
    """A reporting agency. ``code`` is the organ id in its new form (``H51.03``), ``organ_id`` the old one."""

    code: str
    organ_id: str
    name: str
    level: str
    short_name: str
    doc_suffix: str

    @property
    def is_district(self) -> bool:
        return self.level == "district"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of the form; ``value_type`` is ``heading`` where nothing is answered."""

    code: str
    label: str
    unit: str
    value_type: str
    choices: str

    @property
    def is_answered(self) -> bool:
        return self.value_type != "heading"


@dataclass(frozen=True, slots=True)
class Reference:
    """``agencies`` are the reporting ones, in order of organ id; ``indicators`` the rows of the form, in its order."""

    province_code: str
    province_name: str
    agencies: tuple[Agency, ...]
    indicators: tuple[Indicator, ...]

    @property
    def home_affairs(self) -> Agency:
        """The agency that receives the reports: Sở Nội vụ, or the first where a province calls it otherwise."""
        return next((agency for agency in self.agencies if agency.short_name == "NV"), self.agencies[0])


def read_reference(seeds: Path) -> Reference:
    """Read ``agencies.csv`` and ``indicators.csv`` of the folder ``seeds``; ``ValueError`` when no agency reports."""
    agencies = []
    provinces: dict[str, str] = {}
    for row in _rows(seeds / "agencies.csv"):
        if row["level"] == "province":
            provinces[row["agency_code"]] = row["name_vi"]
            continue
        agencies.append(
            (
                row["parent_code"],
                Agency(
                    code=row["agency_code"],
                    organ_id=row["organ_id"],
                    name=row["name_vi"],
                    level=row["level"],
                    short_name=row["short_name"],
                    doc_suffix=row["doc_suffix"],
                ),
            )
        )
    if not agencies:
        raise ValueError(f"{seeds / 'agencies.csv'} names no reporting agency")
    province_code = agencies[0][0]
    indicators = tuple(
        Indicator(row["code"], row["label_vi"], row["unit_vi"], row["value_type"], row["choices"])
        for row in _rows(seeds / "indicators.csv")
    )
    return Reference(
        province_code=province_code,
        province_name=provinces[province_code].removeprefix("UBND tỉnh ").removeprefix("UBND thành phố "),
        agencies=tuple(
            sorted((agency for parent, agency in agencies if parent == province_code), key=lambda one: one.organ_id)
        ),
        indicators=indicators,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
