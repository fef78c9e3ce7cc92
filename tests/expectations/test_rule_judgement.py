from decimal import Decimal

import pytest

from tests.expectations.gate_judging import bench, bench_of, outcome_of
from tests.expectations.gate_warehouses import Cell

BOUNDS = bench_of(left="closed percents", operator="between", right="0 .. 100")
SHARES = bench_of(left="closed percents with a known denominator", operator="integral", right="k / N")
UNREAD = Cell(None, text="xem phụ lục", status="unreadable")

#: What the Department of Finance of Sóc Trăng reported for 2021 (5686/BC-STC), as far as rules speak of it.
FINANCE_2021: dict[str, Cell | int | str] = {
    "I.1.1": 25, "I.1.2": 25, "I.3.1": Cell(100, note="8/8 nhiệm vụ", ratio=(8, 8)), "II.1": Cell(7, documents=7),
    "II.1.2": 7, "II.2.1": 26, "II.2.2": 26, "II.2.3": 26, "II.2.4": 0, "III.2.3": 29, "III.2.3.a": 29,
    "III.3.1": 29, "III.3.2": 11, "III.5.1": 25, "III.6.1": 529, "III.6.2": 529,
    "III.6.3": Cell(100, note="529/529", ratio=(529, 529)), "III.7.1": 29, "III.7.2": 11, "IV.1.6": 5,
    "IV.1.7": Cell("98.6", text="98.6"), "IV.2.1": 48, "IV.2.2": 48, "IV.5.1": 4, "IV.5.2": 14, "V.4.1": 14,
    "V.4.2": 40, "V.5.1": 6, "V.5.2": 6, "VI.2": 1, "VII.1.1": 6219, "VII.1.1.a": Cell("99.89", text="99,89"),
    "VII.2.1": 9, "VII.2.2": 2, "VII.2.4": Cell(100, note="529/529 hồ sơ", ratio=(529, 529)), "VII.3.1": 29,
    "VII.3.2": 2, "VII.3.3": 2, "VII.3.4": 9, "VII.3.5": 9,
}  # fmt: skip


def test_the_real_report_of_the_finance_department_fails_two_warnings_and_no_error() -> None:
    (judged,) = bench().judge([FINANCE_2021])
    failed = {rule_id: result for rule_id, result in judged.items() if result.outcome == "failed"}
    assert set(failed) == {"V-01", "VII-09"}
    assert {result.severity for result in failed.values()} == {"warning"}
    assert failed["V-01"].left_text == "V.4.2 = 40"
    assert failed["V-01"].right_text == "2 × V.4.1 = 2 × 14 = 28"
    assert (failed["VII-09"].left, failed["VII-09"].right) == (Decimal(538), Decimal(529))
    assert failed["VII-09"].left_text == "VII.3.4 + số hồ sơ nêu tại ghi chú VII.2.4 = 9 + 529 = 538"
    passed = {rule_id for rule_id, result in judged.items() if result.outcome == "passed"}
    assert {"III-06", "III-07", "III-11", "VII-07", "VII-08", "P-01", "P-02", "II-03", "I-04"} <= passed


def test_a_blank_form_breaks_no_rule() -> None:
    (judged,) = bench().judge([{}])
    assert {result.outcome for result in judged.values()} == {"not_evaluated"}


# on_missing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        ({"III.6.1": 5, "III.6.2": 5}, "passed"),
        ({"III.6.1": 5, "III.6.2": 6}, "failed"),
        ({"III.6.1": 5}, "not_evaluated"),
        ({"III.6.2": 5}, "not_evaluated"),
        ({"III.6.1": 0, "III.6.2": 0}, "passed"),
        ({"III.6.1": 0}, "not_evaluated"),
    ],
)
def test_skip_does_not_judge_a_blank_operand(form: dict[str, int], outcome: str) -> None:
    assert outcome_of(bench_of(), form) == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        ({"III.6.1": 5, "III.6.2": 5}, "passed"),
        ({"III.6.1": 5, "III.6.2": 6}, "failed"),
        ({"III.6.1": 5}, "failed"),
        ({"III.6.2": 0}, "failed"),
        ({"III.6.1": 5, "III.6.2": UNREAD}, "not_evaluated"),
        ({"III.6.1": UNREAD, "III.6.2": 5}, "not_evaluated"),
        ({}, "not_evaluated"),
    ],
)
def test_violate_if_one_fails_when_exactly_one_side_is_there(form: dict[str, Cell | int], outcome: str) -> None:
    assert outcome_of(bench_of(on_missing="violate_if_one"), form) == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["zero_addends", "zero_right_side_required"])
