"""Believable errors, each done to one report, and what the night ought to find in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from stand_ins.province.figures import Cell
from stand_ins.province.sending import Sending

Kind = Literal["rule", "problem", "typing"]


@dataclass(frozen=True, slots=True)
class PlantedError:
    """Something wrong, or odd, that was put in on purpose.

    ``code`` is the id of the rule that fails (kind ``rule``), or a word for what is amiss: something that a reader names
    (``problem``), or only an odd way of typing or sending, which must change nothing (``typing``). ``agency_code`` or
    ``period_code`` is empty where there is none. ``place`` is the submission_id, the axis's docId or the dossier's number,
    ``revision`` the revision of a submission.
    """

    agency_code: str
    period_code: str
    source: str
    code: str
    description: str
    kind: Kind = "rule"
    place: str = ""
    revision: int = 1


Finding = tuple[Kind, str, str]
Damage = Callable[[Sending], list[Finding]]


def _number(sending: Sending, code: str) -> int:
    cell = sending.figures.get(code)
    return int(cell.value) if cell and cell.value is not None else 0


def _set(sending: Sending, code: str, value: int | Decimal | None) -> None:
    old = sending.figures.get(code, Cell(None))
    sending.figures[code] = Cell(value, old.note)


def _is_year(sending: Sending) -> bool:
    """Only the year's report: a flow made larger in a shorter one would also exceed that of the year."""
    return len(sending.window.quarters) == 4


def _rules(description: str, *rules: str) -> list[Finding]:
    return [("rule", rule, description) for rule in rules]


def returned_missing(sending: Sending) -> list[Finding]:
    if not _number(sending, "III.6.2"):
        return []
    _set(sending, "III.6.2", None)
    return _rules("III.6.1 without III.6.2", "III-06")


def received_missing(sending: Sending) -> list[Finding]:
    if not _number(sending, "III.6.1"):
        return []
    _set(sending, "III.6.1", None)
    return _rules("III.6.2 without III.6.1", "III-06")


def digits_swapped(sending: Sending) -> list[Finding]:
    """529 typed as 592, where that makes it larger."""
    text = str(_number(sending, "III.6.1"))
    if len(text) < 3 or text[-2] >= text[-1]:
        return []
    _set(sending, "III.6.1", int(text[:-2] + text[-1] + text[-2]))
    return _rules("two digits of III.6.1 swapped", "III-06", "III-08", "S-01")


def returned_differs(sending: Sending) -> list[Finding]:
    if _number(sending, "III.6.2") < 10:
        return []
    _set(sending, "III.6.2", _number(sending, "III.6.2") - 3)
    return _rules("three dossiers fewer returned than received", "III-06", "S-02")


def returned_ten_times(sending: Sending) -> list[Finding]:
    if not _number(sending, "III.6.2"):
        return []
    _set(sending, "III.6.2", 10 * _number(sending, "III.6.2"))
    return _rules("III.6.2 with a zero too many", "III-06", "S-02")


def documents_ten_times(sending: Sending) -> list[Finding]:
    if not _is_year(sending) or not _number(sending, "VII.1.1"):
        return []
    _set(sending, "VII.1.1", 10 * _number(sending, "VII.1.1"))
    return _rules("VII.1.1 with a zero too many", "S-05")


def level_sum(sending: Sending) -> list[Finding]:
    _set(sending, "VII.2.2", _number(sending, "VII.2.2") + 2)
    return _rules("levels 3 and 4 do not add up to III.7.2 and III.3.2", "III-11", "III-12")


def ratio_mismatch(sending: Sending) -> list[Finding]:
    share = sending.figures["III.6.3"].value
    if share is None or share < 50:
        return []
    _set(sending, "III.6.3", Decimal(share) - Decimal("1.5"))
    return _rules("III.6.3 is not the ratio in its note", "III-07", "S-03")


def share_of_nobody(sending: Sending) -> list[Finding]:
    """A share that no whole number of so few dossiers gives, with no ratio in the note."""
    share = sending.figures["III.6.3"].value
    if share is None or not 20 <= _number(sending, "III.6.1") <= 160:
        return []
    _set(sending, "III.6.3", Decimal(share) - Decimal("0.3"))
    sending.notes["III.6.3"] = ""
    return _rules("III.6.3 is no whole number of dossiers out of III.6.1", "P-02", "S-03")


def tasks_exceed(sending: Sending) -> list[Finding]:
    _set(sending, "I.1.2", _number(sending, "I.1.1") + 3)
    return _rules("more tasks completed than planned", "I-01")


def documents_uncited(sending: Sending) -> list[Finding]:
    if not _is_year(sending) or not _number(sending, "II.1"):
        return []
    _set(sending, "II.1", _number(sending, "II.1") + 1)
    return _rules("one document more than the note cites", "II-03")


def trained_too_many(sending: Sending) -> list[Finding]:
    if not _is_year(sending):
        return []
    _set(sending, "V.4.2", 2 * _number(sending, "V.4.1") + 12)
    return _rules("more than twice as many trained as planned", "V-01")


