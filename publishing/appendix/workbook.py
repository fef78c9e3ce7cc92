"""The appendix as a workbook: the official form, all agencies side by side, the notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from publishing.appendix.look import Look, ShownRow
from publishing.appendix.notes import Block, Made, coverage, line_note, note_blocks, shown_unit, unit_in
from publishing.appendix.words import Language, english_head, english_title, number_format, words
from publishing.province_table import Cell, Line, ProvinceTable

#: Letters that fit upright A4 at full size inside the margins of decree 30/2020/NĐ-CP.
FORM_WIDTHS = (5.0, 38.0, 12.0, 11.0, 21.0)
_BESIDE_WIDTHS = (5.0, 46.0, 11.0, 11.0)
_AGENCY_WIDTH = 7.2
_NOTE_WIDTHS = (30.0, 24.0, 33.0)
_A3 = "8"
_SIZE = 11
_SIDE = Side(style="thin")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_HEAD_FILL = PatternFill("solid", fgColor="F2F2F2")
_LEFT_OUT = PatternFill("solid", fgColor="D9D9D9")
_DOUBTFUL = PatternFill("solid", fgColor="FFF2CC")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TO_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_SIGNS = {"not_applicable": "–", "unreadable": "?"}


def write_workbook(table: ProvinceTable, made: Made, look: Look, language: Language = "vi") -> bytes:
    """The appendix as an ``.xlsx``; a figure's cell holds the mart's number, a blank one nothing."""
    book = Workbook()
    form = book.active
    assert isinstance(form, Worksheet)  # noqa: S101 - a new workbook has one
    told = words(language)
    form.title = told["sheet_form"]
    _draw_form(form, table, look, language)
    _Beside(book.create_sheet(told["sheet_agencies"]), table, look, language).draw()
    _draw_notes(book.create_sheet(told["sheet_notes"]), note_blocks(table, made, language), look, language)
    for sheet in book.worksheets:
        sheet.oddFooter.center.text = f"{told['page']} &P/&N"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def title(table: ProvinceTable, look: Look, language: Language) -> tuple[str, ...]:
    """The form's title block for the whole province."""
    if language == "en":
        return english_title(table.period.code, table.province_vi)
    return look.title_lines(table.period.code, table.province_vi, table.province_mark, is_province=True)


def shown(line: Line, look: Look, language: Language) -> ShownRow:
    return look.form_row(line.code, line.label_vi if language == "vi" else line.label_en)


def _draw_form(sheet: Worksheet, table: ProvinceTable, look: Look, language: Language) -> None:
    rows = []
    for line in table.lines:
        figure = table.figures.get(line.code)
        value = None if figure is None else figure.value
        rows.append(
            look.DrawnRow(
                shown(line, look, language),
                shown_unit(line, language),
                value,
                line_note(table, line, language),
                number_format="General" if value is None else number_format(value, language),
            )
        )
    head = look.HEAD if language == "vi" else english_head()
    top, first = look.draw_form(
        sheet, title(table, look, language), rows, head=head, widths=FORM_WIDTHS, note_size=_SIZE
    )
    look.set_up_print(sheet, head=top, frozen=f"C{first}", area=f"A1:E{first + len(rows) - 1}")


