"""Several forms in a file, lines of the same words, dates that were ratios, and layouts learnt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingestion.forms.labels import labels_of
from ingestion.forms.layouts import KnownLayouts
from ingestion.forms.reader import FormReading, read_bytes
from ingestion.reference import Catalogue
from tests.ingestion.forms.form_files import fill, saved, write
from tests.ingestion.forms.form_layouts import Answers, Layout, answers, layouts, table_of, title_of

PLAIN = Layout()
TWINS = ("I.2.3", "IV.6.3", "I.2.4", "IV.6.4", "IV.7.5", "IV.3.2", "IV.4.2", "IV.7.4")


def values_of(reading: FormReading) -> dict[str, Decimal]:
    return {line.code: line.value for line in reading.form.lines if line.value is not None}


def new_sheet() -> tuple[openpyxl.Workbook, openpyxl.worksheet.worksheet.Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    return book, sheet


def test_a_form_on_each_of_two_sheets_is_two_forms(catalogue: Catalogue) -> None:
    book, sheet = new_sheet()
    fill(sheet, title_of(PLAIN), table_of(PLAIN, answers(1, catalogue), catalogue))
    fill(book.create_sheet("Quý"), title_of(PLAIN), table_of(PLAIN, answers(2, catalogue), catalogue))
    first, second = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert (values_of(first), values_of(second)) == (answers(1, catalogue).values, answers(2, catalogue).values)
    assert second.locator == "bieu.xlsx#Quý"


def test_a_form_below_another_on_one_sheet_is_two_forms(catalogue: Catalogue) -> None:
    book, sheet = new_sheet()
    upper = table_of(PLAIN, answers(1, catalogue), catalogue)
    fill(sheet, title_of(PLAIN), upper)
    fill(sheet, title_of(PLAIN), table_of(PLAIN, answers(2, catalogue), catalogue), row=len(upper) + 10)
    first, second = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert (values_of(first), values_of(second)) == (answers(1, catalogue).values, answers(2, catalogue).values)


def test_two_forms_side_by_side_are_two_forms(catalogue: Catalogue) -> None:
    book, sheet = new_sheet()
    fill(sheet, title_of(PLAIN), table_of(PLAIN, answers(1, catalogue), catalogue))
    fill(sheet, title_of(PLAIN), table_of(PLAIN, answers(2, catalogue), catalogue), column=7)
    first, second = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert (values_of(first), values_of(second)) == (answers(1, catalogue).values, answers(2, catalogue).values)


def test_a_form_that_goes_on_beside_itself_is_one_form(catalogue: Catalogue) -> None:
    book, sheet = new_sheet()
    table = table_of(PLAIN, answers(1, catalogue), catalogue)
    fill(sheet, title_of(PLAIN), table[:82])
    fill(sheet, [""] * len(title_of(PLAIN)), [*table[:2], *table[82:]], column=7)
    (only,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert values_of(only) == answers(1, catalogue).values


@pytest.mark.parametrize("order", ["official", "I_and_IV_swapped", "II_and_V_swapped", "reversed"])
@pytest.mark.parametrize("lost", TWINS)
def test_lines_of_the_same_words_are_never_mixed_up(order: str, lost: str, catalogue: Catalogue) -> None:
    said = Answers({code: Decimal(100 + place) for place, code in enumerate(TWINS)}, {})
    layout = Layout(order=order, has_blank_rows=True)  # type: ignore[arg-type]
    table = table_of(layout, said, catalogue)
    table = [row for row in table if row[3] != float(said.values[lost])]
    book, sheet = new_sheet()
    fill(sheet, title_of(layout), table)
    (only,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert values_of(only) == {code: value for code, value in said.values.items() if code != lost}


def test_a_ratio_that_excel_took_for_a_date_is_restored_where_it_fits_the_share(catalogue: Catalogue) -> None:
    book, sheet = new_sheet()
    fill(sheet, title_of(PLAIN), table_of(PLAIN, Answers({"I.3.1": Decimal(100), "I.5.3": Decimal(50)}, {}), catalogue))
    rows = {sheet.cell(row, 2).value: row for row in range(1, sheet.max_row + 1)}
    for code, day in (("I.3.1", date(2021, 8, 8)), ("I.5.3", date(2021, 3, 9)), ("III.6.1", date(2021, 3, 9))):
        sheet.cell(rows[catalogue.by_code()[code].label_vi], 5 if code != "III.6.1" else 4).value = day
    (only,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    lines = {line.code: line for line in only.form.lines}
    ratio = lines["I.3.1"].ratio
    assert ratio is not None
    assert (ratio.numerator, ratio.denominator, lines["I.3.1"].note) == (8, 8, "8/8")
    assert lines["I.5.3"].ratio is None
    assert (lines["III.6.1"].value, lines["III.6.1"].status) == (None, "unreadable")
    codes = {problem.code for problem in only.form.problems}
    assert codes == {"ratio_restored", "note_turned_into_date", "value_unreadable"}


def test_figures_under_a_head_that_names_only_the_plan_are_doubtful(catalogue: Catalogue) -> None:
    book, sheet = new_sheet()
    table = table_of(Layout(head="one_row"), answers(1, catalogue), catalogue)
    table[0][3] = "Kế hoạch"
    fill(sheet, title_of(PLAIN), table)
    (only,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert {line.status for line in only.form.lines if line.value is not None} == {"doubtful"}


@settings(
    max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(layout=layouts(), seed=st.integers(0, 2**32))
def test_a_layout_learnt_reads_as_one_never_seen(layout: Layout, seed: int, catalogue: Catalogue) -> None:
    labels = labels_of(catalogue.rows)
    known = KnownLayouts(labels)
    name, before, _ = write(layout, answers(seed, catalogue), catalogue)
    name, content, _ = write(layout, answers(seed + 1, catalogue), catalogue)
    read_bytes(name, before, catalogue, layouts=known)
    learnt = len(known)
    again = read_bytes(name, content, catalogue, layouts=known)
    assert again == read_bytes(name, content, catalogue, layouts=KnownLayouts(labels))
    assert len(known) == learnt


def test_layouts_learnt_last_in_a_file_and_a_damaged_file_is_begun_anew(catalogue: Catalogue, tmp_path: Path) -> None:
    labels = labels_of(catalogue.rows)
    known = KnownLayouts(labels)
    name, content, _ = write(PLAIN, answers(1, catalogue), catalogue)
    expected = read_bytes(name, content, catalogue, layouts=known)
    store = tmp_path / "layouts.json"
    known.save(store)
    loaded = KnownLayouts.load(store, labels)
    assert (len(loaded), loaded.added) == (1, [])
    assert read_bytes(name, content, catalogue, layouts=loaded) == expected
    assert loaded.added == []
    store.write_text(store.read_text()[:500])
    assert len(KnownLayouts.load(store, labels)) == 0


def test_another_label_or_head_is_another_layout(catalogue: Catalogue) -> None:
    known = KnownLayouts(labels_of(catalogue.rows))
    for layout in (PLAIN, Layout(label="reworded"), Layout(figures="plan_first"), Layout(missing_rows=1)):
        name, content, _ = write(layout, answers(1, catalogue), catalogue)
        read_bytes(name, content, catalogue, layouts=known)
    assert len(known) == 4
