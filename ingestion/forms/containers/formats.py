"""Which cells of a workbook are shown as percentages: 0.9989 there means 99.89."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingestion.forms.containers.formats_binary import percent_cells_of_xls, percent_cells_of_xlsb
from ingestion.forms.containers.limits import Limits
from ingestion.forms.containers.packed import Package, events, targets_of

# The two built-in formats with a percent sign (ECMA-376, 18.8.30).
BUILT_IN_PERCENT = frozenset({9, 10})
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
ODS_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
ODS_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_ODS_CELLS = frozenset({ODS_TABLE + "table-cell", ODS_TABLE + "covered-table-cell"})


def is_percent_code(code: str) -> bool:
    """Whether a number format shows percentages: a percent sign that is no quoted text."""
    return "%" in _LITERAL.sub("", code)


def percent_cells(content: bytes, limits: Limits) -> dict[str, set[tuple[int, int]]] | None:
    """(row, column) from 0 of the cells shown as percentages, by sheet; None where the file does not tell.

    Raises ``RefusedError`` when it is damaged.
    """
    if not content.startswith(b"PK"):
        return percent_cells_of_xls(content, limits, is_percent_code)
    package = Package(content, limits)
    if "xl/workbook.bin" in package.names:
        return percent_cells_of_xlsb(package, limits, is_percent_code)
    if "content.xml" in package.names:
        return _of_ods(package, limits)
    if "xl/workbook.xml" in package.names:
        return _of_xlsx(package, limits)
    return None


def _of_xlsx(package: Package, limits: Limits) -> dict[str, set[tuple[int, int]]]:
    styles = _percent_styles(package)
    parts = targets_of(package, "xl/workbook.xml")
    cells: dict[str, set[tuple[int, int]]] = {}
    for _, sheet in events(package.read_xml("xl/workbook.xml"), "xl/workbook.xml", ("{*}sheet",)):
        part = parts.get(sheet.get(_RELATION_ID) or sheet.get(_STRICT_RELATION_ID) or "", "")
        cells[sheet.get("name", "")] = (
            _in_sheet(package.read_xml(part), part, styles, limits) if styles and part in package.names else set()
        )
    return cells


def _percent_styles(package: Package) -> frozenset[str]:
    """The numbers, as cells give them, of the styles that show percentages."""
    if "xl/styles.xml" not in package.names:
        return frozenset()
    content = package.read_xml("xl/styles.xml")
    percent = {str(number) for number in BUILT_IN_PERCENT}
    styles: list[str] = []
    for _, element in events(content, "xl/styles.xml", ("{*}numFmt", "{*}cellXfs")):
        if element.tag.endswith("}numFmt"):
            if is_percent_code(element.get("formatCode", "")):
                percent.add(element.get("numFmtId", ""))
        else:
            styles = [xf.get("numFmtId", "") for xf in element if isinstance(xf.tag, str)]
    return frozenset(str(index) for index, number in enumerate(styles) if number in percent)


def _in_sheet(content: bytes, part: str, styles: frozenset[str], limits: Limits) -> set[tuple[int, int]]:
    return {(row, column) for row, column, cell in places_of(content, part, limits) if cell.get("s") in styles}


def places_of(content: bytes, part: str, limits: Limits) -> Iterator[tuple[int, int, Any]]:
    """Every cell of a sheet of an .xlsx by its row and column from 0. Raises ``RefusedError``."""
    row, column = -1, -1
    for event, element in events(content, part, ("{*}row", "{*}c"), ("start", "end")):
        is_row = element.tag.endswith("}row")
        if is_row == (event == "end"):
            continue  # a row counts where it begins, a cell where all that is in it was read
        reference = element.get("r", "")
        if is_row:
            row = int(reference) - 1 if reference.isdigit() else row + 1
            column = -1
            if row >= limits.most_rows:
                break
            continue
        match = _REFERENCE.fullmatch(reference)
        column = column_number(match[1]) if match else column + 1
        yield row, column, element


def column_number(letters: str) -> int:
    """A column's letters as its number from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _of_ods(package: Package, limits: Limits) -> dict[str, set[tuple[int, int]]]:
    cells: dict[str, set[tuple[int, int]]] = {}
    for sheet, row, column, cell in places_of_ods(package.read_xml("content.xml"), limits):
        if cell.get(ODS_OFFICE + "value-type") == "percentage":
            cells.setdefault(sheet, set()).add((row, column))
    return cells


def places_of_ods(content: bytes, limits: Limits) -> Iterator[tuple[str, int, int, Any]]:
    """Every cell of an OpenDocument's ``content.xml``, those that stand for several once each: sheet, row, column from 0.

    Raises ``RefusedError``.
    """
    name, row = "", 0
    tags = tuple(ODS_TABLE + tag for tag in ("table", "table-row"))
    for event, element in events(content, "content.xml", tags, ("start", "end")):
        if element.tag == ODS_TABLE + "table":
            name, row = (element.get(ODS_TABLE + "name", ""), 0) if event == "start" else (name, row)
        elif event == "end":
            cells = [cell for cell in element if cell.tag in _ODS_CELLS]
            count = _repeated(element.attrib, "number-rows-repeated")
            for own in range(row, min(row + count, limits.most_rows)):
                for column, cell in _columns_of(cells, limits):
                    yield name, own, column, cell
            row += count


def _columns_of(cells: Sequence[Any], limits: Limits) -> Iterator[tuple[int, Any]]:
    column = 0
    for cell in cells:
        count = _repeated(cell.attrib, "number-columns-repeated")
        for own in range(column, min(column + count, limits.most_columns)):
            yield own, cell
        column += count


def _repeated(attributes: Mapping[str, str], name: str) -> int:
    said = attributes.get(ODS_TABLE + name, "1")
    return int(said) if said.isdigit() and len(said) < 9 else 1
