import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations import results
from expectations.errors import GateError, RuleError
from expectations.gate import GateResult, ensure_tables, run_gate
from tests.expectations.gate_warehouses import NIGHT, ROOT, Cell, Planted, add_submissions, make_warehouse

CLEAN = {"III.6.1": 529, "III.6.2": 529, "I.1.1": 25, "I.1.2": 25}
SUBMISSIONS = [
    Planted("clean", CLEAN),
    Planted("unequal", CLEAN | {"III.6.2": 520}, agency_code="H51.04"),
    Planted("trained", CLEAN | {"V.4.1": 14, "V.4.2": 40}, agency_code="H51.05"),
    Planted("stranger", CLEAN, agency_code="unknown"),
]


def now() -> datetime:
    return datetime(2021, 12, 20, 18, 0, tzinfo=UTC)


def judge(warehouse: Path, night: date = NIGHT, **more: list[str]) -> GateResult:
    return run_gate(
        warehouse,
        night=night,
        context_root=warehouse.parent / "gx",
        now=now,
        lost_sources=more.get("lost", ()),
        has_docs=False,
    )


def query(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, GateResult]:
    """A warehouse with four submissions after its first gate; tests of this module only read it."""
    warehouse = make_warehouse(tmp_path_factory.mktemp("gate") / "warehouse.duckdb", SUBMISSIONS)
    return warehouse, judge(warehouse)


def test_a_submission_that_breaks_an_error_rule_is_quarantined_alone(judged: tuple[Path, GateResult]) -> None:
    _, result = judged
    assert result.is_passed
    assert result.evaluated_count == 4
    assert (result.failed_error_count, result.failed_warning_count) == (1, 1)
    assert result.quarantined == ("stranger", "unequal")


def test_every_outcome_is_written_with_its_two_sides(judged: tuple[Path, GateResult]) -> None:
    warehouse, result = judged
    counts = query(warehouse, "select submission_id, count(*) from audit.rule_result group by all order by all")
    assert counts == [(planted, 73) for planted in ("clean", "stranger", "trained", "unequal")]
    assert query(
        warehouse,
        "select submission_id, rule_id, severity, left_value, right_value, left_text, right_text, rules_version, night_on"
        " from audit.rule_result where outcome = 'failed' order by all",
    ) == [
        ("trained", "V-01", "warning", 40, 28, "V.4.2 = 40", "2 × V.4.1 = 2 × 14 = 28", result.rules_version, NIGHT),
        ("unequal", "III-06", "error", 529, 520, "III.6.1 = 529", "III.6.2 = 520", result.rules_version, NIGHT),
    ]


def test_a_result_can_not_be_changed(judged: tuple[Path, GateResult]) -> None:
    with pytest.raises(FrozenInstanceError):
        judged[1].evaluated_count = 0  # type: ignore[misc]


