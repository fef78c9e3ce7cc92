"""How the official form looks: title, head, numbering, labels, borders. Told once, for the form that agencies fill in and
for the province's own; nothing here reads or knows where the figures come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Times New Roman"
TITLE = "THỐNG KÊ SỐ LIỆU VÀ KẾT QUẢ THỰC HIỆN CÔNG TÁC CẢI CÁCH HÀNH CHÍNH"
#: The head by (row below its first, column from 1); «TT» and «Chỉ tiêu thống kê» span both rows, the third three columns.
HEAD: Mapping[tuple[int, int], str] = {
    (0, 1): "TT", (0, 2): "Chỉ tiêu thống kê", (0, 3): "Kết quả thống kê",
    (1, 3): "Đơn vị tính", (1, 4): "Số liệu", (1, 5): "Ghi chú",
}  # fmt: skip
_SIDE = Side(style="thin")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_PREFILLED = PatternFill("solid", fgColor="EAF3FA")
_HEAD_FILL = PatternFill("solid", fgColor="F2F2F2")
#: Points of a text line at size 12, and of what stands above and below the text in a cell.
_LINE_HEIGHT, _LINE_MARGIN = 16.5, 3
#: Letters of Times New Roman 12 that fit into a unit of a column's width; the unit is a digit of the workbook's own font.
_LETTERS, _BOLD_LETTERS = 1.12, 1.02


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of the form as it is shown. ``number`` stands under «TT»; ``depth`` is 1 for a section, 2 for an item."""

    code: str
    number: str | int | None
    label: str
    depth: int

    @property
    def is_section(self) -> bool:
        return self.depth == 1


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row with what its cells hold; ``is_shaded`` marks a figure that was filled in and may be overwritten."""

    row: FormRow
    unit: str = ""
    value: Decimal | None = None
    note: str = ""
    is_shaded: bool = False
    number_format: str = "General"


def form_row(code: str, label: str) -> FormRow:
    """How the line ``code`` is numbered and labelled: ``I``, ``1``, nothing, and a dash before the last level."""
    parts = code.split(".")
    number = parts[-1] if len(parts) == 1 else int(parts[-1]) if len(parts) == 2 else None
    return FormRow(code, number, f"- {label}" if len(parts) == 4 else label, len(parts))


def period_words(period_code: str) -> str:
    """A period as a title names it: ``2022-H1`` is ``6 tháng đầu năm 2022``."""
    year, _, part = period_code.partition("-")
    if part == "H1":
        return f"6 tháng đầu năm {year}"
    return f"Quý {'I' * int(part[1:])} năm {year}" if part.startswith("Q") else f"năm {year}"


def title_lines(period_code: str, name: str, mark: str, *, is_province: bool) -> tuple[str, ...]:
    """The title block; ``name`` is the agency that reports, ``mark`` what its documents' numbers end with."""
    upper = name.upper()
    at = upper if is_province else f"{upper} TỈNH SÓC TRĂNG" if "TỈNH" not in upper else f"{upper} SÓC TRĂNG"
    return (
        "PHỤ LỤC 2",
        "BẢNG 1",
        TITLE,
        f"{period_words(period_code).upper()} TẠI {at}",
        f"(Kèm theo Báo cáo số ......../BC-{mark} ngày ..... tháng ..... năm ....... của {name})",
    )


def draw_form(
    sheet: Worksheet,
    title: Sequence[str],
    rows: Sequence[DrawnRow],
    *,
    head: Mapping[tuple[int, int], str] = HEAD,
    widths: Sequence[float],
    note_size: int = 12,
) -> tuple[int, int]:
    """Draw title, head and rows on an empty sheet; the head's first row and the first row below it.

    ``widths`` are the five columns', in letters: they decide how high a row must be to show its text whole.
    """
    for number, width in enumerate(widths):
        sheet.column_dimensions["ABCDE"[number]].width = width
    for row, text in enumerate(title, 1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=5)
        cell = sheet.cell(row, 1, text)
        cell.font = Font(name=FONT, size=13, bold=row < len(title), italic=row == len(title))
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.row_dimensions[row].height = 20 * text_lines(text, sum(widths) * (0.72 if row < len(title) else 0.9))
    top = len(title) + 2
    _draw_head(sheet, top, head)
    for number, drawn in enumerate(rows, top + 2):
        _draw_row(sheet, number, drawn, widths, note_size)
    return top, top + 2


