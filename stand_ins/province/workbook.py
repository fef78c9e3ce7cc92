"""The form as a workbook of the official layout: title block, merged two-row head, sections I to VII. Same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

from stand_ins.province.reference import Indicator, Reference
from stand_ins.province.sending import Sending

_THIN = Side(style="thin")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_TOP = Alignment(wrap_text=True, vertical="top")
_BOLD = Font(bold=True)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_STAMP = (2021, 1, 1, 0, 0, 0)
_SHIFTED = ("III.6.1", "III.6.2", "III.6.3")


def form_workbook(sending: Sending, reference: Reference) -> bytes:
    """The ``.xlsx`` of one report."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Biểu số liệu"
    name = sending.agency.name
    day = sending.document_date
    title = (
        "PHỤ LỤC 2",
        "BẢNG 1",
        "THỐNG KÊ SỐ LIỆU VÀ KẾT QUẢ THỰC HIỆN CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
        f"{sending.window.title.upper()} TẠI {name.upper()} TỈNH {reference.province_name.upper()}",
        f"(Kèm theo Báo cáo số {sending.document_number} ngày {day:%d} tháng {day:%m} năm {day.year} của {name})",
    )
    for row, text in enumerate(title, 1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=5)
        sheet.cell(row, 1, text).alignment = Alignment(horizontal="center", wrap_text=True)
        sheet.cell(row, 1).font = Font(bold=row < 5, italic=row == 5)
    head = len(title) + 2
    for column, text in ((1, "TT"), (2, "Chỉ tiêu thống kê"), (3, "Kết quả thống kê")):
        sheet.cell(head, column, text)
    for column, text in ((3, "Đơn vị tính"), (4, "Số liệu"), (5, "Ghi chú")):
        sheet.cell(head + 1, column, text)
    sheet.merge_cells(start_row=head, start_column=1, end_row=head + 1, end_column=1)
    sheet.merge_cells(start_row=head, start_column=2, end_row=head + 1, end_column=2)
    sheet.merge_cells(start_row=head, start_column=3, end_row=head, end_column=5)

    values, notes = _answers(sending, reference.indicators)
    for row, indicator in enumerate(reference.indicators, head + 2):
        cells = (_mark(indicator), _label(indicator), indicator.choices.replace("; ", "\n") or indicator.unit)
        for column, text in enumerate(cells, 1):
            sheet.cell(row, column, text or None)
        sheet.cell(row, 4, values.get(indicator.code))
        sheet.cell(row, 5, notes.get(indicator.code))
        for column in range(1, 6):
            cell = sheet.cell(row, column)
            cell.border = _BORDER
            cell.alignment = _TOP
            if indicator.value_type == "heading":
                cell.font = _BOLD
    for letter, width in zip("ABCDE", (6, 60, 18, 14, 44), strict=True):
        sheet.column_dimensions[letter].width = width
    return _fixed(book)


def table_workbook(title: str, rows: list[list[Any]]) -> bytes:
    """Some other table, no form: a list of staff, an inventory."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Danh sách"
    sheet.append([title])
    for row in rows:
        sheet.append(row)
    return _fixed(book)


def zipped(name: str, content: bytes) -> bytes:
    """``content`` as the only member ``name`` of a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _answers(sending: Sending, indicators: tuple[Indicator, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    lines = sending.lines(indicators)
    values = {line["code"]: line["value"] for line in lines}
    notes = {line["code"]: line["note"] for line in lines}
    if sending.is_shifted:
        first, second, third = _SHIFTED
        values |= {first: None, second: values[first], third: values[second]}
    return {code: None if value == "" else value for code, value in values.items()}, notes


def _mark(indicator: Indicator) -> str:
    """``I`` for a section, ``1`` for an item, nothing for its lines."""
    parts = indicator.code.split(".")
    return parts[-1] if len(parts) <= 2 else ""


def _label(indicator: Indicator) -> str:
    return f"- {indicator.label}" if indicator.code.count(".") == 3 else indicator.label


def _fixed(book: Workbook) -> bytes:
    """Save with a fixed clock: openpyxl writes today's date into the archive and the properties."""
    buffer = io.BytesIO()
    book.save(buffer)
    fixed = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            content = source.read(member)
            if member == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2021-01-01T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(member, _STAMP), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
