"""The rule table, typed: every row parsed and checked against the catalogue before anything runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, cast

from expectations.catalogue import Catalogue, RuleRow
from expectations.errors import RuleError
from expectations.expression import Condition, Deviation, Range, Selection, Share, Side, Sum
from expectations.grammar import parse_side
from expectations.units import check_units

Severity = Literal["error", "warning"]
Operator = Literal[
    "<=",
    "=",
    "present_if",
    "absent_if_zero",
    "between",
    "integral",
    "within",
    "differs",
    "dated",
    "ordered",
    "registered",
    "near",
    "per_day_near",
    "round",
]
OnMissing = Literal["skip", "zero_addends", "violate_if_one", "zero_right_side_required"]
#: What a rule needs besides one submission.
Kind = Literal["one submission", "source", "across periods", "documents", "statistics"]

_SEVERITIES = ("error", "warning")
_MODES = ("skip", "zero_addends", "violate_if_one", "zero_right_side_required")

#: operator -> what stands left and right of it
_SHAPES: dict[Operator, tuple[type[Side], type[Side]]] = {
    "<=": (Sum, Sum),
    "=": (Sum, Sum),
    "present_if": (Sum, Sum),
    "absent_if_zero": (Sum, Sum),
    "between": (Selection, Range),
    "integral": (Selection, Condition),
    "within": (Selection, Range),
    "differs": (Selection, Condition),
    "dated": (Selection, Condition),
    "ordered": (Selection, Condition),
    "registered": (Selection, Condition),
    "near": (Selection, Deviation),
    "per_day_near": (Selection, Deviation),
    "round": (Selection, Share),
}
_SHAPE_WORDS: dict[type[Side], str] = {
    Sum: "figures",
    Range: "a range",
    Selection: "a selection of lines or documents",
    Deviation: "a number of deviations",
    Share: "a share of figures",
    Condition: "a condition in words",
}

PREVIOUS_FORM = "previous submission of the agency"
OTHER_FORMS = "any report of another agency"

#: operator -> what may be selected left of it, and what the words right of it may be (none: numbers stand there)
_SELECTIONS: dict[Operator, tuple[str, tuple[str, ...]]] = {
    "between": ("closed percents", ()),
    "integral": ("closed percents with a known denominator", ("k / N",)),
    "within": ("stock indicators", ()),
    "differs": ("all indicators", (PREVIOUS_FORM, OTHER_FORMS)),
    "dated": ("documents", ("within the period's year or stated otherwise",)),
    "ordered": ("documents", ("number rises with date within issuer and book and year",)),
    "registered": ("documents", ("in the register that holds most of the issuer's documents",)),
    "near": ("closed percents", ()),
    "per_day_near": ("flow indicators", ()),
    "round": ("all indicators", ()),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that makes sense: sides parsed, codes known, units agreeing. ``tolerance`` is exact and inclusive."""

    rule_id: str
    severity: Severity
    left: Side
    operator: Operator
    right: Side
    tolerance: Decimal
    on_missing: OnMissing
    message_en: str
    message_vi: str
    kind: Kind


def type_rules(rows: tuple[RuleRow, ...], catalogue: Catalogue) -> tuple[Rule, ...]:
    """Every row as a rule; ``RuleError`` with the rule's id, column and character for the first that makes no sense."""
    for rule_id, count in Counter(row.rule_id for row in rows).items():
        if count > 1:
            raise RuleError(rule_id, "rule_id", 1, f"stands {count} times in the rule table")
    return tuple(type_rule(row, catalogue) for row in rows)


def type_rule(row: RuleRow, catalogue: Catalogue) -> Rule:
    """One row as a rule; raises ``RuleError``."""
    if row.severity not in _SEVERITIES:
        raise RuleError(row.rule_id, "severity", 1, f"{row.severity!r} is neither error nor warning")
    if row.operator not in _SHAPES:
        raise RuleError(row.rule_id, "operator", 1, f"unknown operator {row.operator!r}")
    if row.on_missing not in _MODES:
        raise RuleError(row.rule_id, "on_missing", 1, f"unknown word {row.on_missing!r}")
    rule = Rule(
        rule_id=row.rule_id,
        severity=cast("Severity", row.severity),
        left=(left := parse_side(row.left, rule_id=row.rule_id, column="left")),
        operator=cast("Operator", row.operator),
        right=(right := parse_side(row.right, rule_id=row.rule_id, column="right")),
        tolerance=_tolerance(row),
        on_missing=cast("OnMissing", row.on_missing),
        message_en=row.message_en,
        message_vi=row.message_vi,
        kind=_kind(left, right),
    )
    _check_shape(rule)
    _check_on_missing(rule)
    check_units(rule.rule_id, rule.operator, rule.left, rule.right, catalogue)
    return rule


