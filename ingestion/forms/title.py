"""Whose form of which period: from the form's own title block, then its folder, then its name. A contradiction is a problem."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from rapidfuzz import fuzz

from ingestion.forms.notes import read_documents
from ingestion.forms.text import fold, fold_scanned, tidy
from ingestion.model import Document, Problem
from ingestion.reference import Agency, Catalogue, agency_code_of

_DATE_IN_WORDS = re.compile(r"ngay\s+(\d{1,2})\s+thang\s+(\d{1,2})\s+nam\s+(\d{4})")
_YEAR = re.compile(r"\bnam\s+((?:19|20)\d\d)\b")
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_HALF = re.compile(r"\b(?:0?6|sau)\s+thang\b|\bh1\b")
_QUARTER = re.compile(r"\bquy\s+(i{1,3}v?|iv|[1-4])\b|\bq([1-4])\b")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "iiiv": 4}
_ORGAN_ID = re.compile(r"(?<![\w.])(\d{3}\.\d{2,3}\.\d{2,3}\.H\d{2}|H\d{2}(?:\.\d{1,3}){1,3})(?![\w])", re.IGNORECASE)
LEAST_NAME_LIKENESS = 88.0


@dataclass(frozen=True, slots=True)
class Title:
    """What the words around a form say of it; None where they say nothing, or contradict each other (see ``problems``)."""

    agency_code: str | None
    period_code: str | None
    document_number: str | None
    document_date: date | None
    problems: tuple[Problem, ...] = ()


def read_title(title: str, path: str, catalogue: Catalogue, *, agency_hint: str | None = None) -> Title:
    """Agency, period and document of a form.

    ``title`` is the text above (and beside) the form; ``path`` the file's name with its folders, as far as they mean
    something; ``agency_hint`` what the door itself knows (the sender of an e-document), as strong as the folder.
    """
    document = _document(title)
    named = _agency_in_title(title, document, catalogue)
    codes = {agency.code for agency in catalogue.agencies}
    folders = [agency_code_of(part) for part in PurePosixPath(path).parts[:-1]]
    folder = agency_hint or next((code for code in reversed(folders) if code in codes), None)
    file_name = PurePosixPath(path).name
    problems: list[Problem] = []
    if named and folder and named != folder:
        problems.append(
            Problem(
                "error",
                "agency_contradiction",
                f"Biểu ghi là của {_name(named, catalogue)}, nhưng được gửi từ {_name(folder, catalogue)}",
                "tiêu đề",
            )
        )
        agency_code = None
    else:
        agency_code = named or folder or _agency_in_name(file_name, catalogue)
    if agency_code is None and not problems:
        problems.append(Problem("error", "agency_unknown", "Không rõ biểu của cơ quan nào", "tiêu đề"))
    period_code = _period(title, catalogue) or _period(file_name.replace("_", " "), catalogue, is_name=True)
    if period_code is None:
        problems.append(Problem("error", "period_unknown", "Không rõ biểu của kỳ báo cáo nào", "tiêu đề"))
    return Title(
        agency_code,
        period_code,
        document.number if document else None,
        document.dated_on if document else None,
        tuple(problems),
    )


def _document(title: str) -> Document | None:
    """The report's own number and date: the report (BC) among the documents named, else the first."""
    named = read_documents(title)
    if not named:
        return None
    chosen = next((document for document in named if "BC" in document.number.partition("/")[2].split("-")), named[0])
    if chosen.dated_on is None and not chosen.date_text:
        match = _DATE_IN_WORDS.search(fold(title))
        if match:
            day, month, year = (int(part) for part in match.groups())
            try:
                return Document(chosen.number, date(year, month, day), match[0])
            except ValueError:
                return chosen
    return chosen


def _agency_in_title(title: str, document: Document | None, catalogue: Catalogue) -> str | None:
    """The one agency that the title names; the longest name wins where one holds another, the document's mark decides a tie."""
    text = " ".join(fold_scanned(re.sub(r"(?i)u[ỷy] ban nh[âa]n d[âa]n", "UBND", tidy(title))).split())
    if not text:
        return None
    found = []
    for agency in catalogue.agencies:
        if agency.level == "province":
            continue
        name = fold_scanned(agency.name_vi)
        if fuzz.partial_ratio(name, text) >= LEAST_NAME_LIKENESS and len(name) <= len(text):
            found.append((agency, name))
    longest = [
        agency
        for agency, name in found
        if not any(
            name != other and fuzz.partial_ratio(name, other) >= LEAST_NAME_LIKENESS
            for _, other in found
            if len(other) > len(name)
        )
    ]
    if len(longest) == 1:
        return longest[0].code
    marked = _agencies_of_mark(document, catalogue.agencies)
    if len(longest) > 1:
        both = [agency for agency in longest if agency in marked]
        return both[0].code if len(both) == 1 else _nearest(longest, text)
    return marked[0].code if len(marked) == 1 else None


def _nearest(agencies: Sequence[Agency], text: str) -> str | None:
    """Of several agencies named, the one named as the reporter: after «tại» or «của»; None when that does not decide."""
    reporters = [
        agency
        for agency in agencies
        if re.search(rf"\b(?:tai|cua|ciia|cia)\s+{re.escape(fold_scanned(agency.name_vi))}", text)
    ]
    return reporters[0].code if len(reporters) == 1 else None


def _agencies_of_mark(document: Document | None, agencies: Sequence[Agency]) -> list[Agency]:
    """Agencies whose mark ends the document's number: ``5686/BC-STC`` is of STC."""
    if document is None:
        return []
    mark = fold(document.number.rpartition("-")[2])
    return [agency for agency in agencies if fold(agency.doc_suffix) == mark]


def _agency_in_name(file_name: str, catalogue: Catalogue) -> str | None:
    codes = {agency.code for agency in catalogue.agencies}
    for match in _ORGAN_ID.finditer(file_name):
        code = agency_code_of(match[1])
        if code in codes:
            return code
    words = set(re.split(r"[\s_.\-]+", fold(file_name.replace("_", " ").replace("-", " "))))
    marked = [
        agency for agency in catalogue.agencies if len(agency.doc_suffix) > 2 and fold(agency.doc_suffix) in words
    ]
    marked = [agency for agency in marked if agency.doc_suffix != "UBND"]
    return marked[0].code if len(marked) == 1 else None


def _period(text: str, catalogue: Catalogue, *, is_name: bool = False) -> str | None:
    folded = fold(text)
    coded = re.search(r"(?<!\d)((?:19|20)\d\d)\s(q1|h1|q3)\b", folded)
    if coded:
        return _known(f"{coded[1]}-{coded[2].upper()}", catalogue)
    without_dates = _DATE_IN_WORDS.sub(" ", folded)
    quarter = _QUARTER.search(without_dates)
    half = _HALF.search(without_dates)
    years = _YEAR.findall(without_dates)
    if not years and (is_name or quarter or half):
        years = _ANY_YEAR.findall(without_dates)
    if not years:
        return None
    if quarter:
        number = int(quarter[2]) if quarter[2] else _ROMAN.get(quarter[1]) or int(quarter[1])
        return _known(f"{years[0]}-Q{number}", catalogue)
    return _known(f"{years[0]}-H1" if half else years[0], catalogue)


def _known(period_code: str, catalogue: Catalogue) -> str | None:
    return period_code if period_code in catalogue.period_codes else None


def _name(agency_code: str, catalogue: Catalogue) -> str:
    return next((agency.name_vi for agency in catalogue.agencies if agency.code == agency_code), agency_code)