class _Beside:
    """Draws all agencies side by side: a row a line, a column an agency, the province before them."""

    def __init__(self, sheet: Worksheet, table: ProvinceTable, look: Look, language: Language) -> None:
        self.sheet, self.table, self.look, self.language = sheet, table, look, language
        self.told = words(language)
        self.last = len(_BESIDE_WIDTHS) + len(table.agencies)

    def draw(self) -> None:
        for column in range(1, self.last + 1):
            width = _BESIDE_WIDTHS[column - 1] if column <= len(_BESIDE_WIDTHS) else _AGENCY_WIDTH
            self.sheet.column_dimensions[get_column_letter(column)].width = width
        top = self._title()
        self._head(top)
        first = top + 2
        for row, line in enumerate(self.table.lines, first):
            self._row(row, line)
        area = f"A1:{get_column_letter(self.last)}{first + len(self.table.lines) - 1}"
        self.look.set_up_print(self.sheet, head=top, frozen=f"E{first}", area=area, paper=_A3, is_wide=True)

    def _title(self) -> int:
        lines = (
            self.told["agencies_title"],
            title(self.table, self.look, self.language)[3],
            coverage(self.table, self.language),
        )
        for row, text in enumerate(lines, 1):
            cell = self.sheet.cell(row, 1, text)
            cell.font = Font(name=self.look.FONT, size=13, bold=row < len(lines), italic=row == len(lines))
            self.sheet.row_dimensions[row].height = 20
        return len(lines) + 2

    def _head(self, top: int) -> None:
        head = self.look.HEAD if self.language == "vi" else english_head()
        names = [head[0, 1], head[0, 2], head[1, 3], self.told["province"]]
        for column, name in enumerate(names, 1):
            self._put(top, column, name, is_bold=True, fill=_HEAD_FILL)
            self._put(top + 1, column, None, fill=_HEAD_FILL)
            self.sheet.merge_cells(start_row=top, start_column=column, end_row=top + 1, end_column=column)
        for column, agency in enumerate(self.table.agencies, len(names) + 1):
            fill = _HEAD_FILL if agency.status == "accepted" else _LEFT_OUT
            cell = self._put(top, column, agency.name_vi, is_bold=True, fill=fill)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True, text_rotation=90)
            status = "" if agency.status == "accepted" else self.told[agency.status]
            self._put(top + 1, column, status or None, fill=fill, size=9)
        self.sheet.row_dimensions[top].height = 150
        self.sheet.row_dimensions[top + 1].height = 26

    def _row(self, row: int, line: Line) -> None:
        drawn = shown(line, self.look, self.language)
        unit = line.choices.replace("; ", "\n") or unit_in(line, self.language)
        fill = _HEAD_FILL if drawn.is_section else None
        is_bold = drawn.depth < 3
        self._put(row, 1, drawn.number, is_bold=is_bold, fill=fill)
        label = self._put(row, 2, drawn.label, is_bold=is_bold, fill=fill, is_italic=drawn.depth == 4)
        label.alignment = _TO_LEFT
        self._put(row, 3, unit or None, fill=fill, size=9 if line.choices else _SIZE)
        figure = self.table.figures.get(line.code)
        self._figure(row, 4, Cell(None if figure is None else figure.value, "", "reported"), line, fill)
        for column, agency in enumerate(self.table.agencies, len(_BESIDE_WIDTHS) + 1):
            cell = self.table.cells.get((agency.code, line.code)) if agency.status == "accepted" else None
            grey = _LEFT_OUT if agency.status != "accepted" else fill
            if cell is None:
                self._put(row, column, None, fill=grey)
            else:
                self._figure(row, column, cell, line, grey)
        lines = max(
            self.look.text_lines(drawn.label, _BESIDE_WIDTHS[1] * (1.12 if is_bold else 1.22)),
            self.look.text_lines(unit, _BESIDE_WIDTHS[2] * (1.45 if line.choices else 1.2)),
        )
        self.sheet.row_dimensions[row].height = 15 * lines + 3

    def _figure(self, row: int, column: int, cell: Cell, line: Line, fill: PatternFill | None) -> None:
        is_doubtful = cell.status == "doubtful"
        content: int | float | str | None = _SIGNS.get(cell.status)
        if cell.value is not None:
            content = self.look.as_cell(cell.value)
        elif line.value_type == "reference" and cell.is_answered and column > len(_BESIDE_WIDTHS):
            content = "x"
        elif is_doubtful:
            content = "*"
        put = self._put(
            row, column, content, fill=_DOUBTFUL if is_doubtful else fill, is_italic=is_doubtful,
            is_bold=column == len(_BESIDE_WIDTHS),
        )  # fmt: skip
        if cell.value is not None:
            put.number_format = number_format(cell.value, self.language) + ('"*"' if is_doubtful else "")

    def _put(
        self,
        row: int,
        column: int,
        content: int | float | str | None,
        *,
        is_bold: bool = False,
        is_italic: bool = False,
        fill: PatternFill | None = None,
        size: int = _SIZE,
    ) -> Any:
        cell = self.sheet.cell(row, column, content)
        cell.font = Font(name=self.look.FONT, size=size, bold=is_bold, italic=is_italic)
        cell.alignment, cell.border = _CENTRED, _BORDER
        if fill is not None:
            cell.fill = fill
        return cell


def _draw_notes(sheet: Worksheet, blocks: Sequence[Block], look: Look, language: Language) -> None:
    for column, width in enumerate(_NOTE_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    heading = sheet.cell(1, 1, words(language)["notes_title"])
    heading.font = Font(name=look.FONT, size=13, bold=True)
    row = 3
    for block in blocks:
        if block.title:
            row += 1
            sheet.cell(row, 1, block.title).font = Font(name=look.FONT, size=12, bold=True)
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=3)
            sheet.cell(row, 1).alignment = _TO_LEFT
            sheet.row_dimensions[row].height = 17 * look.text_lines(block.title, sum(_NOTE_WIDTHS) * 0.88) + 2
            row += 1
        for texts in (*((block.head,) if block.head else ()), *block.rows):
            _draw_note(sheet, row, texts, look, is_head=texts is block.head)
            row += 1
    look.set_up_print(sheet, head=1, head_rows=1, frozen="A2", area=f"A1:C{row - 1}")


def _draw_note(sheet: Worksheet, row: int, texts: Sequence[str], look: Look, *, is_head: bool) -> None:
    """One row; the last text reaches over the columns that are left."""
    lines = 1
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(row, column, text)
        is_name = column == 1 and len(texts) == 2
        cell.font = Font(name=look.FONT, size=_SIZE, bold=is_head or is_name)
        cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
        width = sum(_NOTE_WIDTHS[column - 1 :]) if column == len(texts) else _NOTE_WIDTHS[column - 1]
        lines = max(lines, look.text_lines(text, width))
    if len(texts) < len(_NOTE_WIDTHS):
        sheet.merge_cells(start_row=row, start_column=len(texts), end_row=row, end_column=len(_NOTE_WIDTHS))
    sheet.row_dimensions[row].height = 15 * lines + 3
