"""The template refuses, in Vietnamese, what the gate would fail, and still reads back."""

from __future__ import annotations

import io
import warnings
from decimal import Decimal
from functools import cache
from typing import Any

import hypothesis.strategies as st
import numpy as np
import openpyxl
from hypothesis import HealthCheck, given, settings
from openpyxl.worksheet.worksheet import Worksheet
from schedula import EMPTY

from cchc.template import official_form
from ingestion.forms.reader import read_bytes
from ingestion.forms.template import Recorded
from ingestion.reference import load_catalogue
from tests.expectations.gate_judging import Form, bench
from tests.expectations.gate_warehouses import SEEDS, Cell

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library's own code, not ours
    import formulas

CATALOGUE = load_catalogue(SEEDS)
STC = next(agency for agency in CATALOGUE.agencies if agency.code == "H51.03")
BENCH = bench()


@cache
def form_bytes() -> bytes:
    return official_form(STC, "2022", CATALOGUE, seeds=SEEDS)


@cache
def sheet() -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(form_bytes())).worksheets[0]


@cache
def cell_of() -> dict[str, str]:
    first = next(row for row in range(1, 20) if sheet().cell(row, 1).value == "I")
    return {row.code: f"D{at}" for at, row in enumerate(CATALOGUE.rows, first)}


@cache
def compiled(formula: str) -> Any:
    return formulas.Parser().ast(f"={formula}")[1].compile()


def holds(formula: str, figures: dict[str, Cell]) -> bool:
    """The formula over a filled form, as another library understands it."""
    by_cell = {cell_of()[code]: cell for code, cell in figures.items()}
    made = compiled(formula.replace("$", ""))
    values = [
        float(cell.value) if (cell := by_cell.get(str(address).replace("$", ""))) and cell.value is not None else EMPTY
        for address in made.inputs
    ]
    return bool(np.asarray(made(*values)).flat[0])


@cache
def colours() -> tuple[tuple[frozenset[str], str, str], ...]:
    """The cells of each conditional format, its formula and colour."""
    return tuple(
        (frozenset(str(found.sqref).split()), rule.formula[0], rule.dxf.fill.bgColor.rgb[-6:])
        for found in sheet().conditional_formatting
        for rule in found.rules
    )


def validation(code: str) -> Any:
    return next(one for one in sheet().data_validations.dataValidation if cell_of()[code] in str(one.sqref).split())


FIGURES = st.one_of(st.integers(0, 4).map(Decimal), st.decimals(0, 110, places=1, allow_nan=False)).map(Cell)
FORMS = st.dictionaries(
    st.sampled_from(
        ["III.6.1", "III.6.2", "III.2.3.a", "III.2.3.b", "III.2.3", "I.1.1", "I.1.2", "III.6.3", "V.4.1", "V.4.2"]
    ),
    FIGURES,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(FORMS)
def test_a_form_is_coloured_red_exactly_where_the_gate_would_hold_it_back(figures: Form) -> None:
    told = BENCH.judge([figures])[0]
    cells = {code: cell for code, cell in figures.items() if isinstance(cell, Cell)}
    is_red = any(colour == "FFC7CE" and holds(formula, cells) for _, formula, colour in colours())
    formulaic = [
        judged for rule_id, judged in told.items() if judged.severity == "error" and rule_id not in ("P-02", "III-07")
    ]
    assert is_red == any(judged.outcome == "failed" for judged in formulaic)


def test_an_entry_that_breaks_a_rule_is_refused_with_the_rules_own_sentence() -> None:
    check = validation("III.6.2")
    assert (check.type, check.errorStyle) == ("custom", "stop")
    assert "(III-06)" in check.error
    assert len(check.error) <= 225
    assert holds(check.formula1, {"III.6.1": Cell(529), "III.6.2": Cell(529)})
    assert not holds(check.formula1, {"III.6.1": Cell(529), "III.6.2": Cell(520)})
    assert not holds(check.formula1, {"III.6.1": Cell(529), "III.6.2": Cell("529.5")}), "the form's own check holds too"
    assert not holds(check.formula1, {"III.6.2": Cell(520)}), "the rule wants both"
    assert holds(validation("I.1.2").formula1, {"I.1.2": Cell(520)}), "nothing to contradict yet"


def test_a_figure_above_may_be_corrected_without_being_stopped_and_both_are_coloured() -> None:
    assert validation("III.6.1").type == "whole"
    both = {cell_of()["III.6.1"], cell_of()["III.6.2"]}
    unequal = {"III.6.1": Cell(529), "III.6.2": Cell(520)}
    assert any(both <= cells and holds(formula, unequal) for cells, formula, _ in colours())


def test_a_rule_that_only_warns_asks_and_a_share_above_100_is_refused() -> None:
    assert validation("V.4.2").errorStyle == "warning"
    share = validation("III.6.3")
    assert share.errorStyle == "stop"
    assert not holds(share.formula1, {"III.6.3": Cell("100.5")})
    assert holds(share.formula1, {"III.6.3": Cell("99.89")})


def test_lists_of_answers_stay_and_no_cell_has_two_validations() -> None:
    assert validation("I.5.2").type == "list"
    cells = [cell for one in sheet().data_validations.dataValidation for cell in str(one.sqref).split()]
    assert len(cells) == len(set(cells))
    assert len(cells) == len([row for row in CATALOGUE.answered if row.value_type != "reference"])
    assert all(len(one.formula1) < 255 for one in sheet().data_validations.dataValidation)


def test_the_form_with_its_checks_reads_back_exactly() -> None:
    recorded = {"III.6.1": Recorded(Decimal(529)), "III.6.3": Recorded(Decimal("99.43"), "526/529 hồ sơ")}
    content = official_form(STC, "2022-H1", CATALOGUE, seeds=SEEDS, recorded=recorded)
    (reading,) = read_bytes("bieu.xlsx", content, CATALOGUE)
    assert (reading.form.agency_code, reading.form.period_code, reading.form.problems) == ("H51.03", "2022-H1", ())
    assert {line.code: line.value for line in reading.form.lines if line.value is not None} == {
        "III.6.1": 529,
        "III.6.3": Decimal("99.43"),
    }
