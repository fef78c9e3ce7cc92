"""A workbook without what stands far out: its first rows and columns, so that laying it out costs what a form costs."""

from __future__ import annotations

import io
import itertools
import re
import zipfile

from lxml import etree

from ingestion.forms.containers.formats import column_number
from ingestion.forms.containers.limits import Limits
from ingestion.forms.containers.packed import SHEET_PART, Package, events

_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)>")
_ADDRESS = re.compile(r"([A-Z]{1,3})\d{1,7}")


def trimmed(content: bytes, limits: Limits, remarks: list[str]) -> bytes:
    """The same .xlsx with each sheet cut to the rows and columns that are read. What is lost by it is told in ``remarks``.

    Raises ``RefusedError``.
    """
    package = Package(content, limits)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name in package.names:
            if SHEET_PART.fullmatch(name):
                sheet = package.read_xml(name)
                kept = _trimmed_sheet(sheet, name, limits)
                packed.writestr(name, kept)
                lost = len(_VALUE.findall(sheet)) - len(_VALUE.findall(kept))
                if lost > 0:
                    remarks.append(
                        f"phần «{name}» quá rộng hoặc quá dài: bỏ qua {lost} ô ngoài {limits.most_rows} dòng,"
                        f" {limits.most_columns} cột đầu"
                    )
            elif name.endswith((".xml", ".rels")):
                packed.writestr(name, package.read(name))
    return out.getvalue()


def _trimmed_sheet(sheet: bytes, name: str, limits: Limits) -> bytes:
    kept: list[bytes] = []
    root = b""
    for _, row in events(sheet, name, ("{*}row",)):
        if not root:
            namespace = row.tag.rpartition("}")[0].removeprefix("{")
            root = f'<worksheet xmlns="{namespace}"><sheetData>'.encode()
        said = row.get("r", "")
        if len(kept) >= limits.most_rows or (said.isdigit() and int(said) > limits.most_rows):
            break
        cells = [
            etree.tostring(cell)
            for position, cell in enumerate(itertools.islice(row, 4 * limits.most_columns))
            if isinstance(cell.tag, str) and _column(cell.get("r", ""), position) < limits.most_columns
        ]
        kept.append((f'<row r="{int(said)}">' if said.isdigit() else "<row>").encode() + b"".join(cells) + b"</row>")
    return (root or b"<worksheet><sheetData>") + b"".join(kept) + b"</sheetData></worksheet>"


def _column(address: str, position: int) -> int:
    match = _ADDRESS.fullmatch(address)
    return column_number(match[1]) if match else position