def _tolerance(row: RuleRow) -> Decimal:
    try:
        tolerance = Decimal(row.tolerance or "0")
    except InvalidOperation as error:
        raise RuleError(row.rule_id, "tolerance", 1, f"{row.tolerance!r} is no decimal number") from error
    if not tolerance.is_finite() or tolerance < 0:
        raise RuleError(row.rule_id, "tolerance", 1, f"{row.tolerance!r} is no tolerance")
    return tolerance.normalize() if tolerance else Decimal(0)


def _kind(left: Side, right: Side) -> Kind:
    if isinstance(right, Deviation | Share) or right == Condition(OTHER_FORMS):
        return "statistics"
    kinds = {operand.kind for side in (left, right) if isinstance(side, Sum) for operand in side.operands}
    if "source" in kinds:
        return "source"
    if kinds & {"previous", "flow"}:
        return "across periods"
    if isinstance(left, Selection):
        if left.group in ("stock indicators", "all indicators"):
            return "across periods"
        if left.group == "documents":
            return "documents"
    return "one submission"


def _check_shape(rule: Rule) -> None:
    for column, side, expected in zip(("left", "right"), (rule.left, rule.right), _SHAPES[rule.operator], strict=True):
        if not isinstance(side, expected):
            raise RuleError(
                rule.rule_id,
                column,
                1,
                f"{rule.operator!r} needs {_SHAPE_WORDS[expected]} here, not {_SHAPE_WORDS[type(side)]}",
            )
    if rule.operator in _SELECTIONS:
        group, words = _SELECTIONS[rule.operator]
        if isinstance(rule.left, Selection) and rule.left.group != group:
            raise RuleError(rule.rule_id, "left", 1, f"{rule.operator!r} speaks of {group}")
        if isinstance(rule.right, Condition) and rule.right.words not in words:
            raise RuleError(rule.rule_id, "right", 1, f"{rule.operator!r} is held against {' or '.join(words)!r}")
        if isinstance(rule.right, Range):
            if rule.right.low > rule.right.high:
                raise RuleError(rule.rule_id, "right", 1, "the range ends before it begins")
            if rule.right.of_last_year != (rule.operator == "within"):
                raise RuleError(
                    rule.rule_id, "right", 1, "only 'within' is held against last year's figures, and always"
                )
        if isinstance(rule.right, Deviation) and (rule.right.scale <= 0 or rule.right.minimum < 3):
            raise RuleError(rule.rule_id, "right", 1, "a median needs 3 others at least, and a scale above 0")
        return
    assert isinstance(rule.left, Sum) and isinstance(rule.right, Sum)  # noqa: S101 - _SHAPES said so above
    flows = {operand.kind == "flow" for side in (rule.left, rule.right) for operand in side.operands}
    if True in flows and (False in flows or rule.operator != "<="):
        raise RuleError(rule.rule_id, "left", 1, "flows of periods stand alone on both sides of '<='")
    ratios = [side for side in (rule.left, rule.right) if any(o.kind == "ratio_cited" for o in side.operands)]
    if ratios and (rule.operator != "=" or len(ratios) > 1 or any(side.ratio is None for side in ratios)):
        position = next(o.position for o in ratios[0].operands if o.kind == "ratio_cited")
        column = "left" if ratios[0] is rule.left else "right"
        raise RuleError(rule.rule_id, column, position, "a cited ratio stands alone on one side of '='")
    if rule.operator in ("present_if", "absent_if_zero"):
        for column, side in (("left", rule.left), ("right", rule.right)):
            if len(side.terms) > 1 or side.terms[0].coefficient != 1 or [o.kind for o in side.operands] != ["value"]:
                raise RuleError(rule.rule_id, column, 1, f"{rule.operator!r} needs one line's figure here")


def _check_on_missing(rule: Rule) -> None:
    sums = [side for side in (rule.left, rule.right) if isinstance(side, Sum)]
    has_addends = any(len(side.operands) > 1 for side in sums)
    if rule.on_missing in ("zero_addends", "zero_right_side_required") and not has_addends:
        raise RuleError(rule.rule_id, "on_missing", 1, f"{rule.on_missing!r} needs a sum")
    if rule.on_missing == "violate_if_one" and (
        rule.operator not in ("=", "<=") or [len(side.operands) for side in sums] != [1, 1]
    ):
        raise RuleError(rule.rule_id, "on_missing", 1, "'violate_if_one' needs one figure on either side")
