"""Layouts of the form as files: workbooks, Word tables, delimited text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import docx
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.reference import Catalogue
from tests.ingestion.forms.form_layouts import Answers, Cell, Layout, left_out, table_of, title_of


def write(layout: Layout, said: Answers, catalogue: Catalogue) -> tuple[str, bytes, set[str]]:
    """(file name, bytes, codes of the rows that were left out)."""
    table, title, skipped = table_of(layout, said, catalogue), title_of(layout), left_out(layout, catalogue)
    if layout.container == "xlsx":
        return "bieu.xlsx", _workbook(layout, title, table), skipped
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
    unit, value = (_place(layout, role) for role in ("unit", "value"))
    for row in range(first, sheet.max_row + 1):
        if isinstance(sheet.cell(row, value).value, float) and sheet.cell(row, unit).value == "%":
            sheet.cell(row, value).number_format = "0.00%"


def _merge(layout: Layout, sheet: Worksheet, height: int, length: int) -> None:
    """Title lines over the whole width; figures over their column and the empty one right of it."""
    for row in range(1, height + 1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(layout.columns))
    if layout.merges == "figure_over_two_columns":
        value = _place(layout, "value")
        if value < sheet.max_column and layout.columns[layout.columns.index("value") + 1 :][:1] == ("",):
            for row in range(height + 3, height + length + 1):
                sheet.merge_cells(start_row=row, start_column=value, end_row=row, end_column=value + 1)


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
