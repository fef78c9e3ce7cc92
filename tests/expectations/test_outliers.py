"""What lies far from an agency's own history: which reports are its history, and what is far."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.compiler import read_rule_book
from expectations.sides import NUMBER_TEXT
from expectations.standing import prepare
from tests.expectations.gate_warehouses import Planted, make_warehouse

SHARE = "III.6.3"
KINDS = ("Q1", "H1", "Q3", "")


def reports(cells: dict[str, list[int]], years: range) -> list[Planted]:
    """The four reports of each year; of each line the figures in turn."""
    periods = [f"{year}-{kind}".rstrip("-") for year in years for kind in KINDS]
    return [
        Planted(
            f"past-{period}",
            {code: figures[place % len(figures)] for code, figures in cells.items()},
            period_code=period,
        )
        for place, period in enumerate(periods)
    ]


def judged(folder: Path, rule_id: str, submissions: list[Planted]) -> dict[str, tuple[str, str]]:
    """Outcome and right side of one rule by submission, where it was evaluated."""
    warehouse = make_warehouse(folder / "warehouse.duckdb", submissions)
    with duckdb.connect(str(warehouse)) as connection:
        book = read_rule_book(connection)
        prepare(connection, book)
        connection.execute(NUMBER_TEXT)
        (rule,) = (rule for rule in book.all if rule.rule.rule_id == rule_id)
        rows = connection.execute(
            f"select submission_id, outcome, right_text from ({rule.results}) where outcome <> 'not_evaluated'"
        ).fetchall()
    return {submission: (outcome, text) for submission, outcome, text in rows}


@pytest.mark.parametrize(("figure", "outcome"), [(96, "passed"), (60, "passed"), (40, "failed")])
def test_a_share_is_held_against_the_agency_s_earlier_ones(tmp_path: Path, figure: int, outcome: str) -> None:
    past = reports({SHARE: [94, 96, 98, 96]}, range(2020, 2022))
    found = judged(tmp_path, "O-02", [*past, Planted("now", {SHARE: figure}, period_code="2022")])
    assert found["now"][0] == outcome
    if outcome == "failed":
        assert found["now"][1] == "các kỳ trước thường từ 56 đến 100, trung vị 96"


def test_a_flow_is_held_against_the_agency_s_earlier_ones_by_the_day(tmp_path: Path) -> None:
    figures = [120, 240, 115, 480]
    past = reports({"III.6.1": figures, "III.6.2": figures}, range(2020, 2022))
    now = [
        Planted("quarter", {"III.6.1": 118, "III.6.2": 118}, period_code="2022-Q1"),
        Planted("year", {"III.6.1": 4700, "III.6.2": 4700}, period_code="2022"),
    ]
    found = judged(tmp_path, "O-03", [*past, *now])
    assert {name: found[name][0] for name in ("quarter", "year")} == {"quarter": "passed", "year": "failed"}


def test_another_agency_s_reports_and_later_ones_are_no_history(tmp_path: Path) -> None:
    theirs = [
        Planted(f"theirs-{one.period_code}", one.cells, "H51.07", one.period_code)
        for one in reports({SHARE: [96]}, range(2020, 2022))
    ]
    later = reports({SHARE: [96]}, range(2023, 2025))
    found = judged(tmp_path, "O-02", [*theirs, *later, Planted("now", {SHARE: 10}, period_code="2022")])
    assert "now" not in found


@pytest.mark.parametrize(("year", "is_looked_at"), [(2029, True), (2030, False)])
def test_an_agency_s_history_is_ten_years_long(tmp_path: Path, year: int, *, is_looked_at: bool) -> None:
    past = reports({SHARE: [96]}, range(2019, 2021))
    found = judged(tmp_path, "O-02", [*past, Planted("now", {SHARE: 10}, period_code=str(year))])
    assert ("now" in found) is is_looked_at
