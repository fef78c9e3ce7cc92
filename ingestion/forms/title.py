"""Whose form of which period: from the form's own title block, then its folder, then its name. A contradiction is a problem."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from rapidfuzz import fuzz

from ingestion.forms.notes import read_documents
from ingestion.forms.text import fold, fold_scanned
from ingestion.forms.title_periods import agree, period_of_folder, periods_in_name, periods_in_title
from ingestion.model import Document, Problem
from ingestion.reference import Agency, Catalogue, agency_code_of

_DATE_IN_WORDS = re.compile(r"ngay\s+(\d{1,2})\s+thang\s+(\d{1,2})\s+nam\s+(\d{4})")
# As fold_scanned has them: i for l and 1.
_RECIPIENT = re.compile(r"(?:kinh gui|noi nhan|kinh trinh)\b")
_SENT_TO = re.compile(r"\b(?:gui|kinh gui|trinh|nop|cho)\s+(?:so\s+noi\s+vu|\w+)\b")
_ORGAN_ID = re.compile(r"(?<![\w.])(\d{3}\.\d{2,3}\.\d{2,3}\.H\d{2}|H\d{2}(?:\.\d{1,3}){1,3})(?![\w])", re.IGNORECASE)
LEAST_NAME_LIKENESS = 88.0
LINES_AT_AN_END = 25


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
    *folders, file_name = PurePosixPath(path).parts or ("",)
    problems: list[Problem] = []
    agencies = [
        ("tiêu đề", _agency_in_title(title, document, catalogue)),
        ("nơi gửi", agency_hint),
        ("thư mục", next(filter(None, (_agency_of_folder(folder, catalogue) for folder in reversed(folders))), None)),
        ("tên tệp", _agency_in_name(file_name, catalogue)),
    ]
    periods = [
        *(("tiêu đề", period) for period in periods_in_title(title)),
        ("thư mục", next(filter(None, (period_of_folder(folder) for folder in reversed(folders))), None)),
        ("tên tệp", _period_of_name(file_name, catalogue)),
    ]
    return Title(
        _agreed_agency([(place, code) for place, code in agencies if code], catalogue, problems),
        _agreed_period([(place, code) for place, code in periods if code], catalogue, problems),
        document.number if document else None,
        document.dated_on if document else None,
        tuple(problems),
    )


def _period_of_name(file_name: str, catalogue: Catalogue) -> str | None:
    """The one period that a name speaks of; a bare year of no period («Excel 2003») says nothing."""
    periods = periods_in_name(file_name)
    if len(periods) != 1 or (len(periods[0]) == 4 and periods[0] not in catalogue.period_codes):
        return None
    return periods[0]


def _agreed_agency(said: Sequence[tuple[str, str]], catalogue: Catalogue, problems: list[Problem]) -> str | None:
    if not said:
        problems.append(Problem("error", "agency_unknown", "Không rõ biểu của cơ quan nào", "tiêu đề"))
        return None
    if len({code for _, code in said}) == 1:
        return said[0][1]
    places = "; ".join(f"{place}: {_name(code, catalogue)}" for place, code in said)
    problems.append(Problem("error", "agency_contradiction", f"Cơ quan báo cáo không thống nhất ({places})", "tiêu đề"))
    return None


def _agreed_period(said: Sequence[tuple[str, str]], catalogue: Catalogue, problems: list[Problem]) -> str | None:
    if not said:
        problems.append(Problem("error", "period_unknown", "Không rõ biểu của kỳ báo cáo nào", "tiêu đề"))
        return None
    _, first = max(said, key=lambda one: (one[0] == "tiêu đề", len(one[1]) > 4 and one[0] != "tiêu đề"))
    if not all(agree(first, period) for _, period in said):
        places = "; ".join(f"{place}: {period}" for place, period in said)
        problems.append(Problem("error", "period_contradiction", f"Kỳ báo cáo không thống nhất ({places})", "tiêu đề"))
        return None
    if first not in catalogue.period_codes:
        problems.append(Problem("error", "period_unknown", f"«{first}» không phải là kỳ báo cáo nào", "tiêu đề"))
        return None
    return first


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
    """The one agency that the title names as the reporter: the longest name where one holds another; of several the one
    whose mark the document's number bears, or that stands in the letterhead, or after «tại» or «của»."""
    lines = [line for line in map(_spoken, title.splitlines()) if line]
    if len(lines) > 2 * LINES_AT_AN_END:
        lines = [*lines[:LINES_AT_AN_END], *lines[-LINES_AT_AN_END:]]  # a whole report stands before the form
    lines = [line for line in lines if not _RECIPIENT.match(line)]
    text = " ".join(lines)
    marked = _agencies_of_mark(document, catalogue.agencies)
    named = _longest(_named(text, catalogue))
    if len(named) == 1:
        return named[0].code
    if not named:
        return marked[0].code if len(marked) == 1 else None
    both = [agency for agency in named if agency in marked]
    if len(both) == 1:
        return both[0].code
    heads = {agency.code for agency in named for line in lines if _heads(agency, line, named)}
    if len(heads) == 1:
        return heads.pop()
    return _nearest(named, text)


