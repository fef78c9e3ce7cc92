"""The relations of the rule table, evaluated the plain way on lines as served."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.stand_ins.stand_in_client import SEEDS

_WORDS = {"": None, "-": None, "không": Decimal(0), "có": Decimal(1)}
_THOUSANDS = re.compile(r"^\d{1,3}(\.\d{3})+$")
_RATIO = re.compile(r"(\d+)/(\d+)\s+(hồ sơ|nhiệm vụ)")
_DOCUMENT = re.compile(r"\d+(?:/\d{4})?/[\wĐ]+-[\wĐ]+ ngày")
_CALL = re.compile(r"^(?:100 \* )?(\w+)\((.+)\)$")


def number(value: Any) -> Decimal | None:
    """A value as typed, read by the ways of typing that are clear; None where it is blank or words."""
    if value is None or isinstance(value, int | float):
        return None if value is None else Decimal(str(value))
    text = value.strip().rstrip("%").strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    if _THOUSANDS.match(text):
        return Decimal(text.replace(".", ""))
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Form:
    values: dict[str, Decimal | None]
    notes: dict[str, str]

    @classmethod
    def of(cls, lines: list[dict[str, Any]]) -> Form:
        first: dict[str, dict[str, Any]] = {}
        for line in lines:
            first.setdefault(line["code"], line)
        return cls(
            {code: number(line.get("value")) for code, line in first.items()},
            {code: line.get("note") or "" for code, line in first.items()},
        )

    def term(self, text: str) -> Decimal | None:
        if re.fullmatch(r"\d+", text):
            return Decimal(text)
        if text.startswith("2 * "):
            value = self.term(text[4:])
            return None if value is None else 2 * value
        call = _CALL.match(text)
        if call is None:
            return self.values.get(text)
        note = self.notes.get(call[2], "")
        if call[1] == "documents_cited":
            return Decimal(len(_DOCUMENT.findall(note)))
        ratio = _RATIO.search(note)
        if ratio is None:
            return None
        part, whole = Decimal(ratio[1]), Decimal(ratio[2])
        return {
            "ratio_cited": 100 * part / whole if whole else None,
            "ratio_denominator_cited": whole,
            "dossiers_cited": part,
        }[call[1]]


def failed(form: Form) -> set[str]:
    """The ids of the rules that compare indicators of one form and do not hold in this one."""
    return {rule["rule_id"] for rule in rows("rules.csv") if _fails(rule, form)}


def _fails(rule: dict[str, str], form: Form) -> bool:
    if rule["rule_id"] == "P-01":
        closed = [row["code"] for row in rows("indicators.csv") if row["is_share_of_whole"] == "1"]
        shares = [form.values.get(code) for code in closed]
        return any(share is not None and not 0 <= share <= 100 for share in shares)
    if rule["rule_id"][0] in "STDPO":
        return False
    left, right = form.values.get(rule["left"]), form.values.get(rule["right"])
    if rule["operator"] == "present_if":
        return left is None and bool(right)
    if rule["operator"] == "absent_if_zero":
        return left is not None and right == 0
    sides = []
    for side in ("left", "right"):
        terms = [form.term(text) for text in rule[side].split(" + ")]
        fill = rule["on_missing"].startswith("zero") and any(term is not None for term in terms)
        if rule["on_missing"] == "zero_right_side_required" and side == "right":
            fill = False
        sides.append([term if term is not None or not fill else Decimal(0) for term in terms])
    missing = [any(term is None for term in terms) for terms in sides]
    if any(missing):
        return rule["on_missing"] == "violate_if_one" and missing != [True, True]
    one, other = (sum(term for term in terms if term is not None) for terms in sides)
    tolerance = Decimal(rule["tolerance"])
    return one > other + tolerance if rule["operator"] == "<=" else abs(one - other) > tolerance
