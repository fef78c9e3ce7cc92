"""Cells that come as blank out of the library that reads workbooks, and are not: formulas without a result, errors of the
spreadsheet (#DIV/0!), text of no declared kind. A blank in their place would be a lie.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from ingestion.forms.containers.formats import places_of
from ingestion.forms.containers.found import Cell, Table
from ingestion.forms.containers.limits import Limits, RefusedError, told
from ingestion.forms.containers.packed import SHEET_PART, Package, events, targets_of

Place: TypeAlias = tuple[str, int, int]
MOST_FORMULAS = 5_000

_RESULT = (
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*%b</(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_WITHOUT_RESULT, _WITHOUT_RESULT_OR_ZERO = (re.compile(_RESULT % zero) for zero in (b"", b"0?"))
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
# Begun by letters that are seldom, which is what makes a search fast: every workbook that is read the short way is searched.
_PLAIN_ERROR = re.compile(rb"""t=["']e["']""")
_PLAIN_FORMULA = re.compile(rb"<f[\s/>]")
_RECKONED_WHEN_OPENED = re.compile(rb"""\bfullCalcOnLoad=["'](?:1|true)["']""")


@dataclass(slots=True)
class Unsaid:
    """What stands in such cells, by sheet, row and column from 0: formulas to be computed, errors as they are shown."""

    formulas: dict[Place, str] = field(default_factory=dict)
    errors: dict[Place, str] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.formulas or self.errors or self.texts)

    def add_formula(self, place: Place, formula: str) -> None:
        """Raises ``RefusedError`` when they are too many."""
        self.formulas[place] = formula
        if len(self.formulas) > MOST_FORMULAS:
            raise RefusedError(f"bảng tính có quá nhiều công thức chưa tính (hơn {MOST_FORMULAS})")


def is_said_in_full(sheet: bytes, workbook: bytes) -> bool:
    """Whether the XML of a sheet, written as office programs do and without prefixes, has neither an error nor a formula
    without a result. ``workbook``: the XML that names it."""
    if _PLAIN_ERROR.search(sheet):
        return False
    return _PLAIN_FORMULA.search(sheet) is None or _looks_for(workbook).search(sheet) is None


def _looks_for(workbook: bytes) -> re.Pattern[bytes]:
    """A program that leaves the reckoning to Excel writes 0 for every result (XlsxWriter), or none (openpyxl)."""
    return _WITHOUT_RESULT_OR_ZERO if _RECKONED_WHEN_OPENED.search(workbook) else _WITHOUT_RESULT


def of_xlsx(content: bytes, tables: Sequence[Table], limits: Limits) -> Unsaid:
    """Raises ``RefusedError``."""
    package = Package(content, limits)
    workbook = package.read_xml("xl/workbook.xml")
    unsaid = Unsaid()
    parts = targets_of(package, "xl/workbook.xml")
    is_uncomputed = False
    for _, about in events(workbook, "xl/workbook.xml", ("{*}sheet",)):
        relation = next((value for key, value in about.attrib.items() if key.endswith("}id")), "")
        part = parts.get(relation, "")
        if part not in package.names or not SHEET_PART.fullmatch(part):
            continue
        sheet = package.read_xml(part)
        is_uncomputed = is_uncomputed or _looks_for(workbook).search(sheet) is not None
        if _ERROR.search(sheet):
            unsaid.errors.update(_errors_of_xlsx(sheet, part, about.get("name", ""), limits))
    if is_uncomputed:
        _formulas_of_xlsx(
            content, tables, limits, unsaid, is_zero_none=_RECKONED_WHEN_OPENED.search(workbook) is not None
        )
    return unsaid


def _errors_of_xlsx(sheet: bytes, part: str, name: str, limits: Limits) -> Iterator[tuple[Place, str]]:
    for row, column, cell in places_of(sheet, part, limits):
        if cell.get("t") == "e":
            shown = next((below.text for below in cell if below.tag.endswith("}v")), None)
            yield (name, row, column), shown or "#LỖI!"


def _formulas_of_xlsx(
    content: bytes, tables: Sequence[Table], limits: Limits, unsaid: Unsaid, *, is_zero_none: bool
) -> None:
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError) as error:
        raise RefusedError(f"bảng tính có công thức chưa tính và không đọc được ({told(error)})") from error
    known = {table.name: table for table in tables}
    for sheet in workbook.worksheets:
        table = known.get(sheet.title)
        if table is None:
            continue
        last_row, last_column = min(sheet.max_row, limits.most_rows), min(sheet.max_column, limits.most_columns)
        for row in sheet.iter_rows(max_row=last_row, max_col=last_column):
            for cell in row:
                place = (sheet.title, cell.row - 1, cell.column - 1)
                if cell.data_type != "f" or place in unsaid.errors:
                    continue
                stored = stored_in(table, place[1], place[2])
                if is_nothing(stored) or (is_zero_none and stored == 0 and not isinstance(stored, bool)):
                    said = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                    unsaid.add_formula(place, str(said))


def stored_in(table: Table, row: int, column: int) -> Cell:
    """The cell at a row and column of the sheet; None outside of what is filled."""
    row, column = row - table.first_row, column - table.first_column
    if row < 0 or column < 0 or row >= len(table.rows) or column >= len(table.rows[row]):
        return None
    return table.rows[row][column]


def is_nothing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
