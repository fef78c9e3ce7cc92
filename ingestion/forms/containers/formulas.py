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
MOST_DEPTH = 60
MOST_CELLS_OF_A_RANGE = 20_000

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
    missing: dict[str, dict[tuple[int, int], Cell]] = {}
    left = 0
    for sheet, row, column in formulas:
        result: Cell
        try:
            value = book.value((sheet, row, column), 0)
            result = float(value) if isinstance(value, Decimal) else value
        except (NotComputableError, ArithmeticError):
            result = formulas[sheet, row, column]
            left += 1
        missing.setdefault(sheet, {})[row, column] = result
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
        for row in sheet.iter_rows(max_row=limits.most_rows, max_col=limits.most_columns):
            for cell in row:
                if cell.data_type != "f":
                    continue
                place = (sheet.title, cell.row - 1, cell.column - 1)
                if _cell(table, place[1], place[2]) in (None, ""):
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


class _Book:
    """The cells of a workbook, those with formulas computed when they are asked for."""

    def __init__(self, tables: Mapping[str, Table], formulas: Mapping[Place, str]) -> None:
        self._tables = tables
        self._formulas = formulas
        self._known: dict[Place, Value] = {}
        self._waiting: set[Place] = set()

    def value(self, place: Place, depth: int) -> Value:
        if place in self._known:
            return self._known[place]
        if place not in self._formulas:
            return self._stored(place)
        if place in self._waiting or depth > MOST_DEPTH:
            raise NotComputableError("công thức quay vòng")
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
            self.value((sheet, row - 1, column - 1), depth)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]
