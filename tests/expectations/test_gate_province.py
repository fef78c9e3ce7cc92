from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.gate import GateResult, run_gate
from tests.expectations.gate_provinces import NIGHT, Lines, make_province


def judged(folder: Path, **province: Any) -> tuple[GateResult, dict[tuple[str, str, str], tuple[str, str]]]:
    """The gate's result, and every failed (agency, period, rule) with its two sides."""
    warehouse = make_province(folder, **province)
    result = run_gate(
        warehouse,
        night=NIGHT,
        context_root=folder / "gx",
        now=lambda: datetime(2021, 12, 20, 18, tzinfo=UTC),
        has_docs=False,
    )
    with duckdb.connect(str(warehouse)) as connection:
        rows = connection.execute(
            "select agency_code, period_code, rule_id, left_text, right_text from audit.rule_result_now"
            " inner join raw.submission using (submission_id) where outcome = 'failed'"
        ).fetchall()
    return result, {(agency, period, rule): (left, right) for agency, period, rule, left, right in rows}


def plant(lines: Any) -> None:
    """Twelve defects, each in another agency's report."""

    def year(agency: str) -> Lines:
        found: Lines = lines(agency, "2021")
        return found

    year("H51.03")["III.6.2"]["value"] = 160  # 166 received
    year("H51.04")["I.1.2"]["value"] = int(year("H51.04")["I.1.1"]["value"]) + 3
    lines("H51.06", "2021-Q1")["I.3.2"]["value"] = "60"  # more than in six months
    for code in ("III.2.3", "III.2.3.a", "III.3.1"):  # four procedures in force from nowhere
        line = lines("H51.09", "2021-Q3")[code]
        line["value"] = int(line["value"]) + 4
    year("H51.10")["VII.1.1"]["value"] = "6350"  # a zero too many
    year("H51.11")["I.3"]["note"] = "72/KH-STTTT ngày 04/02/2020"
    year("H51.12")["II.1"]["value"] = 2  # one document cited
    note = year("H51.13")["VI.5"]["note"]
    year("H51.13")["VI.5"]["note"] = f"{int(note.split('/')[0]) + 300}/{note.split('/', 1)[1]}"
    year("H51.31")["V.4.2"]["value"] = 100  # 44 planned
    year("H51.35")["I.5.3"]["value"] = "102,5"
    year("H51.36")["I.5.3"]["value"] = "12"
    year("H51.39")["III.6.3"] |= {"value": "99,1", "note": None}  # of 169


def test_twelve_planted_defects_are_found_named_and_explained_and_nothing_else(tmp_path: Path) -> None:
    result, failed = judged(tmp_path, seed=3, plant=plant)
    assert set(failed) == {
        ("H51.03", "2021", "III-06"),
        ("H51.03", "2021", "S-02"),
        ("H51.04", "2021", "I-01"),
        ("H51.06", "2021-H1", "T-01"),
        ("H51.09", "2021-Q3", "T-05"),
        ("H51.10", "2021", "S-05"),
        ("H51.11", "2021", "D-01"),
        ("H51.12", "2021", "II-03"),
        ("H51.13", "2021", "D-02"),
        ("H51.31", "2021", "V-01"),
        ("H51.35", "2021", "P-01"),
        ("H51.36", "2021", "O-01"),
        ("H51.39", "2021", "P-02"),
        ("H51.39", "2021", "S-03"),
    }
    assert len(result.quarantined) == 4
    assert failed["H51.03", "2021", "S-02"] == ("III.6.2 = 160", "hồ sơ trả kết quả theo Cổng dịch vụ công = 166")
    left, right = failed["H51.06", "2021-H1", "T-01"]
    assert left == "I.3.2 (quý I) = 60"
    assert right.startswith("I.3.2 (6 tháng) = ")
    assert failed["H51.09", "2021-Q3", "T-05"][1].startswith("III.2.3 kỳ trước + III.2.1 - III.2.2 = ")
    assert failed["H51.11", "2021", "D-01"] == ("ghi chú I.3 nêu 72/KH-STTTT ngày 04/02/2020", "năm báo cáo 2021")
    assert "không khớp" in failed["H51.13", "2021", "D-02"][1]
    assert failed["H51.36", "2021", "O-01"][0] == "I.5.3 = 12"
    assert "trung vị" in failed["H51.36", "2021", "O-01"][1]


@pytest.mark.parametrize("seed", [2])
def test_a_clean_province_has_no_failure(tmp_path: Path, seed: int) -> None:
    result, failed = judged(tmp_path, seed=seed)
    assert failed == {}
    assert result.is_passed
    assert result.evaluated_count >= 100
    assert (result.failed_error_count, result.failed_warning_count, result.quarantined) == (0, 0, ())
    assert result.rule_count == 73
