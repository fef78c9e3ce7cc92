"""Workbooks to tables: .xlsx, .xlsm, .xlsb, .xls and .ods, read by calamine; macros and formulas are never run.

A sheet is laid out in memory as a whole rectangle by calamine, so one cell at the far corner would ask for gigabytes: an
.xlsx that has such a cell is trimmed first. What this does not foresee is met by the limits of the process.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import python_calamine

from ingestion.forms.containers.formulas import with_unsaid
from ingestion.forms.containers.found import Found, Table
from ingestion.forms.containers.limits import Limits, RefusedError, told
from ingestion.forms.containers.packed import SHEET_PART, Package
from ingestion.forms.containers.trimming import trimmed
from ingestion.forms.containers.unsaid import Unsaid, of_xlsx
from ingestion.forms.containers.unsaid_binary import of_xls, of_xlsb
from ingestion.forms.containers.unsaid_open import of_ods

# A column of three letters, or a row of five digits: far from any form.
_FAR_CELL = re.compile(rb"""r=["'](?:[A-Z]{3,}\d+|[A-Z]+\d{5,})["']""")


def read_workbook(content: bytes, limits: Limits) -> Found:
    """Every sheet that holds cells. Raises ``RefusedError``."""
    remarks: list[str] = []
    if content.startswith(b"PK") and _is_wide(content, limits):
        content = trimmed(content, limits, remarks)
    tables = _read(content, limits, remarks)
    unsaid = _unsaid(content, tables, limits)
    if unsaid is None:
        remarks.append("không dò được công thức chưa có kết quả trong tệp; ô trống có thể là công thức")
    elif unsaid:
        tables = with_unsaid(tables, unsaid, remarks)
    return Found(tables, tuple(remarks))


def _is_wide(content: bytes, limits: Limits) -> bool:
    """Whether a cell stands far out. Raises ``RefusedError`` for declared entities."""
    package = Package(content, limits)
    is_wide = False
    for name in package.names:
        if SHEET_PART.fullmatch(name):
            is_wide = _FAR_CELL.search(package.read_xml(name)) is not None or is_wide
        elif name in ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "content.xml"):
            package.read_xml(name)
    return is_wide


def _unsaid(content: bytes, tables: Sequence[Table], limits: Limits) -> Unsaid | None:
    """What calamine gave as blank and is not; None where that can't be told."""
    if not content.startswith(b"PK"):
        return of_xls(content, limits)
    package = Package(content, limits)
    if "xl/workbook.bin" in package.names:
        return of_xlsb(package, limits)
    return of_ods(package, limits) if "content.xml" in package.names else of_xlsx(content, tables, limits)


def _read(content: bytes, limits: Limits, remarks: list[str]) -> tuple[Table, ...]:
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise RefusedError("bảng tính có mật khẩu, không mở được; xin bỏ mật khẩu rồi gửi lại") from error
    except (python_calamine.CalamineError, python_calamine.XmlError, python_calamine.ZipError, OSError) as error:
        if "assword" in str(error):
            raise RefusedError("bảng tính có mật khẩu, không mở được; xin bỏ mật khẩu rồi gửi lại") from error
        raise RefusedError(f"bảng tính bị hỏng hoặc không đúng định dạng ({told(error)})") from error
    tables = []
    cells = 0
    for about in workbook.sheets_metadata:
        if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = workbook.get_sheet_by_name(about.name)
            start = sheet.start or (0, 0)
            if sheet.height > limits.most_rows or sheet.width > limits.most_columns:
                remarks.append(
                    f"trang tính «{about.name}» quá lớn; chỉ đọc {limits.most_rows} dòng, {limits.most_columns} cột đầu"
                )
            rows = sheet.to_python(skip_empty_area=True, nrows=limits.most_rows)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise RefusedError(f"trang tính «{about.name}» bị hỏng ({told(error)})") from error
        if sheet.width > limits.most_columns:
            rows = [row[: limits.most_columns] for row in rows]
        cells += sum(len(row) for row in rows) if len(rows) * sheet.width > 20_000 else 0
        if cells > limits.most_rows * limits.most_columns:
            raise RefusedError(f"bảng tính quá lớn (hơn {limits.most_rows * limits.most_columns} ô)")
        is_hidden = about.visible is not python_calamine.SheetVisibleEnum.Visible
        tables.append(Table(about.name, rows, start[0], start[1], is_hidden))
    return tuple(tables)