@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        ({"I.4.1": 9, "I.4.2": 5, "I.4.3": 4}, "passed"),
        ({"I.4.1": 9, "I.4.2": 5, "I.4.3": 5}, "failed"),
        ({"I.4.1": 5, "I.4.2": 5}, "passed"),
        ({"I.4.1": 4, "I.4.3": 5}, "failed"),
        ({"I.4.1": 4}, "not_evaluated"),
        ({"I.4.2": 5}, "not_evaluated"),
    ],
)
def test_a_blank_addend_counts_as_zero_when_another_is_there(mode: str, form: dict[str, int], outcome: str) -> None:
    rule = bench_of(left="I.4.2 + I.4.3", operator="<=", right="I.4.1", on_missing=mode)
    assert outcome_of(rule, form) == outcome  # type: ignore[arg-type]


# Operators -----------------------------------------------------------------------------------------


def test_a_tolerance_is_exact_and_its_end_is_inside() -> None:
    rule = bench_of(left="III.6.3", right="100 * ratio_cited(III.6.3)", tolerance="0.05")
    forms = [{"III.6.3": Cell(value, ratio=(1, 8))} for value in ("12.55", "12.45", "12.550001", "12.449999")]
    assert [judged["X"].outcome for judged in rule.judge(forms)] == ["passed", "passed", "failed", "failed"]  # type: ignore[arg-type]


def test_a_ratio_is_compared_without_rounding_it() -> None:
    rule = bench_of(left="III.6.3", right="100 * ratio_cited(III.6.3)", tolerance="0")
    forms = [{"III.6.3": Cell("66.666667", ratio=(2, 3))}, {"III.6.3": Cell("12.5", ratio=(1, 8))}]
    judged = [result["X"] for result in rule.judge(forms)]  # type: ignore[arg-type]
    assert [(result.outcome, result.right) for result in judged] == [
        ("failed", Decimal("66.666667")),
        ("passed", Decimal("12.5")),
    ]
    assert judged[0].right_text == "100 × tỷ lệ nêu tại ghi chú III.6.3 = 100 × 2/3 = 66,666667"


@pytest.mark.parametrize("ratio", [None, (0, 0), (5, 0)])
def test_without_a_ratio_of_something_there_is_nothing_to_compare(ratio: tuple[int, int] | None) -> None:
    rule = bench_of(left="III.6.3", right="100 * ratio_cited(III.6.3)")
    assert outcome_of(rule, {"III.6.3": Cell(50, ratio=ratio)}) == "not_evaluated"


def test_the_denominator_of_a_cited_ratio_can_be_compared() -> None:
    rule = bench_of(left="ratio_denominator_cited(III.6.3)", right="III.6.1")
    assert outcome_of(rule, {"III.6.1": 529, "III.6.3": Cell(100, ratio=(529, 529))}) == "passed"
    assert outcome_of(rule, {"III.6.1": 528, "III.6.3": Cell(100, ratio=(529, 529))}) == "failed"
    assert outcome_of(rule, {"III.6.1": 528, "III.6.3": 100}) == "not_evaluated"


def test_documents_are_counted_only_where_a_note_cites_some() -> None:
    rule = bench_of(left="II.1", right="documents_cited(II.1)")
    assert outcome_of(rule, {"II.1": Cell(7, documents=7)}) == "passed"
    assert outcome_of(rule, {"II.1": Cell(7, documents=6)}) == "failed"
    assert outcome_of(rule, {"II.1": Cell(7)}) == "not_evaluated"


