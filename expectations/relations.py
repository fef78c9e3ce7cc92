"""Rules over two sides, each a figure, a sum, a multiple or what a note cites."""

from __future__ import annotations

from expectations.expression import Sum
from expectations.rules import Rule
from expectations.sides import sum_text
from expectations.sql import (
    Column,
    CompiledRule,
    as_sum,
    column_names,
    columns_in,
    given_unread,
    literal,
    parts,
    quotient,
    raw,
)


def relation(rule: Rule) -> CompiledRule:
    left, right = as_sum(rule.left), as_sum(rule.right)
    is_zero_filled = rule.on_missing in ("zero_addends", "zero_right_side_required")
    here = [_present(side, is_zero_filled=is_zero_filled) for side in (left, right)]
    holds = _holds(rule, left, right, is_zero_filled=is_zero_filled)
    both = f"case when {holds} then 'passed' else 'failed' end"
    columns = {column for side in (left, right) for column in columns_in(side)}
    if rule.on_missing == "violate_if_one":
        columns |= {Column(o.name, "status") for side in (left, right) for o in side.operands if o.kind == "value"}
        outcome = (
            f"case when {here[0]} and {here[1]} then {both}"
            f" when ({here[0]} and not {given_unread(right)}) or ({here[1]} and not {given_unread(left)}) then 'failed'"
            " else 'not_evaluated' end"
        )
    else:
        outcome = f"case when {here[0]} and {here[1]} then {both} else 'not_evaluated' end"
    return CompiledRule(
        rule=rule,
        columns=frozenset(columns),
        outcome=outcome,
        severity=f"'{rule.severity}'",
        left_value=_value(left, here[0], is_zero_filled=is_zero_filled),
        right_value=_value(right, here[1], is_zero_filled=is_zero_filled),
        left_text=sum_text(left, column_names, _value(left, here[0], is_zero_filled=is_zero_filled)),
        right_text=sum_text(right, column_names, _value(right, here[1], is_zero_filled=is_zero_filled)),
    )


def _holds(rule: Rule, left: Sum, right: Sum, *, is_zero_filled: bool) -> str:
    tolerance = literal(rule.tolerance)
    for ratio, other in ((left.ratio, right), (right.ratio, left)):
        if ratio and ratio.operand:
            numerator, denominator = parts(ratio.operand)
            figure = _total(other, is_zero_filled=is_zero_filled)
            distance = f"abs({figure} * {denominator} - {literal(ratio.coefficient)} * {numerator})"
            # Only figures too large for 38 digits overflow here, and those are further apart than any tolerance.
            return f"coalesce(try({distance} <= {tolerance} * {denominator}), false)"
    left_total, right_total = (_total(side, is_zero_filled=is_zero_filled) for side in (left, right))
    if rule.operator == "<=":
        return f"{left_total} <= {right_total} + {tolerance}"
    return f"abs({left_total} - ({right_total})) <= {tolerance}"


def _present(side: Sum, *, is_zero_filled: bool) -> str:
    operands = [raw(operand) for operand in side.operands]
    if not operands:
        return "true"
    word = " or " if is_zero_filled and len(operands) > 1 else " and "
    return "(" + word.join(f"{operand} is not null" for operand in operands) + ")"


def _total(side: Sum, *, is_zero_filled: bool) -> str:
    """The side's figure; a blank addend is 0 where the rule says so and the side has other addends."""
    zero = is_zero_filled and len(side.operands) > 1
    parts: list[str] = []
    for term in side.terms:
        if term.operand is None:
            parts.append(literal(term.coefficient))
            continue
        column = raw(term.operand)
        figure = f"cast({f'coalesce({column}, 0)' if zero else column} as decimal(38, 6))"
        parts.append(figure if term.coefficient == 1 else f"{literal(term.coefficient)} * {figure}")
    return "(" + " + ".join(parts) + ")"


def _value(side: Sum, present: str, *, is_zero_filled: bool) -> str:
    if side.ratio and side.ratio.operand:
        numerator, denominator = parts(side.ratio.operand)
        return quotient(side.ratio.coefficient, numerator, denominator)
    return f"case when {present} then try_cast({_total(side, is_zero_filled=is_zero_filled)} as decimal(20, 6)) end"


# One line's presence against another's figure ------------------------------------------------------


def presence(rule: Rule) -> CompiledRule:
    left, right = as_sum(rule.left), as_sum(rule.right)
    subject, condition = left.operands[0], right.operands[0]
    given, figure = f"{raw(subject)} is not null", raw(condition)
    does_not_apply = f"{figure} <= 0" if rule.operator == "present_if" else f"{figure} <> 0"
    given_outcome, absent_outcome = ("passed", "failed") if rule.operator == "present_if" else ("failed", "passed")
    return CompiledRule(
        rule=rule,
        columns=frozenset({*columns_in(left), *columns_in(right), Column(subject.name, "status")}),
        outcome=(
            f"case when {figure} is null then 'not_evaluated' when {does_not_apply} then 'passed'"
            f" when {given} then '{given_outcome}'"
            f" when {given_unread(left)} then 'not_evaluated' else '{absent_outcome}' end"
        ),
        severity=f"'{rule.severity}'",
        left_value=raw(subject),
        right_value=figure,
        left_text=sum_text(left, column_names, raw(subject)),
        right_text=sum_text(right, column_names, figure),
    )
