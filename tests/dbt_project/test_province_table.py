"""The province's table over real marts: what holds now, and what was believed on a day, by the same reckoning."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from publishing.province_table import read_province_table
from tests.dbt_project.dbt_warehouse import Warehouse


@pytest.mark.parametrize("day", [date(2021, 12, 22), date(2030, 1, 1)])
def test_as_of_the_last_night_the_figures_are_those_of_the_mart(built: Warehouse, day: date) -> None:
    (last,) = built.query("select max(known_from_on), max(known_to_on) from mart.fct_submission_state")
    assert max(night for night in last if night) <= day
    now = read_province_table(built.path, "2021")
    then = read_province_table(built.path, "2021", day)
    assert then.figures == now.figures
    assert then.cells == now.cells
    assert {agency.code: agency.status for agency in then.agencies if agency.status not in ("missing", "awaited")} == {
        agency.code: agency.status for agency in now.agencies if agency.status not in ("missing", "awaited")
    }


def test_coverage_is_the_marts(built: Warehouse) -> None:
    table = read_province_table(built.path, "2021")
    expected, accepted, quarantined, held = built.query(
        "select any_value(agencies_expected_count), any_value(agencies_accepted_count),"
        " any_value(agencies_quarantined_count), any_value(agencies_with_quarantined_revision_count)"
        " from mart.mart_province_summary where period_code = '2021'"
    )[0]
    assert (len(table.agencies), table.count("accepted"), table.count("quarantined")) == (
        expected,
        accepted,
        quarantined,
    )
    assert sum(agency.has_held_revision for agency in table.agencies) == held
    assert table.province_vi == "UBND tỉnh Sóc Trăng"


def test_a_figure_is_the_one_that_was_believed_on_the_day(built: Warehouse) -> None:
    first = read_province_table(built.path, "2021", date(2021, 12, 18)).cells["H51.01", "III.6.1"]
    assert first.value == Decimal(10)
    revised = read_province_table(built.path, "2021", date(2021, 12, 19)).cells["H51.01", "III.6.1"]
    assert revised.value == Decimal(12)
