"""A published file of four agencies, in tables of the shape that dbt's contracts state, with every kind of line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"
HOSTILE = "</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\"><!--<script>"
AGENCIES = {"H51.01": "Văn phòng UBND tỉnh", "H51.02": "Sở Nội vụ", "H51.03": "Sở Tài chính", "H51.04": HOSTILE}
LINES = {
    # code: (label, English, unit, type, row)
    "I": ("Công tác chỉ đạo điều hành CCHC", "Direction", None, "heading", 1),
    "I.2": ("Kế hoạch", "Plan", None, "flag", 2),
    "I.10": ("Số cuộc kiểm tra", "Inspections", "Cuộc", "count", 3),
    "III": ("Cải cách thủ tục hành chính", "Procedures", None, "heading", 4),
    "III.6.1": ("Số lượng hồ sơ tiếp nhận", "Dossiers received", "Hồ sơ", "count", 5),
    "III.6.3": ("Tỷ lệ hồ sơ đúng hẹn", "Share on time", "%", "percent", 6),
}
FIGURES = {"H51.01": (1, 4, 529, 99.8), "H51.02": (0, 7, 1250, 80.5)}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        connection.execute(
            f"insert into mart.{table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
        )


def publish_small_province(path: Path) -> None:
    """Tables of the shape that dbt's contracts state, for four agencies: two accepted, one held, one that sent nothing."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema mart")
        for file in sorted(MODELS.glob("*.yml")):
            for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
                columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
                connection.execute(f"create table mart.{model['name']} ({columns})")
        for year in (2020, 2021):
            _insert(
                connection,
                "dim_period",
                {
                    "period_code": str(year),
                    "label_vi": f"Năm {year}",
                    "year": year,
                    "kind": "year",
                    "data_from": f"{year - 1}-12-15",
                    "data_to": f"{year}-12-14",
                    "due_on": f"{year}-12-20",
                },
            )
        for code, (label, english, unit, kind, row) in LINES.items():
            _insert(
                connection,
                "dim_indicator",
                {
                    "indicator_code": code,
                    "form_row": row,
                    "section_code": code.split(".")[0],
                    "label_vi": label,
                    "label_en": english,
                    "unit_vi": unit,
                    "value_type": kind,
                    "is_answerable": kind != "heading",
                },
            )
        for code, name in AGENCIES.items():
            status = "accepted" if code in FIGURES else "quarantined" if code == "H51.03" else "missing"
            _insert(connection, "dim_agency", {"agency_code": code, "name_vi": name, "level": "department"})
            _insert(
                connection,
                "mart_reporting_rate",
                {
                    "agency_code": code,
                    "period_code": "2021",
                    "due_on": "2021-12-20",
                    "is_expected": True,
                    "is_received": status != "missing",
                    "is_on_time": code == "H51.01",
                    "status": status,
                    "first_received_at": None if status == "missing" else f"2021-12-{17 + 2 * int(code[-1])} 08:00",
                    "quarantined_submission_count": int(status == "quarantined"),
                },
            )
        for code, values in FIGURES.items():
            for order, (line, value) in enumerate(
                zip([line for line, told in LINES.items() if told[3] != "heading"], values, strict=True)
            ):
                held = {"agency_code": code, "period_code": "2021", "indicator_code": line, "value": value}
                _insert(
                    connection,
                    "fct_indicator_value",
                    held
                    | {
                        "line_order": order,
                        "value_text": str(value),
                        "note": HOSTILE,
                        "observation_status": "doubtful" if (code, line) == ("H51.01", "I.10") else "reported",
                        "is_current": True,
                    },
                )
                if line != "I.2":
                    _insert(
                        connection,
                        "mart_agency_scorecard",
                        held | {"peer_rank": 1 if code == "H51.02" else 2, "peer_count": 2, "peer_median": 889.5},
                    )
        for line, value, before in (("I.10", 11, None), ("III.6.1", 1779, 1500), ("III.6.3", 86.24, 85)):
            _insert(
                connection,
                "mart_province_summary",
                {"period_code": "2021", "indicator_code": line, "value": value, "agencies_answered_count": 2},
            )
            _insert(
                connection,
                "mart_indicator_history",
                {
                    "agency_code": "H51",
                    "indicator_code": line,
                    "kind": "year",
                    "period_code": "2021",
                    "data_to": "2021-12-14",
                    "value": value,
                    "previous_period_code": "2020" if before else None,
                    "previous_value": before,
                    "change_amount": value - before if before else None,
                    "is_province": True,
                    "is_break": False,
                },
            )
        _insert(
            connection,
            "mart_province_summary",
            {
                "period_code": "2021",
                "indicator_code": "I.2",
                "yes_count": 1,
                "no_count": 1,
                "agencies_answered_count": 2,
            },
        )
        _insert(
            connection,
            "fct_submission",
            {
                "submission_id": "s3",
                "agency_code": "H51.03",
                "period_code": "2021",
                "status": "quarantined",
                "status_reason": "failed_rule",
                "document_number": HOSTILE,
                "received_at": "2021-12-19 08:00",
                "night_on": "2021-12-20",
                "source": "portal",
            },
        )
        _insert(
            connection,
            "dim_rule",
            {"rule_id": "P-01", "message_vi": "Tỷ lệ ngoài khoảng", "message_en": "Out of range"},
        )
        _insert(
            connection,
            "fct_rule_result",
            {
                "submission_id": "s3",
                "rule_id": "P-01",
                "severity": "error",
                "outcome": "failed",
                "is_waived": False,
                "left_text": "I.5.3 = 102,5",
                "right_text": "từ 0 đến 100",
            },
        )
        _insert(
            connection,
            "mart_rule_quality",
            {"agency_code": "H51.03", "period_code": "2021", "rule_id": "P-01", "severity": "error", "failed_count": 1},
        )
        _insert(
            connection,
            "mart_reconciliation",
            {
                "agency_code": "H51.02",
                "period_code": "2021",
                "indicator_code": "III.6.1",
                "reported_value": 1250,
                "recorded_value": 1200,
                "difference": 50,
                "is_matching": False,
            },
            {
                "agency_code": "H51.01",
                "period_code": "2021",
                "indicator_code": "III.6.3",
                "reported_value": 99.8,
                "recorded_value": 97.5,
                "difference": 2.3,
                "is_matching": False,
            },
        )
