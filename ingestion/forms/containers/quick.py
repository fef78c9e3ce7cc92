"""The short way for the ordinary workbook: a small .xlsx as office programs write it is read in our own process.

It is taken only where the file can't ask for more than a few megabytes whatever it says: few and small parts, every cell
in the near corner of its sheet and placed by its own address, no document type, no formula without a result. Anything
else, and whatever fails, goes the long way through the reading process (``sandbox``), which also finds the words for it.
"""

from __future__ import annotations

import io
import re
import zipfile

import python_calamine

from ingestion.forms.containers.formulas import has_uncomputed
from ingestion.forms.containers.found import Found, Table

MOST_BYTES = 512 * 1024
MOST_UNPACKED_BYTES = 2 * 1024 * 1024
MOST_ENTRIES = 60
# A cell beyond column Z or row 999, or not placed by its address.
_UNUSUAL_CELL = re.compile(rb"""<c(?! r="[A-Z]\d{1,3}")[\s/>]""")
_PREFIXED_CELLS = (b":c>", b":c ", b":c/", b":c\t", b":c\r", b":c\n")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_OTHER_PARTS = frozenset({"xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"})


def read_quickly(content: bytes) -> Found | None:
    """The sheets of an ordinary workbook; None when the file is anything else."""
    if len(content) > MOST_BYTES or not content.startswith(b"PK\x03\x04"):
        return None
    try:
        if not _is_ordinary(content):
            return None
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        tables = []
        for about in workbook.sheets_metadata:
            if about.typ is python_calamine.SheetTypeEnum.WorkSheet:
                sheet = workbook.get_sheet_by_name(about.name)
                row, column = sheet.start or (0, 0)
                is_hidden = about.visible is not python_calamine.SheetVisibleEnum.Visible
                tables.append(Table(about.name, sheet.to_python(), row, column, is_hidden))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine's panics are no Exception; the long way tells what is wrong
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return None
    return Found(tuple(tables))


def _is_ordinary(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
        names = [entry.filename for entry in entries]
        if (
            len(entries) > MOST_ENTRIES
            or len(set(names)) < len(names)
            or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES
            or not {"[Content_Types].xml", "xl/workbook.xml"} <= set(names)
        ):
            return False
        for entry in entries:
            if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return False
            if _SHEET_PART.fullmatch(entry.filename):
                sheet = packed.read(entry)
                if not _is_plain(sheet):
                    return False
            elif entry.filename in _OTHER_PARTS and b"<!" in packed.read(entry):
                return False
    return True


def _is_plain(sheet: bytes) -> bool:
    # One search for each: together they would be five times as slow, and this is done for every workbook.
    return not (
        b"<!" in sheet
        or any(cell in sheet for cell in _PREFIXED_CELLS)
        or _UNUSUAL_CELL.search(sheet)
        or has_uncomputed(sheet)
    )
