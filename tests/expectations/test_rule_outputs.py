"""The three outputs of the one rule table agree: what the gate's SQL fails, the workbook's validation refuses, and the
sentences say with the same figures."""

from __future__ import annotations

import re
import warnings
from decimal import Decimal
from functools import cache
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from schedula import EMPTY

from expectations.catalogue import read_catalogue
from expectations.excel import excel_validation
from expectations.sentences import english, sentence
from tests.expectations.gate_judging import Form, Judged, bench, bench_of
from tests.expectations.gate_warehouses import SEEDS, Cell

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library's own code, not ours
    import formulas

BENCH = bench()
CATALOGUE = read_catalogue(SEEDS)
CODES = [indicator.code for indicator in CATALOGUE.indicators if indicator.is_answered]
CELL_OF = {code: f"D{row}" for row, code in enumerate(CODES, start=8)}
RULES = {compiled.rule.rule_id: compiled.rule for compiled in BENCH.book.compiled}
FORMULAS = {
    rule_id: formula
    for rule_id, rule in RULES.items()
    if (formula := excel_validation(rule, CELL_OF.__getitem__, CATALOGUE)) is not None
}
USED = sorted({code for code, cell in CELL_OF.items() if any(re.search(rf"\b{cell}\b", f) for f in FORMULAS.values())})
COMPILED = {rule_id: formulas.Parser().ast(f"={formula}")[1].compile() for rule_id, formula in FORMULAS.items()}

CELLS = st.one_of(
    st.builds(Cell, st.none()),
    st.builds(Cell, st.integers(0, 4).map(Decimal)),
    st.builds(Cell, st.decimals(0, 110, places=2, allow_nan=False, allow_infinity=False)),
    st.builds(Cell, st.none(), text=st.just("xem phụ lục"), status=st.just("unreadable")),
)
FORMS = st.lists(st.dictionaries(st.sampled_from(USED), CELLS, min_size=20), min_size=1, max_size=4)


def in_excel(rule_id: str, form: Form) -> bool:
    """Whether the workbook would take the form's figures, by another library's understanding of the formula."""
    by_cell = {CELL_OF[code]: cell for code, cell in form.items()}

    def content(address: str) -> Any:
        cell = by_cell.get(address, Cell())
        assert isinstance(cell, Cell)
        if cell.value is not None:
            return float(cell.value)
        return cell.text if cell.text is not None else EMPTY

    compiled = COMPILED[rule_id]
    answer = compiled(*[content(str(address)) for address in compiled.inputs])
    return bool(np.asarray(answer).flat[0])


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(FORMS)
def test_a_workbook_refuses_exactly_the_figures_that_the_gate_fails(forms: list[Form]) -> None:
    for form, outcomes in zip(forms, BENCH.outcomes(forms), strict=True):
        told = {rule_id: in_excel(rule_id, form) for rule_id in FORMULAS}
        assert told == {rule_id: outcomes[rule_id] != "failed" for rule_id in FORMULAS}


def test_the_relations_of_one_form_have_a_formula_and_others_have_none() -> None:
    assert len(FORMULAS) >= 40
    for rule_id in ("III-06", "I-03", "V-01", "P-01", "VII-08", "IV-06"):
        assert rule_id in FORMULAS
    for rule_id in ("II-03", "III-07", "S-01", "T-05", "P-02"):
        assert rule_id not in FORMULAS
    assert FORMULAS["I-01"] == (
        f"IF(AND(ISNUMBER({CELL_OF['I.1.2']}),ISNUMBER({CELL_OF['I.1.1']})),"
        f"ROUND(N({CELL_OF['I.1.2']})-(N({CELL_OF['I.1.1']})),6)<=0,TRUE)"
    )


def test_a_sum_with_a_subtraction_keeps_its_signs_in_the_formula() -> None:
    rule = bench_of(left="III.2.3", right="III.2.1 - III.2.2").book.compiled[0].rule
    formula = excel_validation(rule, CELL_OF.__getitem__, CATALOGUE)
    compiled = formulas.Parser().ast(f"={formula}")[1].compile()
    by_cell = {CELL_OF["III.2.3"]: 3.0, CELL_OF["III.2.1"]: 5.0, CELL_OF["III.2.2"]: 2.0}
    assert bool(np.asarray(compiled(*[by_cell[str(address)] for address in compiled.inputs])).flat[0])


@cache
def full_form() -> dict[str, Judged]:
    """A form with every figure and a ratio in every note, judged."""
    form: Form = {code: Cell(1234 + place, ratio=(7, 1500)) for place, code in enumerate(CODES)}
    return BENCH.judge([form])[0]


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_every_sentence_has_the_sides_figures_in_both_languages(rule_id: str) -> None:
    judged = full_form()[rule_id]
    vietnamese = sentence(RULES[rule_id], judged.left_text, judged.right_text, "vi")
    told = sentence(RULES[rule_id], judged.left_text, judged.right_text, "en")
    assert vietnamese.startswith(RULES[rule_id].message_vi)
    assert told.startswith(RULES[rule_id].message_en)
    assert judged.left_text in vietnamese and judged.right_text in vietnamese
    assert told.replace("×", "*").isascii(), told
    for side in (judged.left_text, judged.right_text):
        figures = [re.sub(r"[.,]", "", figure) for figure in re.findall(r"\d[\d.,]*", side)]
        assert [re.sub(r"[.,]", "", figure) for figure in re.findall(r"\d[\d.,]*", english(side))] == figures
        assert english(side) in told


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ("III.6.1 = 1.529", "III.6.1 = 1,529"),
        ("I.3.2 (6 tháng + quý III) = 12 + 5 = 17", "I.3.2 (six months + third quarter) = 12 + 5 = 17"),
        ("ghi chú I.3 nêu 578/KH-STC ngày 24/02/2020", "the note of I.3 cites 578/KH-STC of 24/02/2020"),
        ("từ 0,5 đến 2 lần năm trước 1.200", "from 0.5 to 2 times last year's 1,200"),
        ("các cơ quan cùng cấp thường từ 48,89 đến 100, trung vị 88,89",
         "agencies of the same level usually from 48.89 to 100, median 88.89"),
    ],
)  # fmt: skip
def test_a_side_reads_in_english_with_the_same_figures(side: str, said: str) -> None:
    assert english(side) == said
