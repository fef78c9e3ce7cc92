"""The official form as a workbook for one agency and period, blank or begun, that the reader takes back without a doubt."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.forms.identity import SHEET, Identity
from ingestion.reference import FORM_CODE, Agency, Catalogue, Indicator

_FONT = "Times New Roman"
_SIDE = Side(style="thin")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_WIDTHS = {"A": 5.5, "B": 62.0, "C": 18.0, "D": 12.0, "E": 42.0}
_PREFILLED = PatternFill("solid", fgColor="EAF3FA")
_HEAD = PatternFill("solid", fgColor="F2F2F2")
_MOST_COUNT = 999_999_999


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a system of record holds for a line: the figure, and the words for its note (``529/529 hồ sơ``)."""

    value: Decimal
    note: str = ""


def write_template(
    agency: Agency, period_code: str, catalogue: Catalogue, recorded: Mapping[str, Recorded] | None = None
) -> bytes:
    """The form as an ``.xlsx``; ``recorded`` figures, by code, are filled in and shaded. ValueError for an unknown period."""
    if period_code not in catalogue.period_codes:
        raise ValueError(period_code)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = "Phụ lục 2"
    head = _write_title(sheet, agency, period_code)
    _write_head(sheet, head)
    first = head + 2
    for row, indicator in enumerate(catalogue.rows, first):
        _write_row(sheet, row, indicator, (recorded or {}).get(indicator.code))
    _validate(sheet, first, catalogue)
    _set_up_print(sheet, head, first + len(catalogue.rows) - 1)
    hidden = book.create_sheet(SHEET)
    for cells in Identity(FORM_CODE, agency.code, period_code).rows():
        hidden.append(cells)
    hidden.sheet_state = "veryHidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def period_words(period_code: str) -> str:
    """A period as a title names it: ``2022-H1`` is ``6 tháng đầu năm 2022``."""
    year, _, part = period_code.partition("-")
    if part == "H1":
        return f"6 tháng đầu năm {year}"
    return f"Quý {'I' * int(part[1:])} năm {year}" if part.startswith("Q") else f"năm {year}"


def _write_title(sheet: Worksheet, agency: Agency, period_code: str) -> int:
    """The title block; the row in which the head begins."""
    name = agency.name_vi.upper()
    at = name if agency.level == "province" else f"{name} TỈNH SÓC TRĂNG" if "TỈNH" not in name else f"{name} SÓC TRĂNG"
    mark = agency.doc_suffix
    lines = (
        "PHỤ LỤC 2",
        "BẢNG 1",
        "THỐNG KÊ SỐ LIỆU VÀ KẾT QUẢ THỰC HIỆN CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
        f"{period_words(period_code).upper()} TẠI {at}",
        f"(Kèm theo Báo cáo số ......../BC-{mark} ngày ..... tháng ..... năm ....... của {agency.name_vi})",
    )
    for row, text in enumerate(lines, 1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=5)
        cell = sheet.cell(row, 1, text)
        cell.font = Font(name=_FONT, size=13, bold=row < len(lines), italic=row == len(lines))
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.row_dimensions[row].height = 20
    return len(lines) + 2


def _write_head(sheet: Worksheet, head: int) -> None:
    texts = {
        (0, 1): "TT", (0, 2): "Chỉ tiêu thống kê", (0, 3): "Kết quả thống kê",
        (1, 3): "Đơn vị tính", (1, 4): "Số liệu", (1, 5): "Ghi chú",
    }  # fmt: skip
    for (below, column), text in texts.items():
        sheet.cell(head + below, column, text)
    for row in (head, head + 1):
        for column in range(1, 6):
            cell = sheet.cell(row, column)
            cell.font = Font(name=_FONT, size=12, bold=True)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            cell.border, cell.fill = _BORDER, _HEAD
        sheet.row_dimensions[row].height = 20
    sheet.merge_cells(start_row=head, start_column=1, end_row=head + 1, end_column=1)
    sheet.merge_cells(start_row=head, start_column=2, end_row=head + 1, end_column=2)
    sheet.merge_cells(start_row=head, start_column=3, end_row=head, end_column=5)