def text_lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of ``width`` letters, broken between words."""
    wrapped = (wrap(paragraph, int(width), break_on_hyphens=False) for paragraph in text.split("\n"))
    return sum(max(len(lines), 1) for lines in wrapped)


def _draw_head(sheet: Worksheet, top: int, head: Mapping[tuple[int, int], str]) -> None:
    for (below, column), text in head.items():
        sheet.cell(top + below, column, text)
    for row in (top, top + 1):
        for column in range(1, 6):
            cell = sheet.cell(row, column)
            cell.font = Font(name=FONT, size=12, bold=True)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            cell.border, cell.fill = _BORDER, _HEAD_FILL
        sheet.row_dimensions[row].height = 20
    sheet.merge_cells(start_row=top, start_column=1, end_row=top + 1, end_column=1)
    sheet.merge_cells(start_row=top, start_column=2, end_row=top + 1, end_column=2)
    sheet.merge_cells(start_row=top, start_column=3, end_row=top, end_column=5)


def _draw_row(sheet: Worksheet, row: int, drawn: DrawnRow, widths: Sequence[float], note_size: int) -> None:
    shown = drawn.row
    value = None if drawn.value is None else as_cell(drawn.value)
    for column, content in enumerate((shown.number, shown.label, drawn.unit or None, value, drawn.note or None), 1):
        cell = sheet.cell(row, column, content)
        cell.border = _BORDER
        cell.font = Font(
            name=FONT,
            size=note_size if column == 5 else 12,
            bold=shown.is_section or (shown.depth == 2 and column < 3),
            italic=column == 2 and shown.depth == 4,
        )
        is_centred = column in (1, 3, 4)
        cell.alignment = Alignment(horizontal="center" if is_centred else "left", vertical="center", wrap_text=True)
        if shown.is_section:
            cell.fill = _HEAD_FILL
        elif drawn.is_shaded and column == 4:
            cell.fill = _PREFILLED
    if drawn.value is not None:
        sheet.cell(row, 4).number_format = drawn.number_format
    label_width = widths[1] * (_BOLD_LETTERS if shown.depth < 3 else _LETTERS)
    lines = max(
        text_lines(shown.label, label_width) * _LINE_HEIGHT,
        text_lines(drawn.unit, widths[2] * _LETTERS) * _LINE_HEIGHT,
        text_lines(drawn.note, widths[4] * _LETTERS * 12 / note_size) * _LINE_HEIGHT * note_size / 12,
    )
    sheet.row_dimensions[row].height = lines + _LINE_MARGIN


def as_cell(value: Decimal) -> int | float:
    """A figure as a workbook holds it: whole numbers as such."""
    return int(value) if value == value.to_integral_value() else float(value)


def set_up_print(
    sheet: Worksheet, *, head: int, head_rows: int = 2, frozen: str, area: str, paper: str = "9", is_wide: bool = False
) -> None:
    """As wide as the page, margins of decree 30/2020/NĐ-CP, the head on every page, the page's number below.

    ``paper`` is Excel's number: 9 for A4, 8 for A3.
    """
    sheet.freeze_panes = frozen
    sheet.print_title_rows = f"{head}:{head + head_rows - 1}"
    sheet.print_area = area
    sheet.page_setup.paperSize = paper
    sheet.page_setup.orientation = "landscape" if is_wide else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    margins = sheet.page_margins
    margins.top = margins.bottom = _inches(20)
    margins.left, margins.right = _inches(30), _inches(15)
    margins.header = margins.footer = _inches(10)
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "Trang &P/&N"
    sheet.oddFooter.center.font, sheet.oddFooter.center.size = f"{FONT},Regular", 11


def _inches(millimetres: float) -> float:
    return millimetres / 25.4
