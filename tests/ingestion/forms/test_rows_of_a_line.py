"""Which rows of a table belong to a line, and what stands in them: labels cut in two, figures and documents below, shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from ingestion.forms.reader import FormReading, read_bytes
from ingestion.model import Line
from ingestion.reference import Catalogue
from tests.ingestion.forms.form_files import fill, saved
from tests.ingestion.forms.form_layouts import Answers, Cell, Layout, table_of, title_of

PLAIN = Layout()
LABEL, VALUE, NOTE = 1, 3, 4
SHARES = ("I.3.1", "III.5.3", "III.5.4", "III.6.3")


def blank(catalogue: Catalogue) -> list[list[Cell]]:
    return table_of(PLAIN, Answers({}, {}), catalogue)


def row_of(table: Sequence[Sequence[Cell]], code: str, catalogue: Catalogue) -> int:
    """Where a line stands in a table that holds every row of the form, in its order."""
    heads = len(table) - len(catalogue.rows)
    return heads + next(place for place, row in enumerate(catalogue.rows) if row.code == code)


def read(table: Sequence[Sequence[Cell]], catalogue: Catalogue) -> FormReading:
    book = openpyxl.Workbook()
    fill(book.worksheets[0], title_of(PLAIN), table)
    (reading,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    return reading


def line_of(reading: FormReading, code: str) -> Line:
    return next(line for line in reading.form.lines if line.code == code)


def test_a_label_cut_before_words_that_are_another_label_is_still_its_own(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    place = row_of(table, "VII.4.4", catalogue)
    table[place : place + 1] = [
        [None, "Đơn vị trực thuộc", None, None, None],
        [None, "sở ngành thực hiện công bố, công bố lại ISO", None, 1.0, None],
    ]
    reading = read(table, catalogue)
    assert line_of(reading, "VII.4.4").value == 1
    assert line_of(reading, "VII.4.1").value is None
    assert all(line.confidence for line in reading.form.lines)


def test_a_figure_beside_the_words_if_any_is_the_lines_above(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    place = row_of(table, "IV.1.3", catalogue)
    label = str(table[place][LABEL]).removesuffix(" (nếu có)")
    table[place : place + 1] = [
        [None, label, "Cơ quan, đơn vị", None, None],
        [None, "(nếu có)", None, 5.0, "xem báo cáo"],
    ]
    line = line_of(read(table, catalogue), "IV.1.3")
    assert (line.value, line.status, line.note) == (5, "reported", "xem báo cáo")


def test_documents_in_rows_of_their_own_below_a_line_are_all_its(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    place = row_of(table, "II.1", catalogue)
    table[place][VALUE : NOTE + 1] = [3.0, "01/2021/NQ-HĐND ngày 26/3/2021"]
    table[place + 1 : place + 1] = [
        [None, None, None, None, "03/2021/QĐ-UBND ngày 22/01/2021;"],
        [None, None, None, None, "07/2021/QĐ- UBND ngày 04/3/2021"],
    ]
    line = line_of(read(table, catalogue), "II.1")
    assert (line.value, line.status) == (3, "reported")
    assert [document.dated_on for document in line.documents] == [
        date(2021, 3, 26), date(2021, 1, 22), date(2021, 3, 4),
    ]  # fmt: skip


def test_what_stands_below_a_blank_row_or_the_last_line_is_nobodys(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    place = row_of(table, "VI.2", catalogue)
    table[place + 1 : place + 1] = [[None] * 5, [None, None, None, 9.0, None]]
    table += [[None, None, None, None, "Sóc Trăng, ngày 17 tháng 12 năm 2021"]]
    reading = read(table, catalogue)
    assert line_of(reading, "VI.2").status == "blank"
    assert line_of(reading, "VII.4.6").note == ""


def test_a_figure_on_a_heading_is_named(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    table[row_of(table, "VI.3", catalogue)][VALUE] = 12.0
    problems = read(table, catalogue).form.problems
    assert [problem.code for problem in problems] == ["heading_has_figure"]
    assert "VI.3" in problems[0].message
    assert "12" in problems[0].message


@pytest.mark.parametrize(
    ("typed", "values", "status"),
    [
        ((1.0, 0.9989, 0.5, 0.986), ("100", "99.89", "50", "98.6"), "reported"),
        ((0.9989,), ("99.89",), "reported"),
        (("0,9989",), ("99.89",), "reported"),
        (("1", "0,5", "0.98"), ("100", "50", "98"), "reported"),
        ((1.0, 1.0, 1.0), ("100", "100", "100"), "reported"),
        ((1.0,), ("100",), "doubtful"),
        ((0.5,), ("50",), "doubtful"),
    ],
)
def test_shares_written_as_fractions_without_a_format_are_told_by_their_company(
    typed: Sequence[Cell], values: Sequence[str], status: str, catalogue: Catalogue
) -> None:
    table = blank(catalogue)
    for code, share in zip(SHARES, typed, strict=False):
        table[row_of(table, code, catalogue)][VALUE] = share
    reading = read(table, catalogue)
    lines = [line_of(reading, code) for code in SHARES[: len(typed)]]
    assert [line.value for line in lines] == [Decimal(value) for value in values]
    assert {line.status for line in lines} == {status}


def test_a_one_among_percentages_is_doubtful(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    for code, share in zip(SHARES, (100.0, 98.6, 1.0), strict=False):
        table[row_of(table, code, catalogue)][VALUE] = share
    reading = read(table, catalogue)
    assert [line_of(reading, code).status for code in SHARES[:3]] == ["reported", "reported", "doubtful"]
    assert line_of(reading, "III.5.4").value == 1


def test_a_ratio_that_excel_took_for_a_date_is_restored_beside_a_count_that_it_holds(catalogue: Catalogue) -> None:
    book = openpyxl.Workbook()
    table = blank(catalogue)
    place = row_of(table, "I.1.2", catalogue)
    table[place][VALUE] = 5.0
    fill(book.worksheets[0], title_of(PLAIN), table)
    book.worksheets[0].cell(len(title_of(PLAIN)) + place + 1, NOTE + 1).value = date(2021, 8, 5)
    (reading,) = read_bytes("bieu.xlsx", saved(book), catalogue)
    line = line_of(reading, "I.1.2")
    assert line.ratio is not None
    assert (line.note, line.ratio.numerator, line.ratio.denominator) == ("5/8", 5, 8)


def test_a_slip_of_the_pen_that_is_another_labels_word_finds_its_line(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    due = row_of(table, "II.2.1", catalogue)
    table[due][LABEL : VALUE + 1] = ["Số VBQPPL phi rà soát", "Văn bản", 26.0]
    del table[due + 1]  # «đã rà soát», which the slip is as like
    reading = read(table, catalogue)
    assert line_of(reading, "II.2.1").value == 26
    assert line_of(reading, "II.2.2").value is None


def test_a_line_whose_neighbour_is_missing_is_not_taken_for_it(catalogue: Catalogue) -> None:
    table = blank(catalogue)
    present = row_of(table, "V.3.4", catalogue)
    table[present][LABEL : VALUE + 1] = [
        "Số lãnh đạo cấp phòng thuộc đơn vị thuộc sở, ngành được bổ nhiệm mới",
        "Người",
        7.0,
    ]
    del table[present - 1]  # V.3.3, the same without «đơn vị»
    reading = read(table, catalogue)
    assert line_of(reading, "V.3.4").value == 7
    assert line_of(reading, "V.3.3").value is None
