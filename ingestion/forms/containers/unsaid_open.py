"""The same of an OpenDocument workbook (.ods): cells that come as blank out of the library that reads it, and are not."""

from __future__ import annotations

import re
from typing import Any

from ingestion.forms.containers.formats import ODS_OFFICE, ODS_TABLE, places_of_ods
from ingestion.forms.containers.limits import Limits
from ingestion.forms.containers.packed import Package
from ingestion.forms.containers.unsaid import Unsaid

_CALC_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_ERROR_SHOWN = re.compile(r"#(?:DIV/0!|N/A|REF!|VALUE!|NAME\?|NUM!|NULL!)|(?:Err|Lỗi):\d{3}")
_PREFIX = re.compile(r"^(?:[A-Za-z]+:)?=")
_OPEN_REFERENCE = re.compile(r'"(?:[^"]|"")*"|\[([^\]]*)\]')
_ONE_REFERENCE = re.compile(
    r"\$?('(?:[^']|'')+'|[^.'#]*)\.(\$?[A-Za-z]{1,3}\$?\d+)(?::[^.]*\.(\$?[A-Za-z]{1,3}\$?\d+))?"
)


def of_ods(package: Package, limits: Limits) -> Unsaid:
    """Raises ``RefusedError``."""
    unsaid = Unsaid()
    content = package.read_xml("content.xml")
    for sheet, row, column, cell in places_of_ods(content, limits):
        kind = cell.get(ODS_OFFICE + "value-type", "")
        formula = cell.get(ODS_TABLE + "formula")
        if formula is None and kind:
            continue
        shown = "\n".join("".join(paragraph.itertext()) for paragraph in cell.iterchildren(_TEXT))
        place = (sheet, row, column)
        if formula is None:
            if shown.strip():
                unsaid.texts[place] = shown
        elif cell.get(_CALC_ERROR) == "error" or _ERROR_SHOWN.fullmatch(shown.strip()):
            unsaid.errors[place] = shown.strip() or "#LỖI!"
        elif not _has_result(cell, kind, shown):
            unsaid.add_formula(place, in_excels_words(formula))
    return unsaid


def _has_result(cell: Any, kind: str, shown: str) -> bool:
    if kind == "string":
        return bool(cell.get(ODS_OFFICE + "string-value") or shown)
    names = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}
    return bool(kind and cell.get(ODS_OFFICE + names.get(kind, "value")))


def in_excels_words(formula: str) -> str:
    """A formula of an OpenDocument, ``of:=SUM([.A1:.B2];[$Sheet2.C3])``, with references as Excel writes them."""
    return "=" + _OPEN_REFERENCE.sub(_reference, _PREFIX.sub("", formula))


def _reference(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    one = _ONE_REFERENCE.fullmatch(match[1])
    if one is None:
        return match[0]  # another file, or a cell that is gone: not computed
    sheet = one[1] if one[1].startswith("'") or not one[1] else "'" + one[1] + "'"
    return (sheet and sheet + "!") + one[2] + (":" + one[3] if one[3] else "")
