"""Tables in markup that is named as a workbook: HTML, as many office systems export it, and Excel's XML of 2003."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lxml.html
from lxml import etree

from ingestion.forms.containers.found import Cell, Found, Table
from ingestion.forms.containers.limits import Limits, RefusedError
from ingestion.forms.containers.packed import local_name, parse, refuse_document_type
from ingestion.forms.containers.text import decode

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_HIDDEN = frozenset({"script", "style", "head", "noscript"})
MOST_DEPTH = 200


def read_markup(content: bytes, limits: Limits) -> Found:
    """Raises ``RefusedError`` for a page that holds no table, and for XML that is none of the known kinds."""
    text = decode(content)
    if _SPREADSHEET in text[:4096]:
        return _spreadsheet(content, limits)
    if "<edXML" in text[:4096] or ":edXML" in text[:4096]:
        raise RefusedError("gói tin edXML, không phải tệp báo cáo; hãy gửi qua trục liên thông")
    if text.lstrip("\ufeff \r\n\t").startswith("<?xml") and "<html" not in text[:4096].lower():
        raise RefusedError("tệp XML không phải bảng tính; xin lưu lại thành .xlsx")
    return _page(text, limits)


def _page(text: str, limits: Limits) -> Found:
    try:
        root = lxml.html.fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise RefusedError("trang web bị hỏng, không phải tệp báo cáo") from error
    tables = [table for table in root.iter("table") if table.find(".//table") is None]
    found = []
    above: list[list[Cell]] = []
    for number, table in enumerate(tables, start=1):
        rows = _rows(table, limits)
        if len(rows) < 8 and number < len(tables):
            above.extend(rows)
            continue
        before = [[line] for line in _lines_before(table)] if not above else []
        found.append(Table(f"Bảng {number}", [*before[-40:], *above, *rows]))
        above = []
    if not found:
        raise RefusedError("tệp là trang web (HTML) không có bảng nào, không phải tệp báo cáo")
    return Found(tuple(found))


def _rows(table: Any, limits: Limits) -> list[list[Cell]]:
    """Rows with each cell where it stands: one that spans several is given once, at its upper left."""
    rows: list[list[Cell]] = []
    covered: dict[int, int] = {}
    for row in table.iter("tr"):
        if len(rows) >= limits.most_rows:
            raise RefusedError(f"bảng trong trang web quá dài (hơn {limits.most_rows} dòng)")
        cells: list[Cell] = []
        for cell in row.iterchildren("td", "th"):
            while covered.get(len(cells), 0) > 0 and len(cells) < limits.most_columns:
                cells.append(None)
            height = _span(cell.get("rowspan"), limits.most_rows)
            width = _span(cell.get("colspan"), limits.most_columns)
            for offset in range(width):
                if height > 1:
                    covered[len(cells) + offset] = height
            cells.extend([_shown(cell), *[None] * (width - 1)])
            if len(cells) > limits.most_columns:
                break
        rows.append(cells[: limits.most_columns])
        covered = {column: left - 1 for column, left in covered.items() if left > 1}
    return rows


def _span(said: str | None, most: int) -> int:
    return max(1, min(int(said), most)) if said and said.isdigit() and len(said) < 6 else 1


def _shown(element: Any) -> str:
    return " ".join(" ".join(_texts(element)).split())


def _texts(element: Any) -> Iterator[str]:
    for below in element.iter():
        if isinstance(below.tag, str) and below.tag not in _HIDDEN and below.text:
            yield below.text
        if below is not element and below.tail:
            yield below.tail


def _lines_before(table: Any) -> list[str]:
    """The lines of text before a table, as far as they stand beside it or beside what holds it."""
    lines: list[str] = []
    node = table
    while node is not None and len(lines) < 40:
        lines.extend(
            _shown(before)
            for before in node.itersiblings(preceding=True)
            if isinstance(before.tag, str) and before.tag not in _HIDDEN and before.tag != "table"
        )
        node = node.getparent()
    return [line for line in reversed(lines) if line]


def _spreadsheet(content: bytes, limits: Limits) -> Found:
    refuse_document_type(content, "bảng tính XML 2003")
    root = parse(content, "bảng tính XML 2003")
    tables = []
    for sheet in root:
        if local_name(sheet) != "Worksheet":
            continue
        name = sheet.get(f"{{{_SPREADSHEET}}}Name", "Bảng")
        rows: list[list[Cell]] = []
        for row in sheet.iter(f"{{{_SPREADSHEET}}}Row"):
            _skip_to(rows, row, [], limits.most_rows)
            cells: list[Cell] = []
            for cell in row.iterchildren(f"{{{_SPREADSHEET}}}Cell"):
                _skip_to(cells, cell, None, limits.most_columns)
                further = cell.get(f"{{{_SPREADSHEET}}}MergeAcross", "0")
                width = 1 + min(int(further), limits.most_columns) if further.isdigit() and len(further) < 6 else 1
                cells.extend([_value(cell), *[None] * (width - 1)])
            rows.append(cells[: limits.most_columns])
            if len(rows) > limits.most_rows:
                raise RefusedError(f"trang tính «{name}» quá dài (hơn {limits.most_rows} dòng)")
        tables.append(Table(name, rows))
    return Found(tuple(tables))


def _skip_to(items: list[Any], element: Any, nothing: Any, most: int) -> None:
    """Rows and cells may give their place; what is left out before it is empty."""
    said = element.get(f"{{{_SPREADSHEET}}}Index", "")
    if said.isdigit() and len(said) < 6:
        items.extend([nothing] * (min(int(said) - 1, most) - len(items)))


def _value(cell: Any) -> Cell:
    data = cell.find(f"{{{_SPREADSHEET}}}Data")
    if data is None:
        formula: str | None = cell.get(f"{{{_SPREADSHEET}}}Formula")
        return formula  # one without a result stays visible
    text = "".join(data.itertext())
    if data.get(f"{{{_SPREADSHEET}}}Type") == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    return text
