"""As believed on a day, and on the agencies of a day: real builds, the real table of communes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.dbt_warehouse import AFTER_GATE, BEFORE_GATE, Dbt, Warehouse

DAY = "2021-12-18"
Ask = Callable[[str], list[tuple[Any, ...]]]


def _believed(warehouse: Warehouse, day: str, agency: str) -> list[tuple[Any, ...]]:
    return warehouse.query(
        f"select submission_id, value from mart.value_as_believed_on('{day}')"
        f" where agency_code = '{agency}' and period_code = '2021' and indicator_code = 'III.6.1'"
    )


@pytest.mark.parametrize(
    ("agency", "believed"),
    [
        ("H51.01", {"17": [], "18": [("revised-1", Decimal(10))], "19": [("revised-2", Decimal(12))]}),
        ("H51.02", {"18": [("withdrawn-1", Decimal(1))], "19": [("withdrawn-2", Decimal(1))], "20": []}),
        ("H51.05", {"18": [("replacement", Decimal(50))], "19": [("replacement", Decimal(50))]}),
        ("H51.06", {"18": [("recalled", Decimal(1))], "19": []}),
        ("H51.09", {"18": [], "22": []}),
    ],
    ids=["replaced by a revision", "taken back", "replacement before its target", "recalled", "in quarantine"],
)
def test_a_figure_is_believed_from_its_night_until_something_takes_its_place(
    built: Warehouse, agency: str, believed: dict[str, list[tuple[Any, ...]]]
) -> None:
    assert {day: _believed(built, f"2021-12-{day}", agency) for day in believed} == believed


def test_a_second_verdict_of_the_rules_counts_from_its_own_night(built: Warehouse) -> None:
    assert built.query(
        "select status, known_from_on::varchar, known_to_on::varchar from mart.fct_submission_state"
        " where submission_id = 'kept-1' order by state_order"
    ) == [("quarantined", "2021-12-18", "2021-12-22"), ("accepted", "2021-12-22", None)]


def test_what_was_believed_on_a_day_is_what_that_day_s_build_published(
    built: Warehouse, dbt: Dbt, tmp_path: Path
) -> None:
    then = tmp_path / "that_day.duckdb"
    shutil.copy(built.path, then)
    with duckdb.connect(str(then)) as connection:
        for table in ("submission", "submission_event", "edoc_message", "edoc_target", "problem", "landed"):
            connection.execute(f"delete from raw.{table} where night_on > '{DAY}'")
        for table in ("raw.submission_line", "raw.submission_document", "audit.rule_result"):
            connection.execute(
                f"delete from {table} where submission_id not in (select submission_id from raw.submission)"
            )
        connection.execute("delete from audit.rule_result where submission_id = 'kept-1' and rules_version = 'v1'")
        for schema in ("mart", "intermediate", "build"):
            connection.execute(f"drop schema if exists {schema} cascade")
    for selection in (BEFORE_GATE, AFTER_GATE):
        result = dbt("run", *selection, warehouse=then)
        assert result.success
    columns = "agency_code, period_code, indicator_code, value, value_text, observation_status, submission_id"
    published = Warehouse(then).query(f"select {columns} from mart.fct_indicator_value where is_current order by all")
    assert len(published) > 5
    assert built.query(f"select {columns} from mart.value_as_believed_on('{DAY}') order by all") == published


@pytest.fixture(scope="module")
def restated(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """The built warehouse with figures of two districts, and of two departments whose merger is dated 01/3/2025."""
    path = tmp_path_factory.mktemp("restated") / "warehouse.duckdb"
    shutil.copy(built.path, path)
    told = [
        ("H51.31", "III.6.1", "900", None, None),
        ("H51.37", "III.6.1", "100.5", None, None),
        ("H51.31", "III.6.3", "90", 9, 10),
        ("H51.37", "III.6.3", "50", 45, 90),
        ("H51.32", "I.3.5", "1", None, None),
        ("H51.04", "III.6.1", "40", None, None),
        ("H51.03", "III.6.1", "60", None, None),
        ("H51.04", "III.6.3", "100", 40, 40),
        ("H51.03", "III.6.3", "50", 30, 60),
        ("H51.04", "I.3.5", "1", None, None),
        ("H51.03", "I.3.5", "1", None, None),
        ("H51.03", "VII.2.4", "98.6", None, None),
        ("H51.04", "VII.2.4", "50", 1, 2),
        ("94.31498", "III.6.1", "7", None, None),
        ("94.31501", "III.6.1", "8", None, None),
    ]
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "delete from mart.fct_indicator_value where is_current and agency_code in ('H51.03', 'H51.04')"
        )
        for agency, indicator, value, numerator, denominator in told:
            connection.execute(
                "insert into mart.fct_indicator_value by name select $agency as agency_code, '2021' as period_code,"
                " $indicator as indicator_code, 'told-' || $agency as submission_id, 1 as line_order,"
                " 'so-2021' as form_code, 'portal' as source, 'typed' as reading, 1 as revision, $value as value,"
                " $value as value_text, '' as unit, '' as note, $numerator as ratio_numerator,"
                " $denominator as ratio_denominator, 0 as document_count, 'reported' as observation_status,"
                " 1.0 as confidence, 'accepted' as quality_status, true as is_current,"
                " timestamp '2021-12-18 08:00' as received_at, date '2021-12-18' as night_on,"
                " $indicator as reported_indicator_code, '' as source_locator",
                {"agency": agency, "indicator": indicator, "value": value, "numerator": numerator, "denominator": denominator},
            )  # fmt: skip
        connection.execute(
            "update mart.agency_succession set effective_on = '2025-03-01' where predecessor_code = 'H51.04'"
        )
    return Warehouse(path).query


def test_the_districts_figures_go_to_the_43_communes_and_nothing_is_lost(restated: Ask) -> None:
    # 900 and 100.5 of two districts, 7 and 8 of two old communes.
    assert restated(
        "select sum(value), count(*), bool_and(is_estimated) from mart.value_on_agencies_of('2025-07-01')"
        " where indicator_code = 'III.6.1' and from_agencies like '%H51.3%' and agency_code like '92.%'"
    ) == [(Decimal("1015.500000"), 7, True)]
    # Four of the nine old wards of the city became Phường Sóc Trăng.
    assert restated(
        "select value, from_agencies, value_basis from mart.value_on_agencies_of('2025-07-01')"
        " where indicator_code = 'III.6.1' and agency_code = '92.31507'"
    ) == [(Decimal("415.000000"), "94.31498, 94.31501, H51.31", "sum_of_estimated_shares")]


def test_every_new_commune_stands_for_old_ones_and_every_old_one_is_taken_over(restated: Ask) -> None:
    assert restated(
        "select count(*), count(distinct predecessor_code), count(distinct successor_code)"
        " from mart.agency_succession where predecessor_code like '94.%'"
    ) == [(108, 108, 43)]
    assert (
        restated(
            "select predecessor_code, sum(share_numerator) = min(share_denominator) from mart.agency_succession"
            " where kind = 'abolish' group by all having not sum(share_numerator) = min(share_denominator)"
        )
        == []
    )
    assert restated("select count(distinct predecessor_code) from mart.agency_succession where kind = 'abolish'") == [
        (11,)
    ]
    # 31507 was Phường 6 before and is Phường Sóc Trăng now: one code, two places.
    assert restated(
        "select agency_code, name_vi from mart.dim_agency_identifier inner join mart.dim_agency using (agency_code)"
        " where scheme = 'statistics_code' and identifier = '31507' order by 1"
    ) == [("92.31507", "Phường Sóc Trăng"), ("94.31507", "Phường 6")]


def test_a_share_is_recomputed_from_its_parts_where_districts_meet(restated: Ask) -> None:
    # Mỹ Xuyên took one of nine wards of the city (9/10) and some communes of the old district (45/90).
    ((value, basis, numerator, denominator),) = restated(
        "select value, value_basis, ratio_numerator, ratio_denominator from mart.value_on_agencies_of('2025-07-01')"
        " where indicator_code = 'III.6.3' and agency_code = '92.31684'"
    )
    assert basis == "ratio_of_parts"
    assert Decimal(50) < value < Decimal(90)
    assert value == (100 * numerator / denominator).quantize(Decimal("0.01"))


def test_departments_merge_from_the_day_that_is_filled_in_and_ratios_come_from_parts(restated: Ask) -> None:
    ask = (
        "select agency_code, indicator_code, value, value_basis, from_agency_count from mart.value_on_agencies_of('{}')"
        " where agency_code in ('H51.03', 'H51.04') and indicator_code in ('III.6.1', 'III.6.3', 'I.3.5', 'VII.2.4')"
        " order by all"
    )
    assert restated(ask.format("2025-03-01")) == [
        ("H51.03", "I.3.5", None, "not_additive", 2),
        ("H51.03", "III.6.1", Decimal(100), "sum_of_shares", 2),
        ("H51.03", "III.6.3", Decimal(70), "ratio_of_parts", 2),
        ("H51.03", "VII.2.4", None, "parts_missing", 2),
    ]
    assert [row[2:] for row in restated(ask.format("2025-02-28"))] == [
        (Decimal(1), "as_reported", 1),
        (Decimal(60), "as_reported", 1),
        (Decimal(50), "as_reported", 1),
        (Decimal("98.6"), "as_reported", 1),
        (Decimal(1), "as_reported", 1),
        (Decimal(40), "as_reported", 1),
        (Decimal(100), "as_reported", 1),
        (Decimal(50), "as_reported", 1),
    ]


def test_a_merger_without_a_date_changes_nothing(restated: Ask) -> None:
    assert restated("select count(*) from mart.agency_succession where effective_on is null") == [(4,)]
    assert restated(
        "select agency_code, from_agencies from mart.value_on_todays_agencies()"
        " where indicator_code = 'III.6.1' and agency_code in ('H51.08', 'H51.09')"
    ) == [("H51.08", "H51.08")]


def test_switching_back_gives_the_first_figures_again(restated: Ask) -> None:
    first = restated(
        "select agency_code, period_code, indicator_code, value from mart.fct_indicator_value where is_current order by all"
    )
    for day in ("2025-07-01", "2021-12-20"):
        figures = restated(
            f"select agency_code, period_code, indicator_code, value from mart.value_on_agencies_of('{day}') order by all"
        )
        assert (figures == first) is (day == "2021-12-20")


def test_what_was_believed_then_can_stand_on_the_agencies_of_another_day(restated: Ask) -> None:
    assert restated(
        "select agency_code, value from mart.value_restated('2021-12-18', '2025-07-01')"
        " where indicator_code = 'III.6.1' and agency_code = 'H51.01'"
    ) == [("H51.01", Decimal(10))]
