"""Which cells are shown as percentages, in the two binary kinds of workbook: .xls by xlrd, .xlsb by its records."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import xlrd

from ingestion.forms.containers.limits import Limits
from ingestion.forms.containers.packed import Package, targets_of
from ingestion.forms.containers.records import FIRST_CELL, LAST_CELL, ROW, SHEET, records, string

# Record types of [MS-XLSB] 2.3.1.
_FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES = 44, 47, 617, 618
_BUILT_IN_PERCENT = frozenset({9, 10})

Cells = dict[str, set[tuple[int, int]]]


def percent_cells_of_xls(content: bytes, limits: Limits, is_percent: Callable[[str], bool]) -> Cells | None:
    """None when xlrd can't make anything of the file (calamine may have)."""
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    except (
        xlrd.XLRDError,
        xlrd.compdoc.CompDocError,
        struct.error,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        AssertionError,
    ):
        return None
    styles = {
        index
        for index, style in enumerate(book.xf_list)
        if style.format_key in book.format_map and is_percent(book.format_map[style.format_key].format_str)
    }
    return {
        sheet.name: {
            (row, column)
            for row in range(min(sheet.nrows, limits.most_rows))
            for column in range(sheet.row_len(row))
            if sheet.cell_xf_index(row, column) in styles
        }
        for sheet in book.sheets()
    }


def percent_cells_of_xlsb(package: Package, limits: Limits, is_percent: Callable[[str], bool]) -> Cells:
    styles = _percent_styles(package.read("xl/styles.bin"), is_percent) if "xl/styles.bin" in package.names else set()
    parts = targets_of(package, "xl/workbook.bin")
    cells: Cells = {}
    for kind, record in records(package.read("xl/workbook.bin")):
        if kind == SHEET:
            relation, after = string(record, 8)
            name, _ = string(record, after)
            part = parts.get(relation, "")
            cells[name] = _in_sheet(package.read(part), styles, limits) if part in package.names else set()
    return cells


def _percent_styles(content: bytes, is_percent: Callable[[str], bool]) -> set[int]:
    formats = set(_BUILT_IN_PERCENT)
    styles: set[int] = set()
    count, is_inside = 0, False
    for kind, record in records(content):
        if kind == _FORMAT and len(record) > 2 and is_percent(string(record, 2)[0]):
            formats.add(int.from_bytes(record[:2], "little"))
        elif kind in (_BEGIN_STYLES, _END_STYLES):
            is_inside = kind == _BEGIN_STYLES
        elif kind == _STYLE and is_inside:
            if int.from_bytes(record[2:4], "little") in formats:
                styles.add(count)
            count += 1
    return styles


def _in_sheet(content: bytes, styles: set[int], limits: Limits) -> set[tuple[int, int]]:
    cells: set[tuple[int, int]] = set()
    row = 0
    for kind, record in records(content):
        if kind == ROW:
            row = int.from_bytes(record[:4], "little")
            if row >= limits.most_rows:
                break
        elif FIRST_CELL <= kind <= LAST_CELL and int.from_bytes(record[4:7], "little") in styles:
            cells.add((row, int.from_bytes(record[:4], "little")))
    return cells
