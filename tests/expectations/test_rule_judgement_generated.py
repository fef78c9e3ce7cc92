"""The compiled SQL against a second, independent judge on generated forms."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from expectations.catalogue import RuleRow
from tests.expectations.gate_judging import Form, bench, bench_of, rows_of_the_table
from tests.expectations.gate_warehouses import Cell

BENCH = bench()
SHARES = bench_of(left="closed percents with a known denominator", operator="integral", right="k / N")
ROWS = rows_of_the_table()
RELATIONS = {
    compiled.rule.rule_id: ROWS[compiled.rule.rule_id]
    for compiled in BENCH.book.compiled
    if compiled.rule.operator not in ("between", "integral") and compiled.rule.kind == "one submission"
}
CODES = sorted({column.code for compiled in BENCH.book.compiled for column in compiled.columns if column.is_own})
TERM = re.compile(r"(?:(?P<number>[0-9.]+)(?: \* |$))?(?:(?P<function>\w+)\()?(?P<code>[IV]+\.[0-9a-z.]+)?\)?$")

FIGURES = st.one_of(
    st.none(),
    st.integers(0, 4).map(Decimal),
    st.decimals(0, 110, places=2, allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal("0.000001"), Decimal("100.05"), Decimal("99999999999999")]),
)
CELLS = st.builds(
    Cell,
    FIGURES,
    ratio=st.one_of(st.none(), st.tuples(st.integers(0, 9), st.integers(0, 9))),
    documents=st.integers(0, 3),
    status=st.sampled_from([None, None, None, "doubtful"]),
)
FORMS = st.lists(st.dictionaries(st.sampled_from(CODES), CELLS, min_size=5), min_size=1, max_size=6)


def side(text: str, form: Form, *, is_zero_filled: bool) -> tuple[Fraction | None, int]:
    """(the side's figure or None, how many operands it has)."""
    total, operands, there = Fraction(0), 0, 0
    for part in text.split(" + "):
        match = TERM.fullmatch(part)
        assert match, part
        number = Fraction(match["number"] or "1")
        if not match["code"]:
            total += number
            continue
        operands += 1
        cell = form.get(match["code"], Cell())
        assert isinstance(cell, Cell)
        figure = operand(match["function"], cell)
        if figure is not None:
            there += 1
            total += number * figure
    if operands == there or (is_zero_filled and operands > 1 and there):
        return total, operands
    return None, operands


def operand(function: str | None, cell: Cell) -> Fraction | None:
    if function is None:
        return None if cell.value is None else Fraction(cell.value)
    if function == "documents_cited":
        return Fraction(cell.documents) if cell.documents else None
    if cell.ratio is None or Fraction(cell.ratio[1]) == 0:
        return None
    numerator, denominator = (Fraction(part) for part in cell.ratio)
    return {
        "ratio_cited": numerator / denominator,
        "ratio_denominator_cited": denominator,
        "dossiers_cited": numerator,
    }[function]


def expected(row: RuleRow, form: Form) -> str:
    zero = row.on_missing.startswith("zero")
    left, _ = side(row.left, form, is_zero_filled=zero)
    right, _ = side(row.right, form, is_zero_filled=zero)
    subject = form.get(row.left, Cell())
    is_unread = isinstance(subject, Cell) and subject.status == "doubtful" and left is None
    if row.operator in ("present_if", "absent_if_zero"):
        if right is None:
            return "not_evaluated"
        if (right <= 0) if row.operator == "present_if" else (right != 0):
            return "passed"
        if left is None and is_unread:
            return "not_evaluated"
        return "passed" if (left is not None) == (row.operator == "present_if") else "failed"
    if left is not None and right is not None:
        tolerance = Fraction(row.tolerance)
        holds = left <= right + tolerance if row.operator == "<=" else abs(left - right) <= tolerance
        return "passed" if holds else "failed"
    if row.on_missing == "violate_if_one" and (left is None) != (right is None):
        other = form.get(row.left if left is None else row.right, Cell())
        return "not_evaluated" if isinstance(other, Cell) and other.status == "doubtful" else "failed"
    return "not_evaluated"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(FORMS)
def test_sql_and_a_second_judge_agree_on_every_relation(forms: list[Form]) -> None:
    for form, judged in zip(forms, BENCH.outcomes(forms), strict=True):
        assert {rule_id: judged[rule_id] for rule_id in RELATIONS} == {
            rule_id: expected(row, form) for rule_id, row in RELATIONS.items()
        }


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 400), st.integers(0, 6)), min_size=5, max_size=40))
def test_every_share_made_of_whole_numbers_is_possible(cases: list[tuple[int, int, int]]) -> None:
    forms: list[Form] = []
    for total, count, decimals in cases:
        share = round(Decimal(100 * min(count, total)) / Decimal(total), decimals)
        forms.append({"VII.1.1": total, "VII.1.1.b": Cell(share, text=f"{share:f}".replace(".", ","))})
    assert {judged["X"] for judged in SHARES.outcomes(forms)} == {"passed"}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.decimals(0, 100, places=2, allow_nan=False, allow_infinity=False)),
        min_size=5,
        max_size=40,
    )
)
def test_sql_and_trying_every_count_agree_on_which_shares_are_possible(cases: list[tuple[int, Decimal]]) -> None:
    forms: list[Form] = [
        {"VII.1.1": total, "VII.1.1.b": Cell(share, text=f"{share:.2f}".replace(".", ","))} for total, share in cases
    ]
    for (total, share), judged in zip(cases, SHARES.outcomes(forms), strict=True):
        is_possible = any(
            abs(Fraction(100 * count, total) - Fraction(share)) <= Fraction(1, 200) for count in range(total + 1)
        )
        assert (judged["X"] == "passed") == is_possible