def digit_lost(sending: Sending) -> list[Finding]:
    _set(sending, "IV.2.2", _number(sending, "IV.2.2") // 10)
    return _rules("the last digit of IV.2.2 is lost: fewer posts filled than leaders", "IV-08")


def share_above_whole(sending: Sending) -> list[Finding]:
    if sending.figures["I.5.3"].value is None:
        return []
    _set(sending, "I.5.3", Decimal("102.5"))
    return _rules("a satisfaction rate above 100 %", "P-01")


def share_without_survey(sending: Sending) -> list[Finding]:
    if sending.window.quarters != (0,) or sending.figures["I.5.3"].value is None:
        return []
    _set(sending, "I.5.1", 0)
    return _rules("a satisfaction rate of no survey forms", "I-05")


def share_without_level(sending: Sending) -> list[Finding]:
    if _number(sending, "VII.2.1"):
        return []
    _set(sending, "VII.2.3", Decimal("12.5"))
    sending.notes["VII.2.3"] = ""
    return _rules("a level-3 share though nothing is offered at level 3", "VII-08")


def cut_without_share(sending: Sending) -> list[Finding]:
    if not _is_year(sending):
        return []
    _set(sending, "IV.1.6", 2)
    return _rules("divisions cut, share against the plan left blank", "IV-06")


def document_of_last_year(sending: Sending) -> list[Finding]:
    note = sending.figures["I.3"].note
    year = sending.document_date.year
    sending.notes["I.3"] = note.replace(f"/{year}", f"/{year - 1}")
    return _rules(f"I.3 cites a document of {year - 1}", "D-01")


def impossible_document_date(sending: Sending) -> list[Finding]:
    note = sending.figures["I.2"].note
    sending.notes["I.2"] = f"{note.partition(' ngày ')[0]} ngày 30/02/{sending.document_date.year}"
    return [("problem", "document_date_impossible", "I.2 cites a document of 30 February")]


def unreadable_text(sending: Sending) -> list[Finding]:
    sending.typed["I.1.3"] = "xem phụ lục"
    return [("problem", "value_unreadable", "words where a number of documents belongs (I.1.3)")]


def unknown_line(sending: Sending) -> list[Finding]:
    sending.extra_lines.append({"code": "III.9.9", "value": 5, "note": None})
    return [("problem", "line_unknown", "a line III.9.9, which the form does not have")]


def line_twice(sending: Sending) -> list[Finding]:
    if not _is_year(sending):
        return []
    sending.extra_lines.append({"code": "I.3.3", "value": _number(sending, "I.3.3") + 1, "note": None})
    return [("problem", "line_twice", "line I.3.3 twice, with two values")]


def rows_shifted(sending: Sending) -> list[Finding]:
    """For a workbook: III.6.1 to III.6.3 typed one row too low. The count then stands where a share belongs."""
    if _number(sending, "III.6.1") <= 100:
        return []
    sending.is_shifted = True
    return _rules("III.6.1 to III.6.3 typed one row too low", "III-06", "III-07", "P-01", "S-03")


def odd_typing(sending: Sending) -> list[Finding]:
    """``100%``, spaces around, a dash, an empty string, words for a flag: odd, and still clear."""
    if sending.figures["I.3.1"].value != 100:
        return []
    received = _number(sending, "III.6.1")
    sending.typed |= {
        "I.3.1": "100%", "III.6.1": f" {received} ", "III.6.2": f"{received} ", "III.4": "Có",
        "IV.1.8": "không", "IV.1.9": "-", "IV.1.10": "",
    }  # fmt: skip
    return [("typing", "odd_typing", "100%, spaces, a dash, an empty string, Có, không")]


def thousands_dot(sending: Sending) -> list[Finding]:
    documents = _number(sending, "VII.1.1")
    if documents < 1000:
        return []
    sending.typed["VII.1.1"] = f"{documents // 1000}.{documents % 1000:03d}"
    return [("typing", "thousands_dot", "6219 typed as 6.219")]


def reference_as_value(sending: Sending) -> list[Finding]:
    sending.typed["I.1"] = sending.figures["I.1"].note
    sending.notes["I.1"] = ""
    return [("typing", "reference_as_value", "the plan's number typed as the value of I.1, not as its note")]


def new_organ_id(sending: Sending) -> list[Finding]:
    sending.organ_id = sending.agency.code
    return [("typing", "organ_id_new_form", f"the sender's organ id in its new form, {sending.agency.code}")]


PORTAL_DAMAGES: tuple[Damage, ...] = (
    thousands_dot, documents_uncited, documents_ten_times, trained_too_many, cut_without_share, line_twice, odd_typing,
    share_without_survey, share_without_level, share_of_nobody, digits_swapped, returned_missing, received_missing,
    returned_differs, returned_ten_times, level_sum, ratio_mismatch, tasks_exceed, digit_lost, share_above_whole,
    document_of_last_year, impossible_document_date, unreadable_text, unknown_line, reference_as_value, new_organ_id,
)  # fmt: skip
