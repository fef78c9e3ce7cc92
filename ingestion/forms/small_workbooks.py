"""The workbooks that offices send by the hundred: small, plain ``.xlsx`` files, read in this process.

``containers.open_file`` reads every kind of file, in a process of its own, since files come from outside. That costs a
message to and fro for each. A workbook that is shown here, before it is opened, to be small and plain needs no such care:
few entries, little unpacked, no document type, no formula, every cell with an address within 26 columns and 999 rows, so
that nothing large can be asked for. Anything else is left to ``open_file``.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import cast

import python_calamine

from ingestion.forms.grid import CellValue, Grid

MOST_BYTES = 1024 * 1024
MOST_UNPACKED = 4 * 1024 * 1024
MOST_ENTRIES = 60

_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_RELATION = re.compile(rb"<Relationship\s[^>]*>")
_SHEET_TARGET = re.compile(rb'Target="(?:/xl/)?worksheets/sheet\d+\.xml"')
# An element that begins like a cell and is neither a cell with an address near the corner nor one of the others so named.
_OTHER_CELL = re.compile(rb'<c(?! r="[A-Z]\d{1,3}"|ol|on|us|f)')
_PREFIXED_CELL = re.compile(rb":c[\s>/]")
_FORMULA = re.compile(rb"<f[\s>/]")
_PARTS = ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels")

IsPercent = Callable[[int, int], bool | None]


def read_small_workbook(content: bytes, percent_of: Callable[[str], IsPercent]) -> tuple[Grid, ...] | None:
    """Every sheet of a small, plain workbook; None for whatever else ``content`` is, also when it is damaged.

    ``percent_of`` gives, for a sheet's name, what ``Grid.is_percent_format`` asks.
    """
    if len(content) > MOST_BYTES or not content.startswith(b"PK\x03\x04"):
        return None
    try:
        if not _is_plain(content):
            return None
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        return tuple(
            _grid(workbook, about, percent_of)
            for about in workbook.sheets_metadata
            if about.typ is python_calamine.SheetTypeEnum.WorkSheet
        )
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return None  # open_file says what is wrong
    except (python_calamine.CalamineError, python_calamine.XmlError, python_calamine.ZipError):
        return None


def _grid(
    workbook: python_calamine.CalamineWorkbook,
    about: python_calamine.SheetMetadata,
    percent_of: Callable[[str], IsPercent],
) -> Grid:
    sheet = workbook.get_sheet_by_name(about.name)
    row, column = sheet.start or (0, 0)
    return Grid(
        about.name,
        cast("list[list[CellValue]]", sheet.to_python()),
        row,
        column,
        is_hidden=about.visible is not python_calamine.SheetVisibleEnum.Visible,
        is_percent_format=percent_of(about.name),
    )


def _is_plain(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
        names = {entry.filename for entry in entries}
        if (
            len(entries) > MOST_ENTRIES
            or len(names) != len(entries)
            or sum(entry.file_size for entry in entries) > MOST_UNPACKED
            or "xl/workbook.xml" not in names
            or "xl/vbaProject.bin" in names
        ):
            return False
        for part in _PARTS:
            if part in names and not _is_harmless(packed.read(part)):
                return False
        relations = _RELATION.findall(packed.read("xl/_rels/workbook.xml.rels"))
        if not all(_SHEET_TARGET.search(relation) for relation in relations if b'/worksheet"' in relation):
            return False
        return all(_is_near(packed.read(name)) for name in names if _SHEET.fullmatch(name))


def _is_harmless(part: bytes) -> bool:
    """XML as programs write it, without a document type."""
    return part.startswith(b"<") and b"<!" not in part


def _is_near(sheet: bytes) -> bool:
    """Whether every cell has an address near the corner, and none a formula."""
    return (
        _is_harmless(sheet)
        and _OTHER_CELL.search(sheet) is None
        and _PREFIXED_CELL.search(sheet) is None
        and _FORMULA.search(sheet) is None
    )
