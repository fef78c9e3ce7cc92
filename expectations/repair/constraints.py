"""The compiled error rules as constraints over slots: what error localisation has to satisfy.

Read from the typed rules alone, so that a new row of the rule table is understood without new code. What lies outside of one
submission, or is chosen by documents, is no constraint here; every proposal is judged by the compiled rules in the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from expectations.catalogue import Catalogue
from expectations.expression import Operand, Range, Sum
from expectations.repair.form import Form, Slot
from expectations.rules import Rule

_ASPECTS = {"value": "value", "ratio_denominator_cited": "denominator", "dossiers_cited": "numerator"}


@dataclass(frozen=True, slots=True)
class Addend:
    """``coefficient × slot``; a constant without a slot."""

    coefficient: Decimal
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Relation:
    """``left operator right`` within ``tolerance``; ``is_zero_filled``: a blank addend of several counts as 0."""

    rule_id: str
    left: tuple[Addend, ...]
    operator: Literal["<=", "="]
    right: tuple[Addend, ...]
    tolerance: Decimal
    is_zero_filled: bool = False
    is_both_or_none: bool = False

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(addend.slot for addend in (*self.left, *self.right) if addend.slot)


@dataclass(frozen=True, slots=True)
class Quotient:
    """``figure = coefficient × numerator / denominator`` within ``tolerance``, cross-multiplied."""

    rule_id: str
    figure: tuple[Addend, ...]
    coefficient: Decimal
    numerator: Slot
    denominator: Slot
    tolerance: Decimal

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (*(addend.slot for addend in self.figure if addend.slot), self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Presence:
    """``subject`` must be there where ``condition`` is above 0, or must not be there where it is 0."""

    rule_id: str
    subject: Slot
    operator: Literal["present_if", "absent_if_zero"]
    condition: Slot

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (self.subject, self.condition)


Constraint = Relation | Quotient | Presence


def constraints_of(rules: Iterable[Rule], catalogue: Catalogue) -> tuple[Constraint, ...]:
    """Every error rule that one submission answers and that is made of figures and cited ratios."""
    found: list[Constraint] = []
    for rule in rules:
        if rule.severity == "error" and rule.kind == "one submission":
            found += _constraints(rule, catalogue)
    return tuple(found)


def _constraints(rule: Rule, catalogue: Catalogue) -> list[Constraint]:
    if rule.operator == "between" and isinstance(rule.right, Range):
        return _bounds(rule, rule.right, catalogue)
    if not isinstance(rule.left, Sum) or not isinstance(rule.right, Sum):
        return []
    if rule.operator in ("present_if", "absent_if_zero"):
        subject, condition = (Slot(side.operands[0].name) for side in (rule.left, rule.right))
        return [Presence(rule.rule_id, subject, rule.operator, condition)]  # type: ignore[arg-type]
    if rule.operator not in ("<=", "="):
        return []
    for ratio, other in ((rule.left.ratio, rule.right), (rule.right.ratio, rule.left)):
        if ratio and ratio.operand:
            figure = _addends(other)
            code = ratio.operand.name
            return (
                []
                if figure is None
                else [
                    Quotient(
                        rule.rule_id,
                        figure,
                        ratio.coefficient,
                        Slot(code, "numerator"),
                        Slot(code, "denominator"),
                        rule.tolerance,
                    )
                ]
            )
    left, right = _addends(rule.left), _addends(rule.right)
    if left is None or right is None:
        return []
    return [
        Relation(
            rule.rule_id,
            left,
            rule.operator,  # type: ignore[arg-type]
            right,
            rule.tolerance,
            is_zero_filled=rule.on_missing in ("zero_addends", "zero_right_side_required"),
            is_both_or_none=rule.on_missing == "violate_if_one",
        )
    ]


def _bounds(rule: Rule, limits: Range, catalogue: Catalogue) -> list[Constraint]:
    """Closed shares between both ends; shares against a plan only above the lower one."""
    high, low = (Addend(end, None) for end in (limits.high, limits.low))
    found: list[Constraint] = []
    for code in (*catalogue.closed_percents, *catalogue.plan_percents):
        share = Addend(Decimal(1), Slot(code))
        found.append(Relation(rule.rule_id, (low,), "<=", (share,), rule.tolerance))
        if code in catalogue.closed_percents:
            found.append(Relation(rule.rule_id, (share,), "<=", (high,), rule.tolerance))
    return found


def _addends(side: Sum) -> tuple[Addend, ...] | None:
    """None where the side takes anything but figures and parts of cited ratios."""
    addends = []
    for term in side.terms:
        if term.operand is not None and term.operand.kind not in _ASPECTS:
            return None
        addends.append(Addend(term.coefficient, _slot(term.operand)))
    return tuple(addends)


def _slot(operand: Operand | None) -> Slot | None:
    return None if operand is None else Slot(operand.name, _ASPECTS[operand.kind])  # type: ignore[arg-type]


def neighbourhood(constraints: tuple[Constraint, ...], form: Form) -> set[Slot]:
    """The slots that a repair may touch: those of the broken rules, and all that hang together with them by other rules
    which they take part in."""
    reached = {slot for constraint in constraints if constraint.rule_id in form.failed for slot in constraint.slots}
    reached |= {slot for constraint in constraints if reached & set(constraint.slots) for slot in constraint.slots}
    return reached
