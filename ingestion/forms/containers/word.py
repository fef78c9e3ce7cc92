"""Word files (.docx) to tables, read from their XML: merged, nested and split cells as a person sees them.

A form's table may be cut in several (at a page, at a heading); its pieces are put together again. What stands above a
table, letterhead tables included, is given as rows above it: it says whose form it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ingestion.forms.containers.found import Cell, Found, Table
from ingestion.forms.containers.limits import Limits, RefusedError
from ingestion.forms.containers.packed import Package, local_name, parse

#: A table from this many rows on may be a form, or a piece of one; a smaller one before it is a letterhead.
LEAST_ROWS = 8
MOST_PARAGRAPHS_ABOVE = 80
_CONTAINERS = frozenset({"sdt", "sdtContent", "ins", "smartTag", "customXml", "hyperlink", "moveTo", "fldSimple"})

Row = list[Cell]


def read_word(content: bytes, limits: Limits) -> Found:
    """Each form-like table of the file with what stands above it; all paragraphs as one table when there is none."""
    package = Package(content, limits)
    if "word/document.xml" not in package.names:
        raise RefusedError("tệp Word bị hỏng: thiếu nội dung (word/document.xml)")
    root = parse(package.read_xml("word/document.xml"), "word/document.xml")
    body = next((child for child in root if local_name(child) == "body"), None)
    if body is None:
        raise RefusedError("tệp Word bị hỏng: thiếu nội dung")
    above: list[Row] = []
    forms: list[tuple[list[Row], list[Row]]] = []
    for block in _blocks(body):
        if local_name(block) == "p":
            text = _text(block)
            if text.strip():
                above.append([text])
            continue
        for rows in _tables(block, limits):
            if len(rows) < LEAST_ROWS and not (forms and _width(rows) == _width(forms[-1][1])):
                above.extend(rows)
            elif forms and not _is_another_form(forms[-1][1], rows, above):
                forms[-1][1].extend([*above, *rows])
                above = []
            else:
                forms.append((above[-MOST_PARAGRAPHS_ABOVE:], rows))
                above = []
    if not forms:
        return Found((Table("Văn bản", above[: limits.most_rows]),) if above else ())
    return Found(
        tuple(Table(f"Bảng {number}", [*before, *rows]) for number, (before, rows) in enumerate(forms, start=1))
    )


def _is_another_form(before: Sequence[Row], rows: Sequence[Row], between: Sequence[Row]) -> bool:
    """Whether ``rows`` are a table of their own and no further piece of the one before: another width, or the same labels."""
    if abs(_width(before) - _width(rows)) > 1 or len(between) > MOST_PARAGRAPHS_ABOVE:
        return True
    known = {text for row in before for text in row if isinstance(text, str) and len(text) > 20}
    own = [text for row in rows for text in row if isinstance(text, str) and len(text) > 20]
    return sum(text in known for text in own) * 2 > len(own)


def _width(rows: Sequence[Row]) -> int:
    return max((len(row) for row in rows), default=0)


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in their order, also those inside content controls and tracked insertions."""
    for child in parent:
        name = local_name(child)
        if name in ("p", "tbl"):
            yield child
        elif name in _CONTAINERS:
            yield from _blocks(child)


def _within(parent: Any, wanted: str) -> Iterator[Any]:
    for child in parent:
        name = local_name(child)
        if name == wanted:
            yield child
        elif name in _CONTAINERS:
            yield from _within(child, wanted)


def _tables(table: Any, limits: Limits) -> Iterator[list[Row]]:
    """The table, then those nested in its cells."""
    nested: list[Any] = []
    rows: list[Row] = []
    for row in _within(table, "tr"):
        if len(rows) >= limits.most_rows:
            raise RefusedError(f"bảng trong tệp Word quá dài (hơn {limits.most_rows} dòng)")
        if not _is_deleted(row):
            rows.append(_row(row, nested, limits))
    inner = [found for below in nested for found in _tables(below, limits)]
    if inner and not any(len(row) > 1 for row in rows):
        # A table of one column only frames what is in it.
        yield from inner
        return
    yield rows
    yield from inner


def _row(row: Any, nested: list[Any], limits: Limits) -> Row:
    cells: Row = [None] * _number(_property(row, "trPr", "gridBefore"))
    for cell in _within(row, "tc"):
        is_continued = (merge := _property(cell, "tcPr", "vMerge")) is not None and _value(merge) != "restart"
        texts = []
        for block in _blocks(cell):
            if local_name(block) == "p":
                texts.append(_text(block))
            else:
                nested.append(block)
        text = "\n".join(texts).strip()
        cells.append(None if is_continued and not text else text)
        cells.extend([None] * (_number(_property(cell, "tcPr", "gridSpan"), least=1) - 1))
        if len(cells) > limits.most_columns:
            return cells[: limits.most_columns]
    return cells


def _text(paragraph: Any) -> str:
    """What a paragraph shows: tracked deletions are gone, tabs and breaks are blanks, fields show their result."""
    parts: list[str] = []
    _collect(paragraph, parts)
    return "".join(parts)


def _collect(parent: Any, parts: list[str]) -> None:
    for child in parent:
        name = local_name(child)
        if name == "t":
            parts.append(child.text or "")
        elif name in ("tab", "ptab"):
            parts.append(" ")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "noBreakHyphen":
            parts.append("-")
        elif name == "r" or name in _CONTAINERS:
            _collect(child, parts)


def _property(element: Any, group: str, name: str) -> Any:
    for child in element:
        if local_name(child) == group:
            return next((below for below in child if local_name(below) == name), None)
    return None


def _is_deleted(row: Any) -> bool:
    return _property(row, "trPr", "del") is not None


def _value(element: Any) -> str:
    return next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == "val"), "")


def _number(element: Any, least: int = 0) -> int:
    said = "" if element is None else _value(element)
    return max(least, min(int(said), 300)) if said.isdigit() and len(said) < 6 else least