def _write_row(sheet: Worksheet, row: int, indicator: Indicator, recorded: Recorded | None) -> None:
    parts = indicator.code.split(".")
    number = parts[-1] if len(parts) == 1 else int(parts[-1]) if len(parts) == 2 else None
    unit = "\n".join(f"{answer} = {value}" for answer, value in indicator.choices) or indicator.unit_vi or None
    label = f"- {indicator.label_vi}" if len(parts) == 4 else indicator.label_vi
    value = None if recorded is None else _as_cell(recorded.value)
    note = None if recorded is None else recorded.note or None
    is_section, is_item = len(parts) == 1, len(parts) == 2
    for column, content in enumerate((number, label, unit, value, note), 1):
        cell = sheet.cell(row, column, content)
        cell.border = _BORDER
        cell.font = Font(
            name=_FONT, size=12, bold=is_section or (is_item and column < 3), italic=column == 2 and len(parts) == 4
        )
        is_centred = column in (1, 3, 4)
        cell.alignment = Alignment(horizontal="center" if is_centred else "left", vertical="center", wrap_text=True)
        if recorded is not None and column == 4:
            cell.fill = _PREFILLED
        if is_section:
            cell.fill = _HEAD
    widest = max(-(-len(label) // 54), len(indicator.choices) or -(-len(unit or "") // 15), 1)
    sheet.row_dimensions[row].height = 16.5 * widest + 3


def _as_cell(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _validate(sheet: Worksheet, first: int, catalogue: Catalogue) -> None:
    """A list for what is chosen, whole numbers for what is counted, 0 to 100 for shares (a plan may be exceeded)."""
    kinds: dict[tuple[str, ...], DataValidation] = {}
    for row, indicator in enumerate(catalogue.rows, first):
        rule = kinds.get(key := (indicator.value_type, *(answer for answer, _ in indicator.choices)))
        if rule is None:
            rule = _rule(indicator)
            if rule is None:
                continue
            kinds[key] = rule
            sheet.add_data_validation(rule)
        rule.add(sheet.cell(row, 4).coordinate)


def _rule(indicator: Indicator) -> DataValidation | None:
    if indicator.choices:
        answers = "; ".join(f"{answer} = {value}" for answer, value in indicator.choices)
        listed = ",".join(str(value) for _, value in sorted(indicator.choices, key=lambda choice: choice[1]))
        rule = DataValidation(type="list", formula1=f'"{listed}"')
        rule.prompt, rule.error = f"Chọn: {answers}", f"Chỉ chọn một trong các trả lời: {answers}"
    elif indicator.value_type == "count":
        rule = DataValidation(type="whole", operator="between", formula1="0", formula2=str(_MOST_COUNT))
        rule.prompt, rule.error = "Số nguyên; để trống nếu không có số liệu", "Số liệu phải là số nguyên, không âm"
    elif indicator.value_type == "percent":
        rule = DataValidation(type="decimal", operator="between", formula1="0", formula2="1000")
        rule.prompt, rule.error = "Tỷ lệ %, ví dụ 99,89 (không ghi dấu %)", "Tỷ lệ phải là số từ 0, ví dụ 99,89"
    else:
        return None
    rule.promptTitle, rule.errorTitle = "Số liệu", "Số liệu chưa đúng"
    rule.allow_blank = rule.showInputMessage = rule.showErrorMessage = True
    return rule


def _set_up_print(sheet: Worksheet, head: int, last: int) -> None:
    """A4 upright, as wide as the page, the head on every page, its number below."""
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"C{head + 2}"
    sheet.print_title_rows = f"{head}:{head + 1}"
    sheet.print_area = f"A1:E{last}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "Trang &P/&N"