def test_a_second_run_judges_nothing_and_does_not_import_great_expectations(judged: tuple[Path, GateResult]) -> None:
    warehouse, _ = judged
    before = query(warehouse, "select * from audit.rule_result order by all")
    code = f"""
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from expectations.gate import run_gate
result = run_gate(Path({str(warehouse)!r}), night=date(2021, 12, 21), context_root=Path({str(warehouse.parent)!r}) / "gx",
                  now=lambda: datetime.now(UTC))
assert result.evaluated_count == 0 and result.is_passed, result
assert "great_expectations" not in sys.modules
assert "sqlalchemy" not in sys.modules
print("quiet")
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert run.stdout == "quiet\n", run.stderr
    assert query(warehouse, "select * from audit.rule_result order by all") == before


def test_a_later_night_judges_only_what_is_new(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:1])
    assert judge(warehouse).evaluated_count == 1
    with duckdb.connect(str(warehouse)) as connection:
        add_submissions(connection, [replace(SUBMISSIONS[1], night=date(2021, 12, 21))])
    result = judge(warehouse, date(2021, 12, 21))
    assert (result.evaluated_count, result.quarantined) == (1, ("unequal",))
    assert query(warehouse, "select submission_id, max(night_on) from audit.rule_result group by all order by all") == [
        ("clean", NIGHT),
        ("unequal", date(2021, 12, 21)),
    ]


def test_a_changed_rule_judges_everything_again_and_keeps_what_was_found(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:1])
    first = judge(warehouse)
    query(warehouse, "update seed.rules set tolerance = '2' where rule_id = 'III-06'")
    second = judge(warehouse)
    assert second.evaluated_count == 1
    assert second.rules_version != first.rules_version
    assert query(warehouse, "select count(distinct rules_version), count(*) from audit.rule_result") == [(2, 146)]


def test_an_error_problem_quarantines_too(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:1])
    query(
        warehouse,
        "insert into raw.problem values (1, 'clean', 'portal', 'error', 'line_twice', 'hai lần', 'p', '2021-12-20')",
    )
    assert judge(warehouse).quarantined == ("clean",)


@pytest.mark.parametrize("has_something_to_judge", [True, False])
def test_a_lost_source_stops_the_publication_and_the_rest_is_judged(
    tmp_path: Path, has_something_to_judge: bool
) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:1] if has_something_to_judge else [])
    result = judge(warehouse, lost=["Cổng dịch vụ công: không kết nối được"])
    assert not result.is_passed
    assert result.structural_failures == ("Cổng dịch vụ công: không kết nối được",)
    assert result.evaluated_count == int(has_something_to_judge)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("insert into intermediate.int_submission_line by name select * from intermediate.int_submission_line"
         " where indicator_code = 'III.6.1' limit 1", "bị lặp"),
        ("delete from intermediate.int_submission_line where indicator_code = 'III.6.1' and submission_id = 'clean'",
         "không có đủ các dòng"),
        ("update intermediate.int_submission_line set indicator_code = 'III.9.9'"
         " where indicator_code = 'III.6.1' and submission_id = 'clean'", "mã chỉ tiêu không có trong danh mục"),
        ("update intermediate.int_submission_line set agency_code = 'H99.01' where submission_id = 'clean'",
         "mã cơ quan không có trong danh mục"),
        ("update intermediate.int_submission_line set period_code = '2021-Q5' where submission_id = 'clean'",
         "mã kỳ báo cáo không có trong danh mục"),
        ("update intermediate.int_submission_line set agency_code = 'H51.09'"
         " where submission_id = 'clean' and indicator_code = 'III.6.1'", "nhiều cơ quan"),
        ("delete from intermediate.int_submission_line where submission_id = 'clean'", "bị mất khi dựng kho"),
        ("delete from raw.submission where submission_id = 'clean'", "không có trong dữ liệu đã nhận"),
    ],
)  # fmt: skip
def test_a_broken_structure_stops_the_publication_and_judges_nobody(tmp_path: Path, sql: str, said: str) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:2])
    query(warehouse, sql)
    result = judge(warehouse)
    assert not result.is_passed
    assert any(said in sentence for sentence in result.structural_failures)
    assert result.evaluated_count == 0
    assert query(warehouse, "select count(*) from audit.rule_result") == [(0,)]


def test_submissions_that_vanished_since_an_earlier_night_stop_a_quiet_night(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:2])
    assert judge(warehouse).is_passed
    query(warehouse, "delete from intermediate.int_submission_line where submission_id = 'clean'")
    query(warehouse, "delete from raw.submission where submission_id = 'clean'")
    result = judge(warehouse, date(2021, 12, 21))
    assert result.structural_failures == (
        "1 biểu đã kiểm tra những đêm trước nay không còn. Việc cần làm: khôi phục bản sao lưu của kho hoặc dựng lại kho từ"
        " landing rồi chạy lại đêm này",
    )


def test_what_is_counted_and_what_is_written_must_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:2])
    monkeypatch.setattr(
        results, "_INSERT", results._INSERT.replace("select found.*", "select found.* replace ('passed' as outcome)")
    )
    result = judge(warehouse)
    assert result.structural_failures == ("Quy tắc III-06: đếm được 1 biểu vi phạm nhưng ghi 0",)
    assert query(warehouse, "select count(*) from audit.rule_result") == [(0,)]


def test_no_table_of_the_gate_is_left_behind_but_the_results(judged: tuple[Path, GateResult]) -> None:
    found = query(judged[0], "select table_name from information_schema.tables where table_schema = 'audit'")
    assert sorted(name for (name,) in found) == [
        "judged", "night_volume", "repair_attempt", "repair_proposal", "rule_result", "rule_result_now",
    ]  # fmt: skip


def test_the_file_can_be_opened_with_any_configuration_after_the_gate(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:1])
    judge(warehouse)
    with duckdb.connect(str(warehouse), config={"threads": 1}) as connection:
        assert connection.execute("select count(*) from audit.rule_result").fetchall() == [(73,)]


def test_a_night_without_any_submission_passes(tmp_path: Path) -> None:
    result = judge(make_warehouse(tmp_path / "warehouse.duckdb", []))
    assert (result.is_passed, result.evaluated_count, result.quarantined) == (True, 0, ())


def test_a_rule_that_makes_no_sense_stops_the_gate_with_its_place(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", SUBMISSIONS[:1])
    query(warehouse, "update seed.rules set \"right\" = 'III.6.99' where rule_id = 'III-06'")
    with pytest.raises(RuleError, match=r"rule III-06, right, character 1: the catalogue has no indicator III\.6\.99"):
        judge(warehouse)


def test_a_warehouse_that_was_not_built_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"seed\.indicators can't be read"):
        judge(tmp_path / "warehouse.duckdb")


def test_ensuring_the_tables_twice_keeps_what_they_hold(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        ensure_tables(connection)
        connection.execute(
            "insert into audit.rule_result values ('a', 'X', 'error', 'passed', 1, 1, '', '', 'v', '2021-12-20')"
        )
        ensure_tables(connection)
        assert connection.execute("select count(*) from audit.rule_result").fetchall() == [(1,)]


def test_unread_figures_leave_a_rule_unjudged_and_the_form_published(tmp_path: Path) -> None:
    form = CLEAN | {"III.6.2": Cell(None, text="xem phụ lục", status="unreadable")}
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", [Planted("unread", form)])
    assert judge(warehouse).quarantined == ()
    found = query(warehouse, "select outcome from audit.rule_result where rule_id = 'III-06'")
    assert found == [("not_evaluated",)]
