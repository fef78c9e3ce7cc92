"""Whether a rule compares like with like: codes known to the catalogue, units that agree (people are not documents)."""

from __future__ import annotations

from decimal import Decimal

from expectations.catalogue import Catalogue, Indicator
from expectations.errors import RuleError
from expectations.expression import Operand, Side, Sum, Term

#: The form writes one unit in two ways.
_SAME_UNIT = {"TTHC": "Thủ tục"}

#: Measures of the systems of record (their definitions stand in the reference on periods) and what they count.
MEASURES = {
    "portal.dossiers_received": "Hồ sơ",
    "portal.dossiers_returned": "Hồ sơ",
    "portal.dossiers_settled": "Hồ sơ",
    "portal.on_time_percent": "%",
    "portal.dossiers_received_by_post": "Hồ sơ",
    "portal.online_level4_percent": "%",
    "edoc.outgoing_documents": "Văn bản",
    "edoc.wholly_electronic_percent": "%",
}

#: Percents whose denominator is another line of the same form, so that only some shares are possible. Left out: I.5.3
#: (a rate over answers, not over forms), III.5.3 and III.5.4 (agencies count the procedures of different levels),
#: VII.2.3 and VII.2.4 (dossiers at one level are no line of the form), I.3.1 (planned tasks stand only in the note).
KNOWN_DENOMINATORS = {"III.6.3": "III.6.1", "VII.1.1.a": "VII.1.1", "VII.1.1.b": "VII.1.1"}


def check_units(rule_id: str, operator: str, left: Side, right: Side, catalogue: Catalogue) -> None:
    """Raise ``RuleError`` at the first unknown code, or unit that differs from those before it."""
    if operator == "integral":
        for percent, total in KNOWN_DENOMINATORS.items():
            if percent not in catalogue.closed_percents or _count(catalogue.find(total)) is None:
                raise RuleError(rule_id, "left", 1, f"the catalogue has no share {percent} of a count {total}")
    agreed: tuple[str, str] | None = None
    for column, side in (("left", left), ("right", right)):
        if not isinstance(side, Sum):
            continue
        for term in side.terms:
            if term.operand is None:
                continue
            unit = _unit(rule_id, column, term, term.operand, catalogue, is_counted=operator in ("<=", "="))
            if unit is None or operator not in ("<=", "="):
                continue
            if agreed and agreed[1] != unit:
                raise RuleError(
                    rule_id,
                    column,
                    term.operand.position,
                    f"{term.operand.name} counts {unit}, {agreed[0]} counts {agreed[1]}",
                )
            agreed = agreed or (term.operand.name, unit)


def _unit(
    rule_id: str, column: str, term: Term, operand: Operand, catalogue: Catalogue, *, is_counted: bool
) -> str | None:
    """What the term counts; None where anything may be meant (a cited denominator, all flows of a period)."""
    if operand.kind == "source":
        if operand.name not in MEASURES:
            raise RuleError(rule_id, column, operand.position, f"unknown measure {operand.name}")
        return MEASURES[operand.name]
    if operand.kind == "flow":
        return None
    indicator = catalogue.find(operand.name)
    if indicator is None:
        raise RuleError(rule_id, column, operand.position, f"the catalogue has no indicator {operand.name}")
    if not indicator.is_answered:
        raise RuleError(rule_id, column, operand.position, f"{operand.name} is a heading and has no figure")
    if operand.kind == "documents_cited":
        return "Văn bản"
    if operand.kind == "dossiers_cited":
        return "Hồ sơ"
    if operand.kind == "ratio_denominator_cited":
        return None
    if operand.kind == "ratio_cited":
        if indicator.value_type != "percent" or term.coefficient != Decimal(100):
            raise RuleError(rule_id, column, operand.position, "a cited ratio is written 100 * ratio_cited(a percent)")
        return "%"
    if indicator.value_type == "percent":
        return "%"
    unit = _count(indicator)
    if unit is None and is_counted:
        raise RuleError(
            rule_id, column, operand.position, f"{operand.name} is a {indicator.value_type} and counts nothing"
        )
    return unit


def _count(indicator: Indicator | None) -> str | None:
    if indicator is None or indicator.value_type != "count":
        return None
    return _SAME_UNIT.get(indicator.unit, indicator.unit)
