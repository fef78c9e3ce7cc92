"""What the gate judges again: what is beside a submission has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from expectations.gate import GateResult, run_gate
from tests.expectations.gate_warehouses import Planted, add_submissions, make_warehouse

CLEAN = {"III.6.1": 529, "III.6.2": 529}
Q1 = Planted("q1", CLEAN | {"I.3.2": 60}, period_code="2021-Q1")
H1 = Planted("h1", CLEAN | {"I.3.2": 12}, period_code="2021-H1")
OTHER = Planted("other", CLEAN, agency_code="H51.31", period_code="2021-H1")


def judge(warehouse: Path, day: int) -> GateResult:
    return run_gate(
        warehouse,
        night=date(2021, 12, day),
        context_root=warehouse.parent / "gx",
        now=lambda: datetime(2021, 12, day, 18, tzinfo=UTC),
        has_docs=False,
    )


def rows(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse)) as connection:
        return connection.execute(sql).fetchall()


def test_a_corrected_first_quarter_releases_the_six_months_and_touches_nobody_else(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "w.duckdb", [Q1, H1, OTHER])
    assert judge(warehouse, 20).quarantined == ("h1",)
    with duckdb.connect(str(warehouse)) as connection:
        add_submissions(connection, [replace(Q1, submission_id="q1-2", cells=CLEAN | {"I.3.2": 6}, revision=2)])
    result = judge(warehouse, 21)
    assert (result.evaluated_count, result.quarantined) == (2, ())
    told = "select night_on, outcome, left_text from audit.rule_result where submission_id = 'h1' and rule_id = 'T-01'"
    assert rows(warehouse, f"{told} order by night_on") == [
        (date(2021, 12, 20), "failed", "I.3.2 (quý I) = 60"),
        (date(2021, 12, 21), "passed", ""),
    ]
    unchanged = "select count(*) from audit.rule_result where submission_id = 'h1' and rule_id = 'III-06'"
    assert rows(warehouse, unchanged) == [(1,)]
    before = rows(warehouse, "select * from audit.rule_result order by all")
    assert judge(warehouse, 22).evaluated_count == 0
    assert rows(warehouse, "select * from audit.rule_result order by all") == before


def test_new_dossiers_judge_the_one_report_that_they_speak_of_again(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "w.duckdb", [H1, OTHER])
    recorded = "insert into intermediate.int_recorded_measure values ('H51.03', '2021-H1', 'III.6.1',"
    rows(warehouse, f"{recorded} 'portal.dossiers_received', 529, null, null)")
    assert judge(warehouse, 20).failed_warning_count == 0
    rows(warehouse, "update intermediate.int_recorded_measure set recorded_value = 531")
    result = judge(warehouse, 21)
    assert (result.evaluated_count, result.failed_warning_count, result.quarantined) == (1, 1, ())
    assert rows(
        warehouse, "select submission_id, left_text, right_text from audit.rule_result_now where outcome = 'failed'"
    ) == [("h1", "III.6.1 = 529", "hồ sơ tiếp nhận theo Cổng dịch vụ công = 531")]


def test_a_report_that_fails_by_itself_stands_for_nobody(tmp_path: Path) -> None:
    wrong = replace(Q1, cells=Q1.cells | {"III.6.2": 1})
    warehouse = make_warehouse(tmp_path / "w.duckdb", [wrong, H1])
    assert judge(warehouse, 20).quarantined == ("q1",)


def test_a_waived_failure_no_longer_quarantines_and_stays_a_failure(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "w.duckdb", [replace(Q1, cells={"III.6.1": 5, "III.6.2": 4})])
    rows(
        warehouse,
        "insert into raw.waiver values ('q1', 'III-06', true, 'đã đối chiếu', 'an', '2021-12-19', '2021-12-19', 9)",
    )
    result = judge(warehouse, 20)
    assert (result.failed_error_count, result.waived_count, result.quarantined) == (1, 1, ())
    assert rows(warehouse, "select outcome from audit.rule_result where rule_id = 'III-06'") == [("failed",)]
