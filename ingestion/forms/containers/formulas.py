"""Formulas whose result a file does not hold: simple ones are computed, the others left standing as their text.

A program that is no spreadsheet writes formulas without results, and a blank in their place would be a lie. Only
arithmetic and a few functions over cells of the same workbook are understood (``arithmetic``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from openpyxl.utils.cell import get_column_letter, range_boundaries

from ingestion.forms.containers.arithmetic import NotComputableError, Value, compute
from ingestion.forms.containers.found import Cell, Table
from ingestion.forms.containers.unsaid import Place, Unsaid, stored_in

MOST_DEPTH = 25
MOST_CELLS_OF_A_RANGE = 20_000
MOST_STEPS = 400_000
COST_OF_A_FORMULA = 20
_MOST_NAMED = 6


def with_unsaid(tables: Sequence[Table], unsaid: Unsaid, remarks: list[str]) -> tuple[Table, ...]:
    """The tables with what their library left blank: errors and texts as they are shown, results of formulas that had
    none; where one can't be computed its text stands there, after «=», and ``remarks`` says in which cells.
    """
    shown = {**unsaid.texts, **unsaid.errors}
    tables = [_with(table, _of_sheet(shown, table)) for table in tables]
    book = _Book({table.name: table for table in tables}, unsaid)
    # Chains that are too long to be followed from their head are short ones when they are taken up from their end.
    for place in [*unsaid.formulas, *reversed(unsaid.formulas)]:
        book.try_value(place)
    results: dict[Place, Cell] = {}
    left = []
    for place, formula in unsaid.formulas.items():
        value, is_known = book.known(place)
        if not is_known:
            left.append(place)
        result: Cell = float(value) if isinstance(value, Decimal) else value
        results[place] = result if is_known else formula
    if left:
        named = ", ".join(
            f"{sheet}!{get_column_letter(column + 1)}{row + 1}" for sheet, row, column in left[:_MOST_NAMED]
        )
        more = ", …" if len(left) > _MOST_NAMED else ""
        remarks.append(
            f"{len(left)} công thức chưa có kết quả và không tính được ({named}{more}); xin mở bằng Excel, lưu lại rồi gửi"
        )
    return tuple(_with(table, _of_sheet(results, table)) for table in tables)


def _of_sheet(cells: Mapping[Place, Cell], table: Table) -> dict[tuple[int, int], Cell]:
    return {place[1:]: cell for place, cell in cells.items() if place[0] == table.name}


def _with(table: Table, added: Mapping[tuple[int, int], Cell]) -> Table:
    if not added:
        return table
    first_row = min(table.first_row, *(row for row, _ in added)) if table.rows else min(row for row, _ in added)
    first_column = min(table.first_column, *(column for _, column in added)) if table.rows else 0
    last_row = max(table.first_row + len(table.rows), *(row + 1 for row, _ in added))
    width = max([table.first_column + len(row) for row in table.rows] + [column + 1 for _, column in added])
    rows = [
        [added.get((row, column), stored_in(table, row, column)) for column in range(first_column, width)]
        for row in range(first_row, last_row)
    ]
    return replace(table, rows=rows, first_row=first_row, first_column=first_column)


class _TooDeepError(Exception):
    """The chain of formulas is too long to be followed from here."""


class _Book:
    """The cells of a workbook, those with formulas computed when they are asked for."""

    def __init__(self, tables: Mapping[str, Table], unsaid: Unsaid) -> None:
        self._tables = tables
        self._formulas = unsaid.formulas
        self._errors = unsaid.errors
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
        if place in self._errors:
            raise NotComputableError("ô lỗi")
        cell = stored_in(table, place[1], place[2])
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
