"""The two reports in examples/: the real scan as OCR text, and the same report typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from ingestion.forms.reader import read_file
from ingestion.model import Form
from ingestion.reference import Catalogue

# Read by eye from the scan's text, line by line; what is not here stands blank or lost there.
LEGIBLE = {
    "I.1.1": "25", "I.1.2": "25", "I.1.3": "30", "I.2.1": "6", "I.2.2": "6", "I.3.1": "100", "I.3.3": "12", "I.3.4": "12",
    "II.2.1": "26", "II.2.2": "26", "II.2.3": "26", "II.2.4": "0", "III.2.3": "29", "III.2.3.a": "29", "III.3.1": "29",
    "III.3.2": "11", "III.4": "1", "III.5.1": "25", "III.5.3": "100", "III.5.4": "100", "III.6.1": "529",
    "III.6.2": "529", "III.6.3": "100", "III.7.1": "29", "III.7.2": "11", "IV.1.3": "5", "IV.1.6": "5", "IV.1.7": "98.6",
    "IV.2.1": "48", "IV.2.2": "48", "IV.5.1": "4", "IV.5.2": "14", "V.4.1": "14", "V.4.2": "40", "V.5.1": "6",
    "V.5.2": "6", "VI.2": "1", "VI.5": "1", "VII.1.1": "6219", "VII.1.1.a": "99.89", "VII.1.2": "1", "VII.2.1": "9",
    "VII.2.2": "2", "VII.2.4": "100", "VII.3.1": "29", "VII.3.2": "2", "VII.3.3": "2", "VII.3.4": "9", "VII.3.5": "9",
    "VII.4.2": "1",
}  # fmt: skip
# A figure is there, but the answers offered beside it are garbled, or it stands alone on its line.
DOUBTFUL = {"III.1": "1", "V.3.1": "0", "VI.1": "1", "VII.4.1": "1"}


def read_one(path: Path, catalogue: Catalogue) -> Form:
    (reading,) = read_file(path, catalogue)
    return reading.form


def test_the_scan_says_whose_report_of_which_period_it_is(scan: Path, catalogue: Catalogue) -> None:
    form = read_one(scan, catalogue)
    assert (form.agency_code, form.period_code, form.reading) == ("H51.03", "2021", "scanned")
    assert (form.document_number, form.document_date) == ("5686/BC-STC", date(2021, 12, 17))


def test_every_legible_figure_of_the_scan_is_read_and_no_other_is_reported(scan: Path, catalogue: Catalogue) -> None:
    form = read_one(scan, catalogue)
    reported = {line.code: line.value for line in form.lines if line.status == "reported" and line.value is not None}
    assert reported == {code: Decimal(value) for code, value in LEGIBLE.items()}


def test_a_figure_of_the_scan_that_may_be_wrong_is_marked_doubtful(scan: Path, catalogue: Catalogue) -> None:
    form = read_one(scan, catalogue)
    doubtful = {line.code: line.value for line in form.lines if line.status == "doubtful" and line.value is not None}
    assert doubtful == {code: Decimal(value) for code, value in DOUBTFUL.items()}


def test_a_lost_figure_of_the_scan_is_never_zero(scan: Path, catalogue: Catalogue) -> None:
    lines = {line.code: line for line in read_one(scan, catalogue).lines}
    assert (lines["II.1"].value, lines["II.1"].status) == (None, "doubtful")
    assert (lines["II.1.2"].value, lines["II.1.2"].status, lines["II.1.2"].text) == (None, "unreadable", "!")
    assert (lines["III.5.2"].value, lines["III.5.2"].status) == (None, "blank")
    assert (lines["VII.2.3"].value, lines["VII.2.3"].status) == (None, "not_applicable")


def test_the_scans_notes_give_documents_and_ratios(scan: Path, catalogue: Catalogue) -> None:
    lines = {line.code: line for line in read_one(scan, catalogue).lines}
    assert len(lines["II.1"].documents) == 7
    assert [(cited.number, cited.dated_on) for cited in lines["I.3"].documents] == [("578/KH-STC", date(2020, 2, 24))]
    for code, parts in {"I.3.1": (8, 8), "III.6.3": (529, 529), "VII.2.4": (529, 529)}.items():
        ratio = lines[code].ratio
        assert ratio is not None
        assert (ratio.numerator, ratio.denominator) == parts


def test_every_answered_line_is_there_once_and_in_order(scan: Path, workbook: Path, catalogue: Catalogue) -> None:
    codes = [row.code for row in catalogue.answered]
    assert len(codes) == 133
    for path in (scan, workbook):
        assert [line.code for line in read_one(path, catalogue).lines] == codes


def test_the_workbook_reads_as_the_scan_does_and_without_doubt(
    scan: Path, workbook: Path, catalogue: Catalogue
) -> None:
    typed = read_one(workbook, catalogue)
    assert (typed.agency_code, typed.period_code, typed.document_number) == ("H51.03", "2021", "5686/BC-STC")
    assert typed.reading == "typed"
    assert typed.problems == ()
    values = {line.code: line.value for line in typed.lines}
    for line in read_one(scan, catalogue).lines:
        if line.value is not None:
            assert values[line.code] == line.value
    assert {line.locator for line in typed.lines if line.code == "III.6.1"} == {"Phụ lục 2!D63"}