@pytest.mark.parametrize(
    ("share", "cut", "outcome"),
    [
        (None, 5, "failed"),
        (50, 5, "passed"),
        (None, 0, "passed"),
        (50, None, "not_evaluated"),
        (UNREAD, 5, "not_evaluated"),
    ],
)
def test_present_if_asks_for_a_figure_where_the_other_is_above_zero(
    share: Cell | int | None, cut: int | None, outcome: str
) -> None:
    rule = bench_of(left="IV.1.7", operator="present_if", right="IV.1.6")
    form = {"IV.1.7": share if isinstance(share, Cell) else Cell(share), "IV.1.6": Cell(cut)}
    assert outcome_of(rule, form) == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("share", "procedures", "outcome"),
    [(12, 0, "failed"), (0, 0, "failed"), (None, 0, "passed"), (12, 3, "passed"), (12, None, "not_evaluated"),
     (UNREAD, 0, "not_evaluated")],
)  # fmt: skip
def test_absent_if_zero_refuses_a_figure_where_the_other_is_zero(
    share: Cell | int | None, procedures: int | None, outcome: str
) -> None:
    rule = bench_of(left="VII.2.3", operator="absent_if_zero", right="VII.2.1")
    form = {"VII.2.3": share if isinstance(share, Cell) else Cell(share), "VII.2.1": Cell(procedures)}
    assert outcome_of(rule, form) == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "outcome", "severity"),
    [
        ({"III.6.3": 100, "VII.1.1.a": 0}, "passed", "error"),
        ({"III.6.3": "100.01"}, "failed", "error"),
        ({"III.6.3": "-0.01"}, "failed", "error"),
        ({"IV.1.7": 120}, "failed", "warning"),
        ({"IV.1.7": -1}, "failed", "error"),
        ({"IV.1.7": 120, "III.6.3": 101}, "failed", "error"),
        ({"III.6.1": 500}, "not_evaluated", "error"),
    ],
)
def test_closed_shares_must_lie_within_bounds_and_plan_shares_are_only_warned_of(
    form: dict[str, int | str], outcome: str, severity: str
) -> None:
    judged = BOUNDS.judge([form])[0]["X"]  # type: ignore[list-item]
    assert (judged.outcome, judged.severity) == (outcome, severity)


def test_a_rule_over_many_lines_names_all_that_break_it() -> None:
    judged = BOUNDS.judge([{"IV.1.7": 120, "VII.2.3": 150, "III.6.3": 90}])[0]["X"]
    assert judged.left_text == "VII.2.3 = 150; IV.1.7 = 120"
    assert (judged.left, judged.right) == (Decimal(150), Decimal(100))
    assert judged.right_text == "từ 0 đến 100"


@pytest.mark.parametrize(
    ("total", "share", "text", "outcome"),
    [
        (6219, "99.89", "99,89", "passed"),  # 6212 of 6219
        (338, "95.84", "95,84", "failed"),  # 323 give 95,56, 324 give 95,86
        (529, "98.68", "98,68", "passed"),
        (529, "98.6", "98,60", "failed"),
        (529, "98.7", "98,7", "passed"),  # one decimal was reported
        (7, "14.2857", "14,2857", "passed"),
        (7, "14.286", "14.286 %", "passed"),
        (3, "66.67", "66,67", "passed"),
        (3, "66.66", "66,66", "failed"),
        (8, "12.5", "12,5", "passed"),
        (200, "0.5", "0,5", "passed"),
        (0, "50", "50", "not_evaluated"),
        (99999999999999, "33.33", "33,33", "passed"),
    ],
)
def test_a_share_must_come_from_a_whole_number_of_cases(total: int, share: str, text: str, outcome: str) -> None:
    assert outcome_of(SHARES, {"VII.1.1": total, "VII.1.1.b": Cell(share, text=text)}) == outcome


def test_a_share_that_no_count_gives_is_told_with_the_nearest_one() -> None:
    judged = SHARES.judge([{"III.6.1": 153, "III.6.3": Cell("98.52", text="98,52")}])[0]["X"]
    assert (judged.left_text, judged.right_text) == ("III.6.3 = 98,52", "III.6.1 = 153; gần nhất 151/153 = 98,69%")


def test_figures_too_large_for_any_report_are_judged_and_stop_nothing() -> None:
    huge = Cell(99999999999999, ratio=(99999999999999, 99999999999999), documents=3)
    (judged,) = bench().judge([dict.fromkeys(FINANCE_2021, huge)])
    assert judged["III-06"].outcome == "passed"
    assert judged["III-07"].outcome == "failed"
    assert judged["III-11"].outcome == "failed"
    assert judged["III-11"].right_text.endswith("= 99.999.999.999.999 + 99.999.999.999.999")


def test_sides_are_told_as_they_are_written_in_vietnam() -> None:
    judged = bench_of().judge([{"III.6.1": "1234567.5", "III.6.2": "-0.25"}, {"III.6.1": 3}])
    assert (judged[0]["X"].left_text, judged[0]["X"].right_text) == ("III.6.1 = 1.234.567,5", "III.6.2 = -0,25")
    assert judged[1]["X"].right_text == "III.6.2: không có số liệu"
