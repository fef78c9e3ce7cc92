"""A rule's result as one sentence, in Vietnamese and in English, with the figures in it.

The compiled SQL writes the two sides in Vietnamese (``left_text``, ``right_text``); English is made from these, since their
words are few and their figures are the same.
"""

from __future__ import annotations

import re
from typing import Literal

from expectations.rules import Rule

Language = Literal["vi", "en"]

_RELATIONS: dict[str, tuple[str, str]] = {
    "<=": ("phải không vượt", "must not exceed"),
    "=": ("phải bằng", "must equal"),
    "present_if": ("phải có khi", "must be given where"),
    "absent_if_zero": ("phải để trống khi", "must be left blank where"),
    "between": ("phải nằm trong khoảng", "must lie"),
    "integral": ("không khớp với", "does not fit"),
    "within": ("nằm ngoài khoảng", "lies outside"),
}

#: Words that the compiler writes in a side, longest first.
_ENGLISH = (
    ("hồ sơ tiếp nhận theo Cổng dịch vụ công", "dossiers received by the portal"),
    ("hồ sơ trả kết quả theo Cổng dịch vụ công", "dossiers returned by the portal"),
    ("hồ sơ giải quyết xong theo Cổng dịch vụ công", "dossiers settled by the portal"),
    ("tỷ lệ đúng hẹn theo Cổng dịch vụ công", "on-time share by the portal"),
    ("hồ sơ qua BCCI theo Cổng dịch vụ công", "dossiers by post by the portal"),
    ("tỷ lệ mức độ 4 trực tuyến theo Cổng dịch vụ công", "online share at level 4 by the portal"),
    ("văn bản đi theo sổ văn bản điện tử", "documents sent by the e-document register"),
    ("tỷ lệ văn bản điện tử theo sổ văn bản điện tử", "wholly electronic share by the e-document register"),
    ("tỷ lệ nêu tại ghi chú", "ratio cited in the note of"),
    ("mẫu số nêu tại ghi chú", "denominator cited in the note of"),
    ("số văn bản nêu tại ghi chú", "documents cited in the note of"),
    ("số hồ sơ nêu tại ghi chú", "dossiers cited in the note of"),
    ("không có trong sổ văn bản đi", "not in the register of documents sent"),
    ("số liệu khác 0 của biểu này", "figures above 0 of this form"),
    ("thường không quá", "usually no more than"),
    ("các cơ quan cùng cấp thường từ", "agencies of the same level usually from"),
    ("các kỳ trước thường từ", "earlier periods usually from"),
    ("trùng với biểu của", "the same as the form of"),
    ("số văn bản ghi năm", "the number states the year"),
    ("số liệu trên 10", "figures above 10"),
    ("không có số liệu", "no figure"),
    ("(không nêu)", "(not cited)"),
    ("năm báo cáo", "reporting year"),
    ("trong cùng sổ", "in the same book"),
    ("số tròn chục", "round figures"),
    ("lần năm trước", "times last year's"),
    ("trung vị", "median"),
    ("gần nhất", "nearest"),
    ("kỳ trước", "of the period before"),
    ("ghi chú", "the note of"),
    ("(trống)", "(blank)"),
    ("6 tháng", "six months"),
    ("quý III", "third quarter"),
    ("quý I", "first quarter"),
    ("cả năm", "whole year"),
    ("trong", "of"),
    ("ngày", "of"),
    ("đến", "to"),
    ("nêu", "cites"),
    ("từ", "from"),
)
_WORDS = dict(_ENGLISH)
#: Codes, document numbers and dates stay; figures change their points and commas; words are looked up.
_TOKEN = re.compile(
    r"(?P<keep>\b[IV]+(?:\.[0-9]+)+(?:\.[a-z])?(?![0-9a-z])|\d+/\d{4}/\S+|\d+/[^\W\d]\S*|\d{1,2}/\d{1,2}/\d{4})"
    rf"|(?P<words>{'|'.join(re.escape(vietnamese) for vietnamese, _ in _ENGLISH)})"
    r"|(?P<figure>\d+(?:\.\d{3})*(?:,\d+)?)"
)
_SWAPPED = str.maketrans(".,", ",.")


def english(side: str) -> str:
    """A side as the compiler wrote it, in English; names of agencies and documents stay as they are."""

    def one(match: re.Match[str]) -> str:
        if match["words"]:
            return _WORDS[match["words"]]
        return match["keep"] or match["figure"].translate(_SWAPPED)

    return _TOKEN.sub(one, side)


def sentence(rule: Rule, left_text: str, right_text: str, language: Language) -> str:
    """``Số hồ sơ tiếp nhận phải bằng số hồ sơ trả kết quả: III.6.1 = 529 phải bằng III.6.2 = 520.``"""
    message = rule.message_vi if language == "vi" else rule.message_en
    left, right = (left_text, right_text) if language == "vi" else (english(left_text), english(right_text))
    if not left and not right:
        return f"{message}."
    relation = _RELATIONS.get(rule.operator)
    joined = f" {relation[language == 'en']} " if relation else "; "
    return f"{message}: {left}{joined}{right}."
