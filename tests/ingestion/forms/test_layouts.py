"""Whatever the layout, every cell reads back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingestion.forms.reader import read_bytes
from ingestion.reference import Catalogue
from tests.ingestion.forms.form_files import write
from tests.ingestion.forms.form_layouts import Answers, Layout, answers, layouts

DEFECTS = {
    "columns moved": Layout(columns=("label", "note", "unit", "value")),
    "columns inserted": Layout(columns=("", "number", "label", "unit", "", "value", "note")),
    "high title block": Layout(title_height=18),
    "no head": Layout(head="none"),
    "sections without numerals": Layout(has_section_numerals=False),
    "rows added": Layout(extra_rows=6),
    "rows missing": Layout(missing_rows=8),
    "form on the third sheet": Layout(sheet="third"),
    "hidden copy": Layout(sheet="beside_hidden_copy"),
    "labels reworded": Layout(label="reworded"),
    "labels with other words": Layout(label="synonyms"),
    "labels with words dropped": Layout(label="words_dropped"),
    "labels with typing errors": Layout(label="typos"),
    "labels numbered in their own cell": Layout(label="numbered", columns=("label", "unit", "value", "note")),
    "units in the labels": Layout(label="unit_inside", columns=("number", "label", "value", "note")),
    "numbering lost": Layout(columns=("label", "unit", "value", "note"), has_section_numerals=False),
    "sections II and V swapped": Layout(order="II_and_V_swapped"),
    "sections I and IV swapped": Layout(order="I_and_IV_swapped"),
    "sections from last to first": Layout(order="reversed", missing_rows=6),
    "sections swapped and labels reworded": Layout(order="I_and_IV_swapped", label="synonyms", has_blank_rows=True),
    "no head and a first label in two rows": Layout(head="none", label="two_rows", order="I_and_IV_swapped"),
    "blank rows between": Layout(has_blank_rows=True, missing_rows=8),
    "the plan before the figures": Layout(figures="plan_first"),
    "the plan after the figures": Layout(figures="plan_last"),
    "last year before this year": Layout(figures="last_year_first"),
    "last year after this year": Layout(figures="last_year_last"),
    "the previous period beside this one": Layout(figures="previous_period", head="one_row"),
    "figures merged over two columns": Layout(
        merges="figure_over_two_columns", columns=("number", "label", "unit", "value", "", "note")
    ),
    "labels in two lines": Layout(label="two_lines"),
    "labels in two rows": Layout(label="two_rows"),
    "labels in two cells": Layout(label="two_cells", columns=("number", "label", "label_2", "unit", "value", "note")),
    "without diacritics": Layout(letters="bare"),
    "decomposed letters": Layout(letters="nfd"),
    "TCVN3 font": Layout(letters="tcvn3"),
    "VNI font": Layout(letters="vni"),
    "figures as text": Layout(figures_as_text=True),
    "percent as a fraction": Layout(percent="format"),
    "percent with its sign": Layout(percent="text_with_sign"),
    "percent as a fraction without a format": Layout(percent="fraction"),
    "item numbers merged down": Layout(merges="numbers_down"),
    "units merged down": Layout(merges="units_down"),
    "lines merged over two rows": Layout(merges="lines_over_two_rows"),
    "figure beside the second row of a label": Layout(label="two_rows_figure_below"),
    "old Excel": Layout(container="xls", merges="titles"),
    "old Excel, lines merged over two rows": Layout(container="xls", merges="lines_over_two_rows", percent="format"),
    "open document": Layout(container="ods", merges="titles"),
    "open document, lines merged over two rows": Layout(
        container="ods", merges="lines_over_two_rows", percent="format"
    ),
    "Word table": Layout(container="docx", percent="text", figures_as_text=True),
    "CSV": Layout(container="csv", percent="text", figures_as_text=True),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_every_cell_reads_back_from_a_form_with(defect: str, catalogue: Catalogue) -> None:
    check(DEFECTS[defect], answers(7, catalogue), catalogue)


def check(layout: Layout, said: Answers, catalogue: Catalogue) -> None:
    name, content, skipped = write(layout, said, catalogue)
    (reading,) = read_bytes(name, content, catalogue)
    form = reading.form
    wrong = {}
    for line in form.lines:
        expected = None if line.code in skipped else said.values.get(line.code)
        if line.value != expected or (line.value is not None and line.status != "reported"):
            wrong[line.code] = (line.value, line.status, line.text, expected)
    assert not wrong
    if layout.letters in ("nfc", "nfd"):
        noted = {line.code: line.note for line in form.lines if line.note}
        assert noted == {code: note for code, note in said.notes.items() if code not in skipped}
    assert (form.agency_code, form.period_code, form.document_number) == ("H51.05", "2021-H1", "321/BC-STP")


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(layout=layouts(), seed=st.integers(0, 2**32))
def test_every_cell_of_every_layout_reads_back(layout: Layout, seed: int, catalogue: Catalogue) -> None:
    check(layout, answers(seed, catalogue), catalogue)
