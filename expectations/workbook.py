"""Workbooks for officers: an agency's own form with its wrong cells marked, and the night's failing rows as a table."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

_WRONG = PatternFill("solid", fgColor="FFC7CE")
_RELATED = PatternFill("solid", fgColor="FFEB9C")
_HEAD = PatternFill("solid", fgColor="D9E2EC")
_THIN = Side(style="thin", color="999999")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAP = Alignment(wrap_text=True, vertical="top")
_REMARK_FONT = Font(name="Times New Roman", size=11)
_REMARK_HEAD_FONT = Font(name="Times New Roman", size=11, bold=True)
_REMARK_WIDTHS = (44.0, 30.0)
#: Letters of Times New Roman 12 that fit into a unit of a column's width; points of a line of it, and around a text.
_LETTERS, _LINE_HEIGHT, _LINE_MARGIN = 1.05, 15.5, 3
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class FilledLine:
    """What the agency reported on a line: the figure where one was read, else the text; and its note."""

    value: Decimal | None
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a line is marked and what is proposed; ``is_changed`` where the best proposal changes it."""

    reasons: tuple[str, ...]
    proposal: str
    is_changed: bool


def marked_form(
    blank: bytes,
    codes: Sequence[str],
    lines: Mapping[str, FilledLine],
    marks: Mapping[str, Mark],
    *,
    heads: tuple[str, str],
) -> bytes:
    """The agency's form with its figures in it: ``blank`` is the official form of that agency and period as a workbook,
    ``codes`` its rows in order. Marked cells are coloured; reason and proposal stand in two columns beside the table.

    Figures go in as numbers, so that they are read back exactly. Text from forms is never a formula.
    """
    book = load_workbook(io.BytesIO(blank))
    sheet = book.worksheets[0]
    first, value_column = first_row(sheet)
    beside = value_column + 2
    for offset, (head, width) in enumerate(zip(heads, _REMARK_WIDTHS, strict=True)):
        cell = sheet.cell(first - 1, beside + offset, head)
        cell.font, cell.fill, cell.alignment, cell.border = _REMARK_HEAD_FONT, _HEAD, _WRAP, _BOX
        sheet.column_dimensions[cell.column_letter].width = width
    for row, code in enumerate(codes, first):
        line, mark = lines.get(code), marks.get(code)
        if line is not None:
            _put(sheet, row, value_column, line.text if line.value is None else _number(line.value))
            _put(sheet, row, value_column + 1, line.note)
            _raise(sheet, row, {value_column: line.text if line.value is None else "", value_column + 1: line.note})
        if mark is not None:
            fill = _WRONG if mark.is_changed else _RELATED
            sheet.cell(row, value_column).fill = fill
            remarks = {beside: "\n".join(mark.reasons), beside + 1: mark.proposal}
            for column, text in remarks.items():
                cell = _put(sheet, row, column, text)
                cell.alignment, cell.border, cell.fill, cell.font = _WRAP, _BOX, fill, _REMARK_FONT
            _raise(sheet, row, remarks)
    sheet.print_area = None
    _print_wide(sheet)
    return saved(book)


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[float]) -> bytes:
    """A plain table with a frozen head and a filter."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = title
    for column, (head, width) in enumerate(zip(heads, widths, strict=True), 1):
        cell = sheet.cell(1, column, head)
        cell.font, cell.fill, cell.alignment, cell.border = Font(bold=True), _HEAD, _WRAP, _BOX
        sheet.column_dimensions[cell.column_letter].width = width
    style = None
    for row, values in enumerate(rows, 2):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column)
            if style is None:
                cell.alignment, cell.border = _WRAP, _BOX
                style = copy(cell._style)
            cell._style = copy(style)  # looking a style up for each cell takes ten times as long as writing the cell
            _put(sheet, row, column, _number(value) if isinstance(value, Decimal) else value)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    _print_wide(sheet)
    return saved(book)


def _print_wide(sheet: Worksheet) -> None:
    """A4 across, every column on the page, as large as narrow margins let it be."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.25, right=0.25, top=0.4, bottom=0.5, header=0.2, footer=0.2)


def first_row(sheet: Worksheet) -> tuple[int, int]:
    """The first row under the form's head, and the column of its figures."""
    for row in sheet.iter_rows(max_row=30):
        for cell in row:
            if isinstance(cell.value, str) and cell.value.strip().lower() == "số liệu":
                return cell.row + 1, cell.column
    raise ValueError("the workbook has no column «Số liệu»")


def _raise(sheet: Worksheet, row: int, texts: Mapping[int, str]) -> None:
    """Make the row high enough to show the ``texts`` of these columns whole; never lower than it is."""
    most = 1
    for column, text in texts.items():
        width = int(sheet.column_dimensions[get_column_letter(column)].width * _LETTERS)
        wrapped = (wrap(paragraph, width, break_on_hyphens=False) for paragraph in text.split("\n"))
        most = max(most, sum(max(len(lines), 1) for lines in wrapped))
    dimension = sheet.row_dimensions[row]
    dimension.height = max(_LINE_HEIGHT * most + _LINE_MARGIN, dimension.height or 0)


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> Any:
    """Write a value; a text stays a text, whatever it begins with."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        text = value if value.isprintable() else "".join(c for c in value if c in "\n" or ord(c) >= 32)
        cell.value = text or None
        if text.startswith(_FORMULA):
            cell.data_type = "s"
            cell.quotePrefix = True
    else:
        cell.value = value
    return cell


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def saved(book: Workbook) -> bytes:
    """The workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
