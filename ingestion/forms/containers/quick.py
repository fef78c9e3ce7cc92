"""The short way for the ordinary workbook: a small .xlsx as office programs write it is read in our own process.

It is taken only where the file can't ask for more than a few megabytes whatever it says: few and small parts, every cell
in the near corner of its sheet and placed by its own address, no document type, no long text that many cells share, no
formula without a result. The parts that were looked at are packed again, unpressed, and calamine is given nothing else:
what it reads is what was judged, however two readers of an archive may differ. Anything unusual, and whatever fails, goes
the long way through the reading process (``sandbox``), which also finds the words for it (docs/decisions/011).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

import python_calamine

from ingestion.forms.containers.found import Table
from ingestion.forms.containers.limits import Limits
from ingestion.forms.containers.unsaid import is_said_in_full

MOST_BYTES = 512 * 1024
MOST_UNPACKED_BYTES = 2 * 1024 * 1024
MOST_ENTRIES = 60
MOST_ROWS, MOST_COLUMNS = 999, 26
#: What the cells of a workbook that repeat its longest text could take together.
MOST_SHARED_BYTES = 32 * 1024 * 1024

_NEEDED = frozenset({"_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"})
_PARTS = _NEEDED | {"xl/sharedStrings.xml", "xl/styles.xml"}
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_LOCAL_HEADER = struct.Struct("<26xHH")
# A cell beyond column Z or row 999, or not placed by its address.
_UNUSUAL_CELL = re.compile(rb"""<c(?! r="[A-Z]\d{1,3}")[\s/>]""")
_PREFIXED = re.compile(rb":(?:[cf]|si)[\s/>]")


@dataclass(frozen=True, slots=True)
class Ordinary:
    """An ordinary workbook's sheets, and the file packed anew of what was looked at (styles among it)."""

    tables: tuple[Table, ...]
    package: bytes


def read_quickly(content: bytes, limits: Limits) -> Ordinary | None:
    """The sheets of an ordinary workbook; None when the file is anything else, or the limits are tighter than these."""
    if not content.startswith(b"PK\x03\x04") or len(content) > MOST_BYTES or not _allow(limits, len(content)):
        return None
    try:
        parts = _ordinary_parts(content)
        if parts is None:
            return None
        package = _packed(parts)
        tables = _tables(package, sum(name not in _PARTS for name in parts))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine's panics are no Exception; the long way tells what is wrong
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return None
    return None if tables is None else Ordinary(tables, package)


def _allow(limits: Limits, size: int) -> bool:
    return (
        size <= limits.most_bytes
        and limits.most_unpacked_bytes >= MOST_UNPACKED_BYTES
        and limits.most_entries >= MOST_ENTRIES
        and limits.most_rows >= MOST_ROWS
        and limits.most_columns >= MOST_COLUMNS
    )


def _ordinary_parts(content: bytes) -> dict[str, bytes] | None:
    """The parts that are read, each looked at; None where one is unusual."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
    names = {entry.filename for entry in entries}
    if (
        len(entries) > MOST_ENTRIES
        or len(names) < len(entries)
        or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES
        or not names >= _NEEDED
    ):
        return None
    parts: dict[str, bytes] = {}
    for entry in entries:
        is_sheet = _SHEET_PART.fullmatch(entry.filename) is not None
        if is_sheet or entry.filename in _PARTS:
            part = parts[entry.filename] = _unpacked(content, entry)
            if not _is_plain(part) or (is_sheet and not _has_near_cells(part)):
                return None
    workbook = parts["xl/workbook.xml"]
    sheets = [part for name, part in parts.items() if name not in _PARTS]
    if not all(is_said_in_full(sheet, workbook) for sheet in sheets):
        return None
    longest = _longest_text(parts.get("xl/sharedStrings.xml", b""))
    if longest and longest * sum(sheet.count(b't="s"') for sheet in sheets) > MOST_SHARED_BYTES:
        return None
    return parts


def _unpacked(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """One part, as ``zipfile`` would unpack it, without what reading it piece by piece costs. Raises BadZipFile."""
    name_size, extra_size = _LOCAL_HEADER.unpack_from(content, entry.header_offset)
    start = entry.header_offset + 30 + name_size + extra_size
    part = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        part = zlib.decompressobj(-zlib.MAX_WBITS).decompress(part, entry.file_size + 1)
    elif entry.compress_type != zipfile.ZIP_STORED:
        raise zipfile.BadZipFile(entry.filename)
    if len(part) != entry.file_size or zlib.crc32(part) != entry.CRC:  # encrypted ones among them
        raise zipfile.BadZipFile(entry.filename)
    return part


def _is_plain(part: bytes) -> bool:
    """XML as office programs write it: one byte a letter of the markup, no document type, no comment."""
    return part.startswith(b"<") and part[1:2] != b"\0" and not (b"!" in part and b"<!" in part)


def _has_near_cells(sheet: bytes) -> bool:
    # One search for each: together they would be as slow, and this is done for every workbook.
    return _PREFIXED.search(sheet) is None and _UNUSUAL_CELL.search(sheet) is None


def _longest_text(shared_strings: bytes) -> int:
    return max(map(len, shared_strings.split(b"<si>"))) if shared_strings else 0


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name, part in parts.items():
            packed.writestr(zipfile.ZipInfo(name), part)
    return out.getvalue()


def _tables(package: bytes, sheet_count: int) -> tuple[Table, ...] | None:
    """Every sheet that holds cells; None where the workbook names one sheet often."""
    workbook = python_calamine.load_workbook(io.BytesIO(package))
    if len(workbook.sheet_names) > sheet_count:
        return None
    tables = []
    for about in workbook.sheets_metadata:
        if about.typ is python_calamine.SheetTypeEnum.WorkSheet:
            sheet = workbook.get_sheet_by_name(about.name)
            row, column = sheet.start or (0, 0)
            is_hidden = about.visible is not python_calamine.SheetVisibleEnum.Visible
            tables.append(Table(about.name, sheet.to_python(), row, column, is_hidden))
    return tuple(tables)
