"""The same of the two binary kinds of workbook, .xls ([MS-XLS] 2.4) and .xlsb ([MS-XLSB] 2.4), by their records.

Neither kind can leave a result out: a program that reckons nothing writes an empty text there, or a zero to be reckoned
when the file is opened.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xlrd.compdoc import CompDoc, CompDocError

from ingestion.forms.containers.limits import Limits
from ingestion.forms.containers.packed import Package, targets_of
from ingestion.forms.containers.records import ROW, SHEET, records, string
from ingestion.forms.containers.tokens import XLS, XLSB, Dialect, UnknownTokenError, written_out
from ingestion.forms.containers.unsaid import Unsaid

_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_NOT_WRITTEN_OUT = "=(công thức)"
_IN_SHARED = 0x01

# .xls
_BOF, _BOUNDSHEET, _SUPBOOK, _EXTERNSHEET = 0x0809, 0x0085, 0x01AE, 0x0017
_FORMULA, _STRING, _BOOLERR, _SHARED, _OLD_ROW, _EOF = 0x0006, 0x0207, 0x0205, 0x04BC, 0x0208, 0x000A
_OWN_SHEETS = b"\x01\x04"
_BIFF8 = 0x0600
_RECKONED_WHEN_OPENED = 0x3
# .xlsb
_CELL_ERROR, _FORMULA_STRING, _FORMULA_ERROR, _SHARED_B = 3, 8, 11, 427
_OWN_SHEETS_B, _SUP_SAME, _SUP_ADDIN, _SUP_BOOK, _EXTERNSHEET_B = 357, 358, 667, 355, 362


@dataclass(slots=True)
class _Sheet:
    """What was met in one sheet: formulas by their tokens, until those that cells share are known."""

    name: str
    unsaid: dict[tuple[int, int], bytes] = field(default_factory=dict)
    shared: list[tuple[range, range, bytes]] = field(default_factory=list)

    def tell(self, unsaid: Unsaid, dialect: Dialect | None, sheets: Sequence[str | None]) -> None:
        for (row, column), tokens in self.unsaid.items():
            if tokens[:1] == bytes([_IN_SHARED]):
                own = (said for rows, columns, said in self.shared if row in rows and column in columns)
                tokens = next(own, tokens)
            try:
                formula = written_out(tokens, row, column, dialect, sheets) if dialect else _NOT_WRITTEN_OUT
            except UnknownTokenError:
                formula = _NOT_WRITTEN_OUT
            unsaid.add_formula((self.name, row, column), formula)


def of_xls(content: bytes, limits: Limits) -> Unsaid | None:
    """None where the file's streams can't be found as Excel lays them out (the library that reads cells may find them)."""
    try:
        document = CompDoc(content, logfile=io.StringIO())
        found = document.locate_named_stream("Workbook")
        stream, start, length = found if found[0] else document.locate_named_stream("Book")
    except (CompDocError, struct.error, IndexError, ValueError, AssertionError):
        return None
    if not stream:
        return None
    unsaid = Unsaid()
    stream = bytes(stream[start : start + length])
    try:
        names, sheets = _globals_of_xls(stream)
        for at, name in names.items():
            _read_sheet_of_xls(stream, at, name, sheets, unsaid, limits)
    except (struct.error, IndexError):
        return None
    return unsaid


def _records_of_xls(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _globals_of_xls(stream: bytes) -> tuple[dict[int, str], list[str | None]]:
    """Where each sheet begins, with its name; and which sheet each outer reference means."""
    names: dict[int, str] = {}
    books: list[bool] = []
    references: list[tuple[int, int]] = []
    is_new = True
    for kind, record in _records_of_xls(stream, 0):
        if kind == _EOF:
            break
        if kind == _BOF:
            is_new = struct.unpack_from("<H", record)[0] == _BIFF8
        elif kind == _BOUNDSHEET:
            names[struct.unpack_from("<I", record)[0]] = _name(record[6:], is_new)
        elif kind == _SUPBOOK:
            books.append(record[2:4] == _OWN_SHEETS)
        elif kind == _EXTERNSHEET and is_new:
            references += [struct.unpack_from("<Hh", record, at) for at in range(2, len(record) - 5, 6)]
    return names, _named(list(names.values()), books, references)


def _named(names: Sequence[str], books: Sequence[bool], references: Sequence[tuple[int, int]]) -> list[str | None]:
    return [
        names[sheet] if 0 <= sheet < len(names) and 0 <= book < len(books) and books[book] else None
        for book, sheet in references
    ]


def _name(record: bytes, is_new: bool) -> str:
    length = record[0]
    if not is_new:
        return record[1 : 1 + length].decode("cp1258", errors="replace")
    is_wide = record[1] & 1
    return record[2 : 2 + length * (2 if is_wide else 1)].decode(
        "utf-16-le" if is_wide else "latin-1", errors="replace"
    )


def _read_sheet_of_xls(
    stream: bytes, at: int, name: str, sheets: Sequence[str | None], unsaid: Unsaid, limits: Limits
) -> None:
    sheet = _Sheet(name)
    dialect: Dialect | None = None
    waiting: tuple[tuple[int, int], bytes] | None = None
    for kind, record in _records_of_xls(stream, at):
        if kind == _EOF or (kind == _OLD_ROW and struct.unpack_from("<H", record)[0] > 2 * limits.most_rows):
            break
        if kind == _BOF:
            dialect = XLS if struct.unpack_from("<H", record)[0] == _BIFF8 else None
        elif kind == _STRING and waiting is not None and struct.unpack_from("<H", record)[0] == 0:
            sheet.unsaid[waiting[0]] = waiting[1]
        elif kind == _SHARED:
            top, bottom, left, right, size = struct.unpack_from("<HHBBxxH", record)
            sheet.shared.append((range(top, bottom + 1), range(left, right + 1), record[10 : 10 + size]))
            continue  # it stands between a formula and its result
        waiting = None
        if kind not in (_FORMULA, _BOOLERR):
            continue
        row, column = struct.unpack_from("<HH", record)
        if row >= limits.most_rows or column >= limits.most_columns:
            continue
        if kind == _BOOLERR:
            if record[7]:
                unsaid.errors[name, row, column] = _ERRORS.get(record[6], "#LỖI!")
            continue
        flags, size = struct.unpack_from("<HxxxxH", record, 14)
        tokens, result = record[22 : 22 + size], record[6:14]
        kind_of_result = (
            result[0] if result[6:] == b"\xff\xff" else None
        )  # a text, a truth, an error, nothing; a number
        is_unreckoned = not any(result) and flags & _RECKONED_WHEN_OPENED == _RECKONED_WHEN_OPENED
        if kind_of_result == 3 or (kind_of_result is None and is_unreckoned):
            sheet.unsaid[row, column] = tokens
        elif kind_of_result == 0:
            waiting = ((row, column), tokens)
        elif kind_of_result == 2:
            unsaid.errors[name, row, column] = _ERRORS.get(result[2], "#LỖI!")
    sheet.tell(unsaid, dialect, sheets)


def of_xlsb(package: Package, limits: Limits) -> Unsaid:
    """Raises ``RefusedError`` for a package that is damaged."""
    unsaid = Unsaid()
    parts = targets_of(package, "xl/workbook.bin")
    names: dict[str, str] = {}
    books: list[bool] = []
    references: list[tuple[int, int]] = []
    for kind, record in records(package.read("xl/workbook.bin")):
        if kind == SHEET:
            relation, after = string(record, 8)
            names[string(record, after)[0]] = parts.get(relation, "")
        elif kind in (_OWN_SHEETS_B, _SUP_SAME, _SUP_ADDIN, _SUP_BOOK):
            books.append(kind == _OWN_SHEETS_B)
        elif kind == _EXTERNSHEET_B:
            references += [struct.unpack_from("<ii", record, at) for at in range(4, len(record) - 11, 12)]
    sheets = _named(list(names), books, references)
    for name, part in names.items():
        if part in package.names:
            _read_sheet_of_xlsb(package.read(part), name, sheets, unsaid, limits)
    return unsaid


def _read_sheet_of_xlsb(
    content: bytes, name: str, sheets: Sequence[str | None], unsaid: Unsaid, limits: Limits
) -> None:
    sheet = _Sheet(name)
    row = 0
    for kind, record in records(content):
        if kind == ROW:
            row = int.from_bytes(record[:4], "little")
            if row >= limits.most_rows:
                break
        elif kind == _SHARED_B and len(record) >= 20:
            top, bottom, left, right, size = struct.unpack_from("<5I", record)
            sheet.shared.append((range(top, bottom + 1), range(left, right + 1), record[20 : 20 + size]))
        elif kind in (_CELL_ERROR, _FORMULA_ERROR) and len(record) > 8:
            column = int.from_bytes(record[:4], "little")
            unsaid.errors[name, row, column] = _ERRORS.get(record[8], "#LỖI!")
        elif kind == _FORMULA_STRING:
            text, after = string(record, 8)
            if not text.strip():
                size = int.from_bytes(record[after + 2 : after + 6], "little")
                place = (row, int.from_bytes(record[:4], "little"))
                sheet.unsaid[place] = record[after + 6 : after + 6 + size]
    sheet.tell(unsaid, XLSB, sheets)
