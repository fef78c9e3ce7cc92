"""A rule as a formula for the data validation of the workbook template: true where the figures may stay as they are.

Only rules over figures of one form have one: what a note cites, other reports and systems of record are not in reach of a
cell's formula. Excel counts in binary fractions, so that both sides are rounded to the six decimals that are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from expectations.catalogue import Catalogue
from expectations.expression import Operand, Range, Sum, Term
from expectations.rules import Rule
from expectations.sql import as_sum, plain

CellOf = Callable[[str], str]

#: Decimals that the warehouse keeps of a figure.
DECIMALS = 6


def excel_validation(rule: Rule, cell_of: CellOf, catalogue: Catalogue) -> str | None:
    """The formula, without a leading ``=``; ``cell_of`` gives the address of a line's figure (``$D$60``). None for a rule
    that no formula over the form's figures can tell. A cell that holds no number is a blank one, or an unread one where
    it holds text: as in the gate's SQL, the formula is false exactly where the rule fails."""
    if rule.operator == "between":
        return _between(rule, cell_of, catalogue)
    if not isinstance(rule.left, Sum) or not isinstance(rule.right, Sum):
        return None
    left, right = as_sum(rule.left), as_sum(rule.right)
    if any(operand.kind != "value" for side in (left, right) for operand in side.operands):
        return None
    if rule.operator in ("present_if", "absent_if_zero"):
        return _presence(rule, cell_of)
    is_zero_filled = rule.on_missing in ("zero_addends", "zero_right_side_required")
    here = [_present(side, cell_of, is_zero_filled=is_zero_filled) for side in (left, right)]
    totals = [_total(side, cell_of) for side in (left, right)]
    difference = f"ROUND({totals[0]}-({totals[1]}),{DECIMALS})"
    tolerance = plain(rule.tolerance)
    holds = f"{difference}<={tolerance}" if rule.operator == "<=" else f"ABS({difference})<={tolerance}"
    if rule.on_missing == "violate_if_one":
        one, other = (cell_of(side.operands[0].name) for side in (left, right))
        alone = f"OR(AND({here[0]},ISBLANK({other})),AND({here[1]},ISBLANK({one})))"
        return f"IF(AND({here[0]},{here[1]}),{holds},NOT({alone}))"
    return f"IF(AND({here[0]},{here[1]}),{holds},TRUE)"


def _between(rule: Rule, cell_of: CellOf, catalogue: Catalogue) -> str:
    """Every share within the range: those against a plan too, which only warn above it."""
    cells = [cell_of(code) for code in (*catalogue.closed_percents, *catalogue.plan_percents)]
    return f"AND({','.join(share_validation(rule, cell) for cell in cells)})"


def share_validation(rule: Rule, cell: str) -> str:
    """The formula of a rule on shares ("between") for one share's cell."""
    limits = rule.right
    assert isinstance(limits, Range)  # noqa: S101 - rules.py checked the shape
    low, high = plain(limits.low - rule.tolerance), plain(limits.high + rule.tolerance)
    return f"IF(ISNUMBER({cell}),AND({cell}>={low},{cell}<={high}),TRUE)"


def _presence(rule: Rule, cell_of: CellOf) -> str:
    subject, condition = (cell_of(as_sum(side).operands[0].name) for side in (rule.left, rule.right))
    if rule.operator == "present_if":
        return f"IF(ISNUMBER({condition}),IF({condition}>0,NOT(ISBLANK({subject})),TRUE),TRUE)"
    return f"IF(ISNUMBER({condition}),IF({condition}=0,NOT(ISNUMBER({subject})),TRUE),TRUE)"


def _present(side: Sum, cell_of: CellOf, *, is_zero_filled: bool) -> str:
    tests = [f"ISNUMBER({cell_of(operand.name)})" for operand in side.operands]
    if not tests:
        return "TRUE"
    if len(tests) == 1:
        return tests[0]
    return f"{'OR' if is_zero_filled else 'AND'}({','.join(tests)})"


def _total(side: Sum, cell_of: CellOf) -> str:
    return "+".join(_figure(term, cell_of) for term in side.terms).replace("+-", "-")


def _figure(term: Term, cell_of: CellOf) -> str:
    """A term as a figure; a blank cell, or one with text, counts nothing where the rule is looked at all the same."""
    if term.operand is None:
        return plain(term.coefficient)
    figure = _number(term.operand, cell_of)
    return figure if term.coefficient == Decimal(1) else f"{plain(term.coefficient)}*{figure}"


def _number(operand: Operand, cell_of: CellOf) -> str:
    return f"N({cell_of(operand.name)})"
