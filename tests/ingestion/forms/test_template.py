"""The form that the project itself writes comes back as it was written."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest

from ingestion.forms.reader import read_bytes
from ingestion.forms.template import Recorded, write_template
from ingestion.reference import Agency, Catalogue
from tests.ingestion.forms.form_files import saved
from tests.ingestion.forms.form_layouts import answers

PERIODS = ("2022-Q1", "2022-H1", "2022-Q3", "2022")


def agency_of(code: str, catalogue: Catalogue) -> Agency:
    return next(agency for agency in catalogue.agencies if agency.code == code)


def test_a_blank_form_names_its_agency_and_period_whoever_they_are(catalogue: Catalogue) -> None:
    for place, agency in enumerate(catalogue.agencies):
        period = PERIODS[place % len(PERIODS)]
        (reading,) = read_bytes("bieu.xlsx", write_template(agency, period, catalogue), catalogue)
        form = reading.form
        assert (form.agency_code, form.period_code, form.problems) == (agency.code, period, ())
        assert {line.status for line in form.lines} == {"blank"}


@pytest.mark.parametrize("period", PERIODS)
def test_every_figure_and_note_typed_into_the_form_reads_back(period: str, catalogue: Catalogue) -> None:
    said = answers(3, catalogue)
    book = openpyxl.load_workbook(io.BytesIO(write_template(agency_of("H51.03", catalogue), period, catalogue)))
    sheet = book.worksheets[0]
    first = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "I")
    for row, indicator in enumerate(catalogue.rows, first):
        sheet.cell(row, 4).value = float(said.values[indicator.code]) if indicator.code in said.values else None
        sheet.cell(row, 5).value = said.notes.get(indicator.code)
    (reading,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert (reading.form.agency_code, reading.form.period_code) == ("H51.03", period)
    assert {line.code: line.value for line in reading.form.lines if line.value is not None} == said.values
    assert {line.code: line.note for line in reading.form.lines if line.note} == said.notes


def test_figures_of_the_systems_of_record_are_filled_in(catalogue: Catalogue) -> None:
    recorded = {"III.6.1": Recorded(Decimal(529)), "III.6.3": Recorded(Decimal("99.43"), "526/529 hồ sơ")}
    content = write_template(agency_of("H51.03", catalogue), "2021", catalogue, recorded)
    (reading,) = read_bytes("bieu.xlsx", content, catalogue)
    lines = {line.code: line for line in reading.form.lines if line.value is not None}
    assert {code: line.value for code, line in lines.items()} == {"III.6.1": 529, "III.6.3": Decimal("99.43")}
    assert lines["III.6.3"].ratio is not None
    assert lines["III.6.3"].ratio.numerator == 526


def test_a_title_that_names_another_agency_than_the_form_was_written_for_is_a_problem(catalogue: Catalogue) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(write_template(agency_of("H51.03", catalogue), "2022-H1", catalogue)), keep_vba=False
    )
    sheet = book.worksheets[0]
    for row in (4, 5):
        sheet.cell(row, 1).value = str(sheet.cell(row, 1).value).replace("SỞ TÀI CHÍNH", "SỞ TƯ PHÁP").replace(
            "Sở Tài chính", "Sở Tư pháp"
        ).replace("STC", "STP")  # fmt: skip
    (reading,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    assert reading.form.agency_code is None
    assert [problem.code for problem in reading.form.problems] == ["agency_contradiction"]


def test_answers_are_chosen_from_lists_and_figures_are_checked_while_typing(catalogue: Catalogue) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(agency_of("H51.03", catalogue), "2022", catalogue)))
    sheet = book.worksheets[0]
    first = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "I")
    kinds = {}
    for rule in sheet.data_validations.dataValidation:
        for place in rule.sqref.ranges:
            for row in range(place.min_row, place.max_row + 1):
                kinds[catalogue.rows[row - first].code] = (rule.type, rule.formula1)
    assert kinds["I.1.1"] == ("whole", "0")
    assert kinds["III.6.3"][0] == "decimal"
    assert kinds["I.5.2"] == ("list", '"0,1,2"')
    assert set(kinds) == {row.code for row in catalogue.answered if row.value_type != "reference"}
    assert sheet["A1"].font.name == "Times New Roman"
    assert book.worksheets[1].sheet_state == "veryHidden"
