"""What is found in a file, in the plainest records: they pass from the reading process to ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | date | time | datetime | timedelta | None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet or table: ``rows[i][j]`` stands at row ``first_row + i`` and column ``first_column + j``, from 0."""

    name: str
    rows: Sequence[Sequence[Cell]]
    first_row: int = 0
    first_column: int = 0
    is_hidden: bool = False
    #: Of a table put together from where its words stand, the rows of ``rows`` whose cells may belong to a row beside
    #: them; None for a table as the file has it.
    doubtful_rows: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Running text of a file; ``is_recognised`` where its characters were recognised from a picture."""

    content: str
    is_recognised: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The tables or the text of one file, and what could not be read beside them (sentences in Vietnamese)."""

    content: tuple[Table, ...] | Text
    remarks: tuple[str, ...] = ()
