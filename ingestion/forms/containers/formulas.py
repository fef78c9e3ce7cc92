"""Formulas whose result a file does not hold: simple ones are computed, the others left standing as their text.

A program that is no spreadsheet writes formulas without results, and a blank in their place would be a lie. Only
arithmetic and a few functions over cells of the same workbook are understood (``arithmetic``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

from ingestion.forms.containers.arithmetic import NotComputableError, Value, compute
from ingestion.forms.containers.found import Cell, Table
from ingestion.forms.containers.limits import Limits, RefusedError, told

MOST_FORMULAS = 5_000
MOST_DEPTH = 25
MOST_CELLS_OF_A_RANGE = 20_000
MOST_STEPS = 400_000
COST_OF_A_FORMULA = 20

_CELL_WITH_FORMULA = re.compile(
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>|</(?:\w+:)?c>)"
)
Place: TypeAlias = tuple[str, int, int]


def has_uncomputed(sheet: bytes) -> bool:
    """Whether the XML of a sheet has a formula without a result."""
    return (b"<f" in sheet or b":f" in sheet) and _CELL_WITH_FORMULA.search(sheet) is not None


def compute_missing(content: bytes, tables: Sequence[Table], limits: Limits, remarks: list[str]) -> tuple[Table, ...]:
    """The tables with the results of formulas that had none; where one can't be computed its text stands there, after «=»."""
    formulas = _formulas(content, tables, limits)
    book = _Book({table.name: table for table in tables}, formulas)
    # Chains that are too long to be followed from their head are short ones when they are taken up from their end.
    for place in [*formulas, *reversed(formulas)]:
        book.try_value(place)
    missing: dict[str, dict[tuple[int, int], Cell]] = {}
    left = 0
    for place, formula in formulas.items():
        value, is_known = book.known(place)
        left += not is_known
        result: Cell = float(value) if isinstance(value, Decimal) else value
        missing.setdefault(place[0], {})[place[1:]] = result if is_known else formula
    if left:
        remarks.append(f"{left} công thức chưa có kết quả và không tính được; xin mở bằng Excel, lưu lại rồi gửi")
    return tuple(_with(table, missing.get(table.name, {})) for table in tables)


def _formulas(content: bytes, tables: Sequence[Table], limits: Limits) -> dict[Place, str]:
    """Formulas without a result by their place (sheet, row, column from 0)."""
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError) as error:
        raise RefusedError(f"bảng tính có công thức chưa tính và không đọc được ({told(error)})") from error
    formulas: dict[Place, str] = {}
    known = {table.name: table for table in tables}
    for sheet in workbook.worksheets:
        table = known.get(sheet.title)
        if table is None:
            continue
        last_row, last_column = min(sheet.max_row, limits.most_rows), min(sheet.max_column, limits.most_columns)
        for row in sheet.iter_rows(max_row=last_row, max_col=last_column):
            for cell in row:
                if cell.data_type != "f":
                    continue
                place = (sheet.title, cell.row - 1, cell.column - 1)
                stored = _cell(table, place[1], place[2])
                if stored is None or (isinstance(stored, str) and not stored.strip()):
                    said = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                    formulas[place] = str(said)
                if len(formulas) > MOST_FORMULAS:
                    raise RefusedError(f"bảng tính có quá nhiều công thức chưa tính (hơn {MOST_FORMULAS})")
    return formulas


def _cell(table: Table, row: int, column: int) -> Cell:
    row, column = row - table.first_row, column - table.first_column
    if row < 0 or column < 0 or row >= len(table.rows) or column >= len(table.rows[row]):
        return None
    return table.rows[row][column]


def _with(table: Table, added: Mapping[tuple[int, int], Cell]) -> Table:
    if not added:
        return table
    first_row = min(table.first_row, *(row for row, _ in added)) if table.rows else min(row for row, _ in added)
    first_column = min(table.first_column, *(column for _, column in added)) if table.rows else 0
    last_row = max(table.first_row + len(table.rows), *(row + 1 for row, _ in added))
    width = max([table.first_column + len(row) for row in table.rows] + [column + 1 for _, column in added])
    rows = [
        [added.get((row, column), _cell(table, row, column)) for column in range(first_column, width)]
        for row in range(first_row, last_row)
    ]
    return replace(table, rows=rows, first_row=first_row, first_column=first_column)


class _TooDeepError(Exception):
    """The chain of formulas is too long to be followed from here."""


class _Book:
    """The cells of a workbook, those with formulas computed when they are asked for."""

    def __init__(self, tables: Mapping[str, Table], formulas: Mapping[Place, str]) -> None:
        self._tables = tables
        self._formulas = formulas
        self._known: dict[Place, Value] = {}
        self._hopeless: set[Place] = set()
        self._waiting: set[Place] = set()
        self._steps_left = MOST_STEPS

    def known(self, place: Place) -> tuple[Value, bool]:
        """The result of a formula, and whether there is one."""
        return self._known.get(place), place in self._known

    def try_value(self, place: Place) -> None:
        """Compute a formula if it can be; ``known`` tells."""
        if place in self._known or place in self._hopeless or self._steps_left <= 0:
            return
        try:
            self._value(place, 0)
        except _TooDeepError:
            return
        except (NotComputableError, ArithmeticError, RecursionError):
            self._hopeless.add(place)

    def _value(self, place: Place, depth: int) -> Value:
        self._steps_left -= 1
        if place in self._known:
            return self._known[place]
        if place not in self._formulas:
            return self._stored(place)
        if place in self._waiting or place in self._hopeless:
            raise NotComputableError("công thức quay vòng")
        if depth > MOST_DEPTH or self._steps_left <= 0:
            raise _TooDeepError
        self._steps_left -= COST_OF_A_FORMULA
        self._waiting.add(place)
        try:
            value = compute(self._formulas[place], lambda said: self._range(said, place[0], depth + 1))
        finally:
            self._waiting.discard(place)
        self._known[place] = value
        return value

    def _stored(self, place: Place) -> Value:
        table = self._tables.get(place[0])
        if table is None:
            raise NotComputableError("trang tính khác")
        cell = _cell(table, place[1], place[2])
        if cell is None or cell == "":
            return None
        if isinstance(cell, bool | str):
            return cell
        if isinstance(cell, int | float):
            return Decimal(repr(cell))
        raise NotComputableError("ô ngày giờ")

    def _range(self, said: str, sheet: str, depth: int) -> list[Value]:
        name, _, cells = said.rpartition("!")
        if name:
            sheet = name.strip("'").replace("''", "'")
        try:
            left, top, right, bottom = range_boundaries(cells.replace("$", "").upper())
        except ValueError as error:
            raise NotComputableError(said) from error
        if (right - left + 1) * (bottom - top + 1) > MOST_CELLS_OF_A_RANGE:
            raise NotComputableError("vùng quá lớn")
        return [
            self._value((sheet, row - 1, column - 1), depth)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]
