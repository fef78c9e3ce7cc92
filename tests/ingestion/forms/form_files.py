"""Layouts of the form as files: workbooks of three kinds, Word tables, delimited text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import pairwise

import docx
import openpyxl
import xlwt
from odf.number import Number, PercentageStyle
from odf.number import Text as NumberText
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.reference import Catalogue
from tests.ingestion.forms.form_layouts import Answers, Cell, Layout, left_out, table_of, title_of


def write(layout: Layout, said: Answers, catalogue: Catalogue) -> tuple[str, bytes, set[str]]:
    """(file name, bytes, codes of the rows that were left out)."""
    table, title, skipped = table_of(layout, said, catalogue), title_of(layout), left_out(layout, catalogue)
    if layout.container == "xlsx":
        return "bieu.xlsx", _workbook(layout, title, table), skipped
    if layout.container in ("xls", "ods"):
        make = _old_workbook if layout.container == "xls" else _open_document
        return f"bieu.{layout.container}", make(layout, title, table), skipped
    if layout.container == "docx":
        return "bieu.docx", _word(title, table), skipped
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([*([line] for line in title), *table])
    return "bieu.csv", out.getvalue().encode(), skipped


def saved(workbook: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def fill(
    sheet: Worksheet, title: Sequence[str], table: Sequence[Sequence[Cell]], *, row: int = 1, column: int = 1
) -> None:
    """Write a title block and a table below it, from a cell on."""
    for line, text in enumerate(title):
        sheet.cell(row + line, column, text)
    for line, cells in enumerate(table):
        for place, cell in enumerate(cells):
            if cell is not None:
                sheet.cell(row + len(title) + line, column + place, cell)


def _workbook(layout: Layout, title: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    if layout.sheet == "third":
        sheet.append(["Thuyết minh"])
        workbook.create_sheet("Danh sách").append(["Họ tên", "Phòng"])
        sheet = workbook.create_sheet("Bieu")
    fill(sheet, title, table)
    if layout.percent == "format":
        _as_percent(layout, sheet, len(title) + 1)
    if layout.merges != "none":
        _merge(layout, sheet, len(title), len(table))
    if layout.sheet == "beside_hidden_copy":
        old = workbook.create_sheet("Bản cũ", 0)
        fill(old, title, [[999 if isinstance(cell, float) else cell for cell in row] for row in table])
        old.sheet_state = "hidden"
    return saved(workbook)


def _as_percent(layout: Layout, sheet: Worksheet, first: int) -> None:
    for row in range(first, sheet.max_row + 1):
        cells = [sheet.cell(row, column).value for column in range(1, sheet.max_column + 1)]
        for column in _percentages(layout, cells):
            sheet.cell(row, column + 1).number_format = "0.00%"


def _percentages(layout: Layout, cells: Sequence[Cell]) -> list[int]:
    """The columns of a row, from 0, that are shown as percentages."""
    unit, value = (_place(layout, role) - 1 for role in ("unit", "value"))
    is_share = layout.percent == "format" and value < len(cells) and isinstance(cells[value], float)
    return [value] if is_share and cells[unit] == "%" else []


def _merge(layout: Layout, sheet: Worksheet, height: int, length: int) -> None:
    table = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=height + 1, max_row=height + length)]
    for top, left, bottom, right in merges_of(layout, height, table):
        for row in range(top, bottom + 1):  # a merge keeps its first cell only
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    sheet.cell(row + 1, column + 1).value = None
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)


def merges_of(layout: Layout, height: int, table: Sequence[Sequence[Cell]]) -> list[tuple[int, int, int, int]]:
    """Which cells are merged: (top, left, bottom, right) from 0, in a sheet with ``table`` below a title of ``height``."""
    width = len(table[0])
    first = {"two_rows": 2, "one_row": 1, "none": 0}[layout.head]
    value = _place(layout, "value") - 1
    if layout.merges == "figure_over_two_columns" and layout.columns[layout.columns.index("value") + 1 :][:1] == ("",):
        return [(height + row, value, height + row, value + 1) for row in range(first, len(table))]
    if layout.merges == "lines_over_two_rows":
        blank = [row for row in range(first + 1, len(table)) if not any(table[row])]
        return [(height + row - 1, column, height + row, column) for row in blank for column in range(width)]
    if layout.merges == "numbers_down" and "number" in layout.columns:
        column = _place(layout, "number") - 1
        said = [row for row in range(first, len(table)) if table[row][column] is not None]
        return [
            (height + row, column, height + after - 1, column)
            for row, after in pairwise([*said, len(table)])
            if after > row + 1
        ]
    if layout.merges == "units_down":
        column = _place(layout, "unit") - 1
        runs: list[list[int]] = []
        for row in range(first, len(table)):
            if table[row][column] and runs and runs[-1][-1] == row - 1 and table[row][column] == table[row - 1][column]:
                runs[-1].append(row)
            elif table[row][column]:
                runs.append([row])
        return [(height + run[0], column, height + run[-1], column) for run in runs if len(run) > 1]
    return [(row, 0, row, width - 1) for row in range(height)]


def _sheets(
    layout: Layout, title: Sequence[str], table: Sequence[Sequence[Cell]]
) -> list[tuple[str, bool, Sequence[Sequence[Cell]]]]:
    """The sheets of a workbook: name, whether it is hidden, rows."""
    rows: list[Sequence[Cell]] = [*([line] for line in title), *table]
    if layout.sheet == "third":
        return [("Bìa", False, [["Thuyết minh"]]), ("Danh sách", False, [["Họ tên", "Phòng"]]), ("Bieu", False, rows)]
    if layout.sheet == "beside_hidden_copy":
        old = [[999 if isinstance(cell, float) else cell for cell in row] for row in rows]
        return [("Bản cũ", True, old), ("Bieu", False, rows)]
    return [("Bieu", False, rows)]


def _old_workbook(layout: Layout, title: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    book = xlwt.Workbook()
    percent = xlwt.easyxf(num_format_str="0.00%")
    merges = [] if layout.merges == "none" else merges_of(layout, len(title), table)
    covered = _covered(merges)
    for name, is_hidden, rows in _sheets(layout, title, table):
        sheet = book.add_sheet(name)
        sheet.visibility = 1 if is_hidden else 0
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None and (row, column) not in covered:
                    shown = column in _percentages(layout, cells)
                    sheet.write(row, column, cell, percent) if shown else sheet.write(row, column, cell)
        sheet.merged_ranges.extend((top, bottom, left, right) for top, left, bottom, right in merges)
    if layout.sheet == "beside_hidden_copy":
        book.active_sheet = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _open_document(layout: Layout, title: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    book = OpenDocumentSpreadsheet()
    shown = PercentageStyle(name="percent")
    shown.addElement(Number(decimalplaces=2, minintegerdigits=1))
    shown.addElement(NumberText(text="%"))
    percent = Style(name="share", family="table-cell", datastylename="percent")
    hidden = Style(name="hidden", family="table")
    hidden.addElement(TableProperties(display="false"))
    for style in (shown, percent, hidden):
        book.automaticstyles.addElement(style)
    merges = [] if layout.merges == "none" else merges_of(layout, len(title), table)
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in merges}
    covered = _covered(merges)
    for name, is_hidden, rows in _sheets(layout, title, table):
        drawn = Table(name=name, stylename=hidden) if is_hidden else Table(name=name)
        for row, cells in enumerate(rows):
            line = TableRow()
            for column in range(max([len(cells), *(place + 1 for at, place in covered if at == row)])):
                cell = cells[column] if column < len(cells) else None
                made = CoveredTableCell if (row, column) in covered else TableCell
                down, over = spans.get((row, column), (1, 1))
                about = {"numberrowsspanned": down, "numbercolumnsspanned": over} if (down, over) != (1, 1) else {}
                if isinstance(cell, float):
                    if column in _percentages(layout, cells):
                        about |= {"valuetype": "percentage", "value": repr(cell), "stylename": percent}
                    else:
                        about |= {"valuetype": "float", "value": repr(cell)}
                elif cell is not None:
                    about |= {"valuetype": "string"}
                box = made(**about) if made is TableCell else made()
                if cell is not None and made is TableCell:
                    for part in str(cell).split("\n"):
                        box.addElement(P(text=part))
                line.addElement(box)
            drawn.addElement(line)
        book.spreadsheet.addElement(drawn)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


def _covered(merges: Sequence[tuple[int, int, int, int]]) -> set[tuple[int, int]]:
    """The cells that merges hide."""
    return {
        (row, column)
        for top, left, bottom, right in merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }


def _place(layout: Layout, role: str) -> int:
    """The column of a role, from 1, with a second column of figures counted."""
    place = layout.columns.index(role)
    is_moved = layout.figures != "one" and (
        layout.columns.index("value") < place
        or (role == "value" and layout.figures not in ("plan_last", "last_year_last"))
    )
    return place + 1 + is_moved


def _word(title: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    document = docx.Document()
    for line in title:
        document.add_paragraph(line)
    width = len(table[0])
    drawn = document.add_table(rows=len(table), cols=width)
    cells = drawn._cells  # python-docx finds each cell anew through rows(): minutes for a form
    for index, row in enumerate(table):
        for column, value in enumerate(row):
            if value is not None:
                cells[index * width + column].text = str(value)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
