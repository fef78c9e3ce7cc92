"""Reading what was typed in a figure's cell."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.forms.values import read_answer, read_value
from ingestion.reference import Indicator

Of = Callable[[str], Indicator]
COUNT, SHARE, FLAG, CHOICE, REFERENCE = "III.6.1", "III.6.3", "III.1", "I.5.2", "I.1"


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        (COUNT, "529", "529"),
        (COUNT, " 529 ", "529"),
        (COUNT, "6.219", "6219"),
        (COUNT, "6 219", "6219"),
        (COUNT, "1.234.567", "1234567"),
        (COUNT, "0", "0"),
        (COUNT, "007", "7"),
        (COUNT, "529.0", "529"),
        (COUNT, "529 hồ sơ", "529"),
        (SHARE, "99,89", "99.89"),
        (SHARE, "98.6", "98.6"),
        (SHARE, "99.890", "99.89"),
        (SHARE, "100%", "100"),
        (SHARE, "99,89 %", "99.89"),
        (FLAG, "1", "1"),
        (FLAG, "Có", "1"),
        (FLAG, "Không", "0"),
        (FLAG, "Có = 1", "1"),
        (CHOICE, "Kết hợp", "2"),
    ],
)
def test_a_figure_as_officers_type_it_is_reported(indicator: Of, code: str, text: str, value: str) -> None:
    reading = read_value(text, indicator(code))
    assert (reading.value, reading.status) == (Decimal(value), "reported")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_blank_is_blank_and_never_zero(indicator: Of, text: str) -> None:
    reading = read_value(text, indicator(COUNT))
    assert (reading.value, reading.status) == (None, "blank")


@pytest.mark.parametrize("text", ["-", "–", "không phát sinh", "Chưa phát sinh hồ sơ", "x", "Không"])
def test_words_for_nothing_are_not_applicable(indicator: Of, text: str) -> None:
    reading = read_value(text, indicator(COUNT))
    assert (reading.value, reading.status) == (None, "not_applicable")


@pytest.mark.parametrize("text", ["abc", "5z9", "12/2021/QĐ", "...", "8/8", "NaN", "Infinity", "1,2,3"])
def test_what_is_no_figure_is_unreadable_with_a_reason(indicator: Of, text: str) -> None:
    reading = read_value(text, indicator(COUNT))
    assert (reading.value, reading.status) == (None, "unreadable")
    assert reading.reason


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        (COUNT, "12,5", "12.5"),
        (COUNT, "6,219", "6219"),
        (COUNT, "-3", "-3"),
        (FLAG, "12", "12"),
        (COUNT, "1e3", "1000"),
    ],
)
def test_a_figure_that_does_not_fit_its_line_is_doubtful(indicator: Of, code: str, text: str, value: str) -> None:
    reading = read_value(text, indicator(code))
    assert (reading.value, reading.status) == (Decimal(value), "doubtful")
    assert reading.reason


def test_a_note_that_nothing_arose_explains_a_blank(indicator: Of) -> None:
    assert read_answer("", "Chưa phát sinh hồ sơ", indicator("VII.2.3")).status == "not_applicable"
    assert read_answer("", "529/529 hồ sơ", indicator("VII.2.3")).status == "blank"


def test_a_reference_has_no_value_and_is_reported_when_it_names_something(indicator: Of) -> None:
    reading = read_answer("", "294/KH-STC ngày 22/01/2021", indicator(REFERENCE))
    assert (reading.value, reading.status) == (None, "reported")
    assert read_answer("", "", indicator(REFERENCE)).status == "blank"


@given(number=st.integers(min_value=0, max_value=10**12))
def test_every_whole_number_reads_back_plain_and_grouped(indicator: Of, number: int) -> None:
    for text in (str(number), f"{number:,}".replace(",", "."), f"{number:,}".replace(",", " ")):
        assert read_value(text, indicator(COUNT)).value == number


@given(text=st.text(max_size=40))
def test_no_text_breaks_the_reader_or_gives_a_value_without_a_digit(indicator: Of, text: str) -> None:
    reading = read_value(text, indicator(COUNT))
    assert reading.value is None or any(letter.isdigit() for letter in text)
