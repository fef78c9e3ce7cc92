"""The marts' figures, worked out by hand from the rows of ``dbt_nights.py``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.dbt_project.dbt_warehouse import Warehouse


def _reconciliation(built: Warehouse, agency: str) -> dict[str, tuple[Any, ...]]:
    return {
        row[0]: row[1:]
        for row in built.query(
            "select indicator_code, reported_value, recorded_value, difference, numerator, denominator, is_matching"
            f" from mart.mart_reconciliation where agency_code = '{agency}' and period_code = '2021'"
        )
    }


def test_the_reported_figures_stand_beside_the_recorded_ones(built: Warehouse) -> None:
    # Received: first-day, last-second, taken-back, overdue, no-promise, moving. Returned in the window: first-day,
    # year-before, moving. On time: first-day, no-promise, moving, of the received without taken-back.
    assert _reconciliation(built, "H51.03") == {
        "III.6.1": (Decimal(6), Decimal(6), Decimal(0), None, None, True),
        "III.6.2": (Decimal(4), Decimal(3), Decimal(1), None, None, False),
        "III.6.3": (Decimal("60.04"), Decimal(60), Decimal("0.04"), 3, 5, True),
        "VII.3.4": (None, Decimal(1), None, None, None, None),
        "VII.1.1": (None, Decimal(3), None, None, None, None),
        "VII.1.1.a": (None, Decimal("33.33"), None, 1, 3, None),
    }


def test_an_agency_that_reported_and_did_nothing_has_zeros_and_no_shares(built: Warehouse) -> None:
    assert _reconciliation(built, "H51.19") == {
        "III.6.1": (None, Decimal(0), None, None, None, None),
        "III.6.2": (None, Decimal(0), None, None, None, None),
        "III.6.3": (None, None, None, 0, 0, None),
        "VII.3.4": (None, Decimal(0), None, None, None, None),
        "VII.1.1": (None, Decimal(0), None, None, None, None),
        "VII.1.1.a": (None, None, None, 0, 0, None),
    }


def test_every_reporting_agency_is_reconciled(built: Warehouse) -> None:
    assert built.query(
        "select count(*), count(distinct agency_code), count(distinct period_code) from mart.mart_reconciliation"
    ) == [(180, 30, 1)]


def test_a_dossier_has_its_latest_state_and_a_poisoned_one_stays_with_nulls(built: Warehouse) -> None:
    assert built.query(
        "select dossier_id, agency_code, procedure_code, channel, service_level, state, state_count, is_received, is_on_time"
        " from mart.fct_dossier where dossier_id in ('moving', 'poisoned') order by 1"
    ) == [
        ("moving", "H51.03", "1.004946.000.00.00", "counter", 2, "returned", 2, True, True),
        ("poisoned", "unknown", None, None, None, None, 1, False, None),
    ]
    assert built.query("select count(*) from mart.fct_dossier") == [(10,)]


def test_the_reporting_rate_says_who_reported_and_how_fully(built: Warehouse) -> None:
    assert built.query(
        "select agency_code, is_received, is_on_time, status, source, submission_id, quarantined_submission_count,"
        " mandatory_line_count, answered_mandatory_line_count, complete_percent"
        " from mart.mart_reporting_rate where agency_code <= 'H51.11' order by 1"
    ) == [
        ("H51.01", True, True, "accepted", "portal", "revised-2", 0, 6, 5, Decimal("83.33")),
        ("H51.02", False, None, "withdrawn", "portal", "withdrawn-2", 0, 1, 1, Decimal(100)),
        ("H51.03", True, True, "accepted", "portal", "kept-1", 2, 5, 4, Decimal(80)),
        ("H51.04", True, True, "accepted", "portal", "doors-portal", 0, 2, 1, Decimal(50)),
        ("H51.05", True, True, "accepted", "edoc", "replacement", 0, 1, 1, Decimal(100)),
        ("H51.06", False, None, "withdrawn", "edoc", "recalled", 0, 1, 1, Decimal(100)),
        ("H51.07", True, True, "accepted", "edoc", "not-recalled", 0, 1, 1, Decimal(100)),
        ("H51.08", True, False, "accepted", "portal", "late", 0, 1, 1, Decimal(100)),
        ("H51.09", True, True, "quarantined", "portal", "faulty", 1, 1, 1, Decimal(100)),
        ("H51.10", False, None, "missing", None, None, 0, None, None, None),
        ("H51.11", False, None, "missing", None, None, 0, None, None, None),
    ]


def test_the_province_adds_what_holds_and_says_how_many_stand_behind_it(built: Warehouse) -> None:
    assert built.query(
        "select value, value_basis, agencies_expected_count, agencies_reported_count, agencies_accepted_count,"
        " agencies_quarantined_count, agencies_with_quarantined_revision_count, agencies_answered_count"
        " from mart.mart_province_summary where indicator_code = 'III.6.1'"
    ) == [(Decimal(258), "sum", 30, 7, 6, 1, 1, 6)]


def test_a_share_is_recomputed_from_the_parts_that_the_notes_give(built: Warehouse) -> None:
    assert built.query(
        "select value, value_basis, numerator, denominator, agencies_with_ratio_count, agencies_with_value_count"
        " from mart.mart_province_summary where indicator_code = 'III.6.3'"
    ) == [(Decimal("66.67"), "ratios_cited_in_notes", Decimal(8), Decimal(12), 1, 2)]


def test_flags_are_counted_and_choices_told_apart_and_doubt_is_shown(built: Warehouse) -> None:
    assert built.query(
        "select indicator_code, value, yes_count, no_count, choice_counts, doubtful_count"
        " from mart.mart_province_summary where indicator_code in ('I.3.5', 'I.5.2', 'II.1') order by 1"
    ) == [
        ("I.3.5", Decimal(1), 1, 1, None, 0),
        ("I.5.2", None, None, None, '{"2": 1}', 0),
        ("II.1", Decimal(7), None, None, None, 1),
    ]


def test_what_nobody_reported_is_null_and_not_zero(built: Warehouse) -> None:
    assert built.query(
        "select count(*), count(value), count(yes_count), count(choice_counts), max(agencies_answered_count)"
        " from mart.mart_province_summary where indicator_code in ('I.1.1', 'I.6', 'IV.1.2', 'VII.2.4')"
    ) == [(4, 0, 0, 0, 0)]
    assert built.query("select count(*) from mart.mart_province_summary") == [(133,)]


def test_every_cell_in_which_two_doors_differ_is_told_the_quarantined_report_s_too(built: Warehouse) -> None:
    found = built.query(
        "select holding_submission_id, other_submission_id, other_quality_status, indicator_code, conflict_kind, difference"
        " from mart.mart_channel_conflict order by all"
    )
    assert [row for row in found if row[3] in ("III.6.1", "III.6.2")] == [
        ("doors-portal", "doors-scan", "superseded", "III.6.1", "value_differs", Decimal(1)),
        ("kept-1", "kept-scan", "quarantined", "III.6.1", "value_differs", Decimal(1)),
    ]
    assert "kept-2" not in {row[1] for row in found}, "a later revision by the same door is no other door"


def test_the_proposals_of_the_newest_night_say_whether_the_form_is_held_back_still(built: Warehouse) -> None:
    unsure = ("số chưa đúng", "the figure is wrong")
    assert built.query(
        "select submission_id, agency_code, is_quarantined, proposal_rank, indicator_code, new_value, swapped_with_code,"
        " cause_vi, cause_en from mart.fct_repair_proposal order by all"
    ) == [
        ("kept-1", "H51.03", False, 1, "III.6.2", Decimal(11), None, *unsure),
        ("kept-2", "H51.03", True, 1, "III.6.2", Decimal(528), None, *unsure),
        ("kept-2", "H51.03", True, 2, "III.6.2", Decimal(529), None, *unsure),
    ]