def _heads(agency: Agency, line: str, named: Sequence[Agency]) -> bool:
    """Whether a line begins with the agency's name and names no other: a letterhead."""
    others = [_spoken(other.name_vi) for other in named if other is not agency]
    return line.startswith(_spoken(agency.name_vi)) and not any(other in line for other in others)


@functools.lru_cache(maxsize=4_096)
def _spoken(text: str) -> str:
    """Folded as for recognised characters, with the People's Committee in short."""
    return " ".join(fold_scanned(text).replace("uy ban nhan dan", "ubnd").split())


def _named(text: str, catalogue: Catalogue) -> list[Agency]:
    """The agencies whose names stand in ``text``; where none does, those whose names nearly do."""
    agencies = [(agency, _spoken(agency.name_vi)) for agency in catalogue.agencies if agency.level != "province"]
    exact = [agency for agency, name in agencies if name in text and re.search(rf"\b{re.escape(name)}\b", text)]
    return exact or [
        agency
        for agency, name in agencies
        if len(name) <= len(text) and fuzz.partial_ratio(name, text) >= LEAST_NAME_LIKENESS
    ]


def _longest(named: Sequence[Agency]) -> list[Agency]:
    names = [_spoken(agency.name_vi) for agency in named]
    return [
        agency
        for agency, name in zip(named, names, strict=True)
        if not any(len(other) > len(name) and name in other for other in names)
    ]


def _nearest(agencies: Sequence[Agency], text: str) -> str | None:
    """Of several agencies named, the one named as the reporter: after «tại» or «của»; None when that does not decide."""
    reporters = [
        agency
        for agency in agencies
        if re.search(rf"\b(?:tai|cua|ciia|cia)\s+{re.escape(_spoken(agency.name_vi))}", text)
    ]
    return reporters[0].code if len(reporters) == 1 else None


def _agencies_of_mark(document: Document | None, agencies: Sequence[Agency]) -> list[Agency]:
    """Agencies whose mark ends the document's number: ``5686/BC-STC`` is of STC."""
    if document is None:
        return []
    mark = fold(document.number.rpartition("-")[2])
    return [agency for agency in agencies if fold(agency.doc_suffix) == mark]


def _agency_of_folder(folder: str, catalogue: Catalogue) -> str | None:
    """The agency that a folder is named by: its code, its organ id, its mark or its name, and nothing else."""
    code = agency_code_of(folder)
    said = _spoken(folder.replace("_", " "))
    return next(
        (
            agency.code
            for agency in catalogue.agencies
            if agency.code == code
            or (agency.level != "province" and said and said in (_spoken(agency.name_vi), _mark(agency)))
        ),
        None,
    )


def _mark(agency: Agency) -> str | None:
    """The mark by which an agency is known alone: those of the districts are all the same, and two letters are too few."""
    mark = _spoken(agency.doc_suffix)
    return mark if len(mark) > 2 and mark != "ubnd" else None


def _agency_in_name(file_name: str, catalogue: Catalogue) -> str | None:
    """The one agency that a file's name bears by organ id, full name or mark; one that it is sent to («gửi SNV») is none."""
    codes = {agency.code for agency in catalogue.agencies}
    for match in _ORGAN_ID.finditer(file_name.replace("_", " ")):
        code = agency_code_of(match[1])
        if code in codes:
            return code
    words = _SENT_TO.sub(" ", _spoken(re.sub(r"[_.\-]", " ", file_name)))
    named = [
        agency
        for agency in catalogue.agencies
        if agency.level != "province"
        and (name := _spoken(agency.name_vi)) in words
        and re.search(rf"\b{re.escape(name)}\b", words)
    ]
    found = _longest(named) or [agency for agency in catalogue.agencies if _mark(agency) in words.split()]
    return found[0].code if len(found) == 1 else None


def _name(agency_code: str, catalogue: Catalogue) -> str:
    return next((agency.name_vi for agency in catalogue.agencies if agency.code == agency_code), agency_code)
