"""Reading documents and ratios out of notes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ingestion.forms.notes import read_documents, read_ratio


@pytest.mark.parametrize(
    ("note", "number", "dated_on"),
    [
        ("294/KH-STC ngày 22/01/2021", "294/KH-STC", date(2021, 1, 22)),
        ("Kế hoạch số 12/KH-SKHĐT ngày 5 tháng 2 năm 2021", "12/KH-SKHĐT", date(2021, 2, 5)),
        ("01/2021/NQ-HĐND ngày 26/3/2021", "01/2021/NQ-HĐND", date(2021, 3, 26)),
        ("QĐ 38/QĐ-STC, ngày 07/5/2021;", "38/QĐ-STC", date(2021, 5, 7)),
        ("2598/BC-DPG ngiy 30/6/2021", "2598/BC-DPG", date(2021, 6, 30)),
        ("07/2021/Qb-UBND ngazly 04/3/2021", "07/2021/QĐ-UBND", date(2021, 3, 4)),
        ("294/KH-STC", "294/KH-STC", None),
    ],
)
def test_a_document_is_found_with_its_number_and_date(note: str, number: str, dated_on: date | None) -> None:
    (document,) = read_documents(note)
    assert (document.number, document.dated_on) == (number, dated_on)


def test_an_impossible_date_is_kept_as_text_only() -> None:
    (document,) = read_documents("294/KH-STC ngày 30/02/2021")
    assert document.dated_on is None
    assert document.date_text == "30/02/2021"


def test_seven_documents_in_one_note_are_seven() -> None:
    note = (
        "01/2021/NQ-HĐND ngày 26/3/2021; 03/2021/QĐ-UBND ngày 22/01/2021; 07/2021/QĐ-UBND ngày 04/3/2021;"
        " 10/2021/QĐ-UBND ngày 20/4/2021; 13/2021/QĐ-UBND ngày 20/4/2021; 18/2021/QĐ-UBND ngày 14/7/2021 và"
        " 31/2021/QĐ-UBND ngày 01/9/2021"
    )
    assert len(read_documents(note)) == 7


@pytest.mark.parametrize("note", ["529/529 hồ sơ", "ngày 30/6/2021", "Còn 04 TTHC chưa liên thông", "02/TTHC", ""])
def test_what_is_no_document_gives_none(note: str) -> None:
    assert read_documents(note) == ()


@pytest.mark.parametrize(
    ("note", "numerator", "denominator"),
    [("529/529 hồ sơ", 529, 529), ("8/8 nhiệm vụ", 8, 8), ("đạt 1.234/1.240 hồ sơ", 1234, 1240), ("25 / 26", 25, 26)],
)
def test_a_ratio_of_counts_is_found(note: str, numerator: int, denominator: int) -> None:
    ratio = read_ratio(note)
    assert ratio is not None
    assert (ratio.numerator, ratio.denominator) == (Decimal(numerator), Decimal(denominator))


@pytest.mark.parametrize(
    "note", ["294/KH-STC ngày 22/01/2021", "tháng 6/2021", "ngày 8/8", "5/0", "30/6/2021", "không"]
)
def test_dates_document_numbers_and_empty_wholes_are_no_ratio(note: str) -> None:
    assert read_ratio(note) is None
