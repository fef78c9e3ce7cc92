"""What holds, what is in quarantine, what was replaced or withdrawn, and what the facts say of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.dbt_project.dbt_warehouse import Warehouse

STATUSES = {
    "revised-1": ("H51.01", "superseded", "later_revision"),
    "revised-2": ("H51.01", "accepted", "holds"),
    "withdrawn-1": ("H51.02", "superseded", "later_revision"),
    "withdrawn-2": ("H51.02", "withdrawn", "withdrawn_by_sender"),
    "kept-1": ("H51.03", "accepted", "holds"),
    "kept-2": ("H51.03", "quarantined", "failed_rule"),
    "kept-scan": ("H51.03", "quarantined", "failed_rule"),
    "doors-portal": ("H51.04", "accepted", "holds"),
    "doors-scan": ("H51.04", "superseded", "other_door_holds"),
    "replacement": ("H51.05", "accepted", "holds"),
    "replaced": ("H51.05", "superseded", "replaced"),
    "recalled": ("H51.06", "withdrawn", "recalled"),
    "not-recalled": ("H51.07", "accepted", "holds"),
    "late": ("H51.08", "accepted", "holds"),
    "faulty": ("H51.09", "quarantined", "error_problem"),
    "nobody": ("unknown", "quarantined", "unknown_agency"),
    "never": ("H51.10", "quarantined", "unknown_period"),
}


@pytest.mark.parametrize("submission_id", STATUSES)
def test_a_submission_has_the_status_of_its_history(built: Warehouse, submission_id: str) -> None:
    assert built.query(
        f"select agency_code, status, status_reason from mart.fct_submission where submission_id = '{submission_id}'"
    ) == [STATUSES[submission_id]]


def test_no_submission_is_lost(built: Warehouse) -> None:
    assert {row[0] for row in built.query("select submission_id from mart.fct_submission")} == set(STATUSES)


def test_one_figure_holds_for_each_agency_and_line(built: Warehouse) -> None:
    assert built.query(
        "select agency_code, value from mart.fct_indicator_value"
        " where is_current and indicator_code = 'III.6.1' and period_code = '2021' order by 1"
    ) == [
        ("H51.01", Decimal(12)),
        ("H51.03", Decimal(6)),
        ("H51.04", Decimal(40)),
        ("H51.05", Decimal(50)),
        ("H51.07", Decimal(70)),
        ("H51.08", Decimal(80)),
    ]


def test_a_line_that_the_catalogue_does_not_know_is_kept_and_never_holds(built: Warehouse) -> None:
    assert built.query(
        "select indicator_code, value, quality_status, is_current from mart.fct_indicator_value"
        " where reported_indicator_code = 'X.9'"
    ) == [("unknown", Decimal(5), "accepted", False)]


def test_blank_stays_blank_and_a_share_stays_exact(built: Warehouse) -> None:
    assert built.query(
        "select indicator_code, value, value_text, observation_status from mart.fct_indicator_value"
        " where submission_id = 'revised-2' and indicator_code in ('III.6.2', 'III.6.3') order by 1"
    ) == [("III.6.2", None, "", "blank"), ("III.6.3", Decimal("66.67"), "66.67", "reported")]


def test_only_the_last_version_of_the_rules_counts(built: Warehouse) -> None:
    assert built.query(
        "select rule_id, severity, outcome, rules_version from mart.fct_rule_result where submission_id = 'kept-1' order by 1"
    ) == [("II-03", "warning", "failed", "v1"), ("III-06", "error", "passed", "v1")]
    assert built.query(
        "select failed_error_count, failed_warning_count from mart.fct_submission where submission_id = 'kept-1'"
    ) == [(0, 1)]


def test_a_report_is_late_from_the_day_after_the_due_day(built: Warehouse) -> None:
    assert built.query(
        "select submission_id, due_on::varchar, is_late from mart.fct_submission"
        " where submission_id in ('late', 'doors-scan', 'never') order by 1"
    ) == [("doors-scan", "2021-12-20", False), ("late", "2021-12-20", True), ("never", None, None)]


def test_reported_and_doubtful_lines_are_answered_and_blank_ones_are_not(built: Warehouse) -> None:
    assert built.query(
        "select line_count, answered_count, doubtful_count from mart.fct_submission where submission_id = 'revised-2'"
    ) == [(8, 6, 1)]
