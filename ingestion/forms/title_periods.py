"""Which period some words speak of: «6 tháng đầu năm 2021» is 2021-H1, «quý III/2021» is 2021-Q3, «năm 2021» is 2021.

What is said clearly and is no period that is reported on (a second quarter, nine months) is given as said, such as
``2021-Q2``: the caller knows which periods there are.
"""

from __future__ import annotations

import functools
import re

from ingestion.forms.text import fold

_NOT_A_PERIOD = re.compile(
    r"\d{1,6}\s?/\s?20\d\d\s?/\s?[A-ZĐ]"  # a document's number with its year
    r"|\b\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?20\d\d"
    r"|(?<!\d)20\d\d[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|\b(?:0?[1-9]|1[0-2])\s?/\s?20\d\d",
)
_DATE_IN_WORDS = re.compile(
    r"\bng[a-z]{1,4}\s+\d{1,2}\s+th[a-z]{2,4}\s+\d{1,2}\s+n[a-z]{1,3}\s+\d{4}|(?<!\d )\bthang\s+\d{1,2}\s+nam\s+\d{4}"
)
_YEAR = re.compile(r"\bnam\s+((?:19|20)\d\d)\b")
_BARE_YEAR = re.compile(r"(?<![\d])((?:19|20)\d\d)(?!\d)")
_CODE_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?(q[1-4]|h[12])(?![a-z0-9])")
_PART = re.compile(
    r"(?<![a-z0-9])(?:quy\s*(?P<quarter>iv|i{1,3}|[1-4])|q(?P<q>[1-4])|h(?P<h>[12])"
    r"|(?P<months>0?3|0?6|0?9|12|ba|sau|chin)\s*(?:thang|t(?=\s|20))(?:\s+(?P<end>dau|cuoi))?|nua\s+(?P<half>dau|cuoi))"
    r"(?:\s+(?:nam\s+)?)?(?P<year>(?:19|20)\d\d)?(?![a-z0-9])"
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_WORDS = {"ba": 3, "sau": 6, "chin": 9}
_SUBJECT = re.compile(r"cai cach hanh chinh|\bcchc\b|thong ke|ky bao cao|\bky\b|bao cao")
_FILLING = re.compile(r"\b(?:bao|cao|cchc|ky|nam|thong|ke|bieu|dot|so|lieu)\b")


def periods_in_title(title: str) -> list[str]:
    """The periods that the words above a form speak of, each once: those of the line nearest to the form that speaks of the
    subject, else those of all lines. More than one is a contradiction."""
    lines = [_bare(line) for line in title.splitlines() if line.strip()]
    years = tuple(dict.fromkeys(year for line in lines for year in _YEAR.findall(line)))
    said = [_said(line, years) for line in lines]
    for index in range(len(lines) - 1, -1, -1):
        beside = " ".join(lines[max(index - 1, 0) : index + 1])
        if said[index] and _SUBJECT.search(beside):
            return [*said[index]]
    return _without_whole_years(list(dict.fromkeys(period for periods in said for period in periods)))


def periods_in_name(name: str) -> list[str]:
    """The periods that a file's name speaks of; a bare year is one, for a report of a whole year is often named so."""
    text = _bare(name.replace("_", " "))
    years = tuple(dict.fromkeys(_BARE_YEAR.findall(text)))
    return [*(_said(text, years) or years)]


def period_of_folder(name: str) -> str | None:
    """The period of a folder that is named by one and by nothing else (``2021-Q1``, «Quý I năm 2021», «CCHC 2021»)."""
    periods = periods_in_name(name)
    if len(periods) != 1:
        return None
    rest = _bare(name.replace("_", " "))
    for pattern in (_CODE_FIRST, _PART, _BARE_YEAR, _FILLING):
        rest = pattern.sub(" ", rest)
    return None if rest.strip() else periods[0]


def agree(one: str, other: str) -> bool:
    """Whether a folder or name that says ``other`` may hold a form that says ``one``: a year holds its parts."""
    return one == other or (len(other) == 4 and one.startswith(other))


@functools.lru_cache(maxsize=1_024)  # most lines of a title are the form's own, the same in every report
def _bare(text: str) -> str:
    return _DATE_IN_WORDS.sub(" ", fold(_NOT_A_PERIOD.sub(" ", text)))


@functools.lru_cache(maxsize=1_024)
def _said(text: str, years: tuple[str, ...]) -> tuple[str, ...]:
    """Periods in folded words; a part of a year without its year belongs to the only one of ``years``."""
    found = [f"{year}-{part.upper()}" for year, part in _CODE_FIRST.findall(text)]
    for match in _PART.finditer(_CODE_FIRST.sub(" ", text)):
        year = match["year"] or (years[0] if len(years) == 1 else None)
        if year:
            found.append(_period(match, year))
    whole = _YEAR.findall(_PART.sub(" ", text))
    return tuple(_without_whole_years(list(dict.fromkeys([*found, *whole]))))


def _period(match: re.Match[str], year: str) -> str:
    if match["quarter"] or match["q"]:
        said = match["quarter"] or match["q"]
        return f"{year}-Q{_ROMAN.get(said) or int(said)}"
    if match["h"]:
        return f"{year}-H{match['h']}"
    if match["half"]:
        return f"{year}-H{1 if match['half'] == 'dau' else 2}"
    months = _WORDS.get(match["months"]) or int(match["months"])
    if match["end"] == "cuoi":
        return f"{year}-H2" if months == 6 else f"{year}-{months}M2"
    return {3: f"{year}-Q1", 6: f"{year}-H1", 12: year}.get(months, f"{year}-{months}M")


def _without_whole_years(periods: list[str]) -> list[str]:
    """«Quý I năm 2021» speaks of no whole year: a year goes where a part of it is named."""
    return [period for period in periods if not any(other.startswith(f"{period}-") for other in periods)]
