"""A table of cells as a file holds it, and a cell as a person typed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from ingestion.forms.text import tidy

CellValue: TypeAlias = str | int | float | bool | date | time | datetime | timedelta | None


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet or table. ``rows[i][j]`` is the cell at row ``first_row + i`` and column ``first_column + j`` (from 0)."""

    name: str
    rows: Sequence[Sequence[CellValue]]
    first_row: int = 0
    first_column: int = 0
    is_hidden: bool = False
    #: Of a table put together from where its words stand, the rows of ``rows`` whose cells may belong to a row beside
    #: them: what is read there is doubtful, blanks too. None for a table as the file has it.
    doubtful_rows: frozenset[int] | None = None
    #: Whether the cell at (row, column) of the sheet, from 0, is shown as a percentage; None where the file doesn't tell.
    is_percent_format: Callable[[int, int], bool | None] = lambda _row, _column: None

    def address(self, row: int, column: int) -> str:
        """Where a cell of ``rows`` stands in its sheet, as a person looks it up: ``Biểu!D63``."""
        return f"{self.name}!{column_letters(self.first_column + column)}{self.first_row + row + 1}"

    def cell(self, row: int, column: int) -> CellValue:
        """The cell, or None where the row is shorter."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None


def cell_text(value: CellValue) -> str:
    """A cell as a person typed it: whole numbers without a point, dates as yyyy-mm-dd."""
    if isinstance(value, str):
        return tidy(value) if value else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return tidy(str(value))


def column_letters(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
