"""The catalogue of indicators and the rows of the rule table, read from the warehouse's seeds or from the CSV files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from expectations.errors import GateError

ValueType = Literal["heading", "count", "percent", "flag", "choice", "reference"]
Seeds = Path | duckdb.DuckDBPyConnection

_INDICATOR_COLUMNS = ("code", "label_vi", "label_en", "unit_vi", "value_type", "measure", "is_share_of_whole")
_RULE_COLUMNS = (
    "rule_id", "severity", "left", "operator", "right", "tolerance", "on_missing", "message_en", "message_vi",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of the form. ``measure`` is flow, stock, plan or empty; ``is_share_of_whole`` is for percents only."""

    code: str
    label_vi: str
    label_en: str
    unit: str
    value_type: ValueType
    measure: str
    is_share_of_whole: bool | None

    @property
    def is_answered(self) -> bool:
        return self.value_type != "heading"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row of the rule table, as written."""

    rule_id: str
    severity: str
    left: str
    operator: str
    right: str
    tolerance: str
    on_missing: str
    message_en: str
    message_vi: str


class Catalogue:
    """The form's indicators by code, in the form's order."""

    def __init__(self, indicators: tuple[Indicator, ...]) -> None:
        self.indicators = indicators
        self._by_code = {indicator.code: indicator for indicator in indicators}

    def find(self, code: str) -> Indicator | None:
        return self._by_code.get(code)

    @property
    def closed_percents(self) -> tuple[str, ...]:
        """Shares of a whole, which lie between 0 and 100."""
        return tuple(i.code for i in self.indicators if i.value_type == "percent" and i.is_share_of_whole)

    @property
    def plan_percents(self) -> tuple[str, ...]:
        """Shares against a plan, which may exceed 100."""
        return tuple(i.code for i in self.indicators if i.value_type == "percent" and i.is_share_of_whole is False)


def read_catalogue(seeds: Seeds) -> Catalogue:
    """The indicators of ``seed.indicators`` (a connection) or of ``indicators.csv`` (the seeds' folder)."""
    return Catalogue(
        tuple(
            Indicator(
                code=row["code"],
                label_vi=row["label_vi"],
                label_en=row["label_en"],
                unit=row["unit_vi"],
                value_type=row["value_type"],  # type: ignore[arg-type]
                measure=row["measure"],
                is_share_of_whole=_truth(row["is_share_of_whole"]),
            )
            for row in _read(seeds, "indicators", _INDICATOR_COLUMNS, order_by="try_cast(form_row as integer)")
        )
    )


def read_rule_rows(seeds: Seeds) -> tuple[RuleRow, ...]:
    """The rows of ``seed.rules`` (a connection) or of ``rules.csv`` (the seeds' folder), in order of their ids."""
    rows = (RuleRow(**row) for row in _read(seeds, "rules", _RULE_COLUMNS, order_by="rule_id"))
    return tuple(sorted(rows, key=lambda row: row.rule_id))


def _read(seeds: Seeds, table: str, columns: tuple[str, ...], *, order_by: str) -> list[dict[str, str]]:
    """Every cell as text without outer blanks, an empty cell as an empty text."""
    if isinstance(seeds, Path):
        path = seeds / f"{table}.csv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows: list[Mapping[str, str | None]] = list(csv.DictReader(file))
        except OSError as error:
            raise GateError(f"{path} can't be read: {error}") from error
    else:
        selected = ", ".join(f'cast("{column}" as varchar) as "{column}"' for column in columns)
        try:
            found = seeds.execute(f"select {selected} from seed.{table} order by {order_by}").fetchall()
        except duckdb.Error as error:
            raise GateError(f"seed.{table} can't be read: {error}") from error
        rows = [dict(zip(columns, row, strict=True)) for row in found]
    missing = [column for column in columns if rows and column not in rows[0]]
    if missing:
        raise GateError(f"{table} lacks the columns {', '.join(missing)}")
    return [{column: (row[column] or "").strip() for column in columns} for row in rows]


def _truth(text: str) -> bool | None:
    if not text:
        return None
    return text.lower() in {"1", "1.0", "true", "t"}
