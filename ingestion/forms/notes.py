"""What a note names: official documents with number and date, and a ratio of two counts."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from ingestion.forms.text import tidy
from ingestion.model import Document, Ratio

_NOTATION = r"[A-ZĐ][A-Za-zĐđ0-9]*(?:-\s?[A-ZĐ][A-Za-zĐđÀ-ỹ&]*)*"
_NUMBER = rf"(?<![\d/.])(\d{{1,6}}[a-z]?)\s?/\s?((?:(?:19|20)\d\d\s?/\s?)?{_NOTATION})"
# "ngày", as typed, bare, or recognised badly (ngay, ngiy, ngazly, ngày)
_DATED = r"(?:[\s,(]*(?:ng[^\s\d]{1,5}|đ[ềê]\s+ng[^\s\d]{1,5}))?[\s,(:]*(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})(?!\d)"
_DATED_IN_WORDS = r"[\s,(]*ng[^\s\d]{1,5}\s+(\d{1,2})\s+th[^\s\d]{1,4}\s+(\d{1,2})\s+n[^\s\d]{1,3}\s+(\d{4})"
_DOCUMENT = re.compile(rf"{_NUMBER}(?:{_DATED}|{_DATED_IN_WORDS})?")
_RATIO = re.compile(r"(?<![\d/.,])(\d{1,3}(?:\.\d{3})+|\d+)\s?/\s?(\d{1,3}(?:\.\d{3})+|\d+)(?!\s?[/]|[\d.,]\d|\d)")
_DATE_WORD_BEFORE = re.compile(r"(?:ng[àa]y|th[áa]ng|n[ăa]m|qu[ýy]|s[ốo])\s*$", re.IGNORECASE)
# Abbreviations that lose their stroke when marks are lost: decision, People's Council, directive and the like.
_STROKES = {"QD": "QĐ", "Qb": "QĐ", "QDb": "QĐ", "Qđ": "QĐ", "HDND": "HĐND", "HbND": "HĐND", "HDb": "HĐ", "CD": "CĐ"}


def read_documents(note: str) -> tuple[Document, ...]:
    """The documents that a note cites, in order, each once. A date that can't be is kept as text and left out as a date."""
    if "/" not in note:
        return ()
    found: dict[tuple[str, str], Document] = {}
    for match in _DOCUMENT.finditer(tidy(note)):
        if sum(letter.isupper() for letter in match[2]) < 2 or not ("-" in match[2] or match[3] or match[6]):
            continue
        number = match[1] + "/" + _with_strokes(match[2].replace(" ", ""))
        day, month, year = (match[3], match[4], match[5]) if match[3] else (match[6], match[7], match[8])
        date_text = f"{day}/{month}/{year}" if day else ""
        found.setdefault((number, date_text), Document(number, _date(day, month, year), date_text))
    return tuple(found.values())


def read_ratio(note: str) -> Ratio | None:
    """The first ratio of two counts in a note (``529/529 hồ sơ``); dates and document numbers are none."""
    if "/" not in note:
        return None
    text = _DOCUMENT.sub(" ", tidy(note))
    for match in _RATIO.finditer(text):
        if _DATE_WORD_BEFORE.search(text[: match.start()]):
            continue
        numerator, denominator = (Decimal(part.replace(".", "")) for part in match.groups())
        if denominator > 0:
            return Ratio(numerator, denominator)
    return None


def _with_strokes(notation: str) -> str:
    return "/".join("-".join(_STROKES.get(word, word) for word in part.split("-")) for part in notation.split("/"))


def _date(day: str | None, month: str | None, year: str | None) -> date | None:
    if not (day and month and year):
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
