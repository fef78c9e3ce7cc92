"""What was typed in a figure's cell, understood: a value where there is one, and always a status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ingestion.forms.text import fold, tidy
from ingestion.model import Status
from ingestion.reference import Indicator

_DASHES = frozenset({"-", "–", "—", "−", "_", "--", "---"})
_GROUPED = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+$")  # 6.219: thousands, as Vietnamese is written
_GROUPED_DECIMAL = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$")  # 1.234,5
_GROUPED_ENGLISH = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")  # 6,219 or 6,219.5
_PLAIN = re.compile(r"^[+-]?\d+([.,]\d+)?$")
_SCIENTIFIC = re.compile(r"^[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}$")
_SPACED = re.compile(r"^[+-]?\d{1,3}([\s\u00a0\u202f]\d{3})+$")  # 6 219
_NUMBER_AND_WORDS = re.compile(r"^([+-]?\d[\d.,]*)\s+(\D+)$")
_NOTHING_AROSE = (
    "khong phat sinh",
    "chua phat sinh",
    "khong co phat sinh",
    "khong co",
    "khong thuc hien",
    "khong ap dung",
    "kps",
    "n a",
    "na",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell understood. ``reason`` is empty unless the status is unreadable or doubtful: a Vietnamese phrase why."""

    value: Decimal | None
    status: Status
    reason: str = ""


_BLANK = Reading(None, "blank")


def read_value(text: str, indicator: Indicator) -> Reading:
    """Understand ``text`` as the answer of ``indicator``.

    Blank is never zero. A comma is the decimal mark (``99,89``); a dot before exactly three digits groups thousands in a
    count (``6.219``) and is the decimal mark in a share. A reference has no value: naming something is its answer.
    """
    text = text and tidy(text)
    if indicator.value_type == "reference":
        return Reading(None, "reported" if text and text not in _DASHES else _status_of_nothing(text))
    if not text or text in _DASHES:
        return Reading(None, _status_of_nothing(text))
    chosen = _choice(text, indicator)
    if chosen is not None:
        return Reading(Decimal(chosen), "reported")
    if text.strip(".…") == "":
        return Reading(None, "unreadable", "có phát sinh nhưng không có số liệu")
    folded = fold(text)
    if folded in ("x", "khong") or _says_nothing_arose(folded):
        return Reading(None, "not_applicable")
    return _bounded(_number(text, indicator), indicator)


def read_answer(text: str, note: str, indicator: Indicator) -> Reading:
    """As ``read_value``, with the note beside it: a blank whose note says that nothing arose is not applicable."""
    if indicator.value_type == "reference":
        return read_value(text or note, indicator)
    reading = read_value(text, indicator) if text else _BLANK
    if note and reading.status == "blank" and _says_nothing_arose(fold(note)):
        return Reading(None, "not_applicable")
    return reading


def _says_nothing_arose(folded: str) -> bool:
    return folded in _NOTHING_AROSE or folded.startswith(("khong phat sinh", "chua phat sinh", "khong co phat sinh"))


def _status_of_nothing(text: str) -> Literal["blank", "not_applicable"]:
    return "not_applicable" if text else "blank"


def _choice(text: str, indicator: Indicator) -> int | None:
    folded = fold(text)
    for answer, number in indicator.choices:
        if folded == fold(answer) or folded == f"{fold(answer)} {number}":
            return number
    return None


def _number(text: str, indicator: Indicator) -> Reading:
    bare = text.removesuffix("%").strip() if indicator.value_type == "percent" else text
    is_share = indicator.value_type == "percent"
    if _GROUPED.match(bare) and not is_share:
        return Reading(Decimal(bare.replace(".", "")), "reported")
    if _GROUPED_DECIMAL.match(bare):
        return Reading(Decimal(bare.replace(".", "").replace(",", ".")), "reported")
    if _SPACED.match(bare):
        return Reading(Decimal(re.sub(r"\s", "", bare)), "reported")
    if _GROUPED_ENGLISH.match(bare) and not is_share:
        value = Decimal(bare.replace(",", ""))
        return Reading(value, "doubtful", f"«{text}» có thể là {value} hoặc số thập phân")
    if _PLAIN.match(bare):
        return Reading(_whole_when_whole(Decimal(bare.replace(",", "."))), "reported")
    if _SCIENTIFIC.match(bare):  # as a program writes it
        value = Decimal(bare)
        return Reading(_whole_when_whole(value), "doubtful", f"«{text}» không viết như số liệu thường gặp")
    with_words = _NUMBER_AND_WORDS.match(bare)
    if with_words and indicator.unit_vi and fold(with_words[2]) in (fold(indicator.unit_vi), "%"):
        return _number(with_words[1], indicator)
    return Reading(None, "unreadable", f"không đọc được «{text[:60]}» là số")


def _whole_when_whole(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if value == whole else value


def _bounded(reading: Reading, indicator: Indicator) -> Reading:
    value = reading.value
    if value is None:
        return reading
    if abs(value) >= Decimal(10) ** 13:
        return Reading(None, "unreadable", "số quá lớn")
    if indicator.value_type == "count" and value != value.to_integral_value():
        return Reading(value, "doubtful", f"số đếm mà có phần thập phân ({value})")
    if indicator.choices and value not in {Decimal(number) for _, number in indicator.choices}:
        allowed = "; ".join(f"{answer} = {number}" for answer, number in indicator.choices)
        return Reading(value, "doubtful", f"ngoài các trả lời của biểu ({allowed})")
    if value < 0:
        return Reading(value, "doubtful", "số âm")
    return reading
