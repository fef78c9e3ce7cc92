"""What goes with the weeks, and what never does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from cchc.housekeeping import tidy
from cchc.night import LOCAL
from cchc.settings import Settings
from expectations.outbox import Outbox

MOMENT = datetime(2026, 3, 1, 4, tzinfo=LOCAL)
GOES = (
    "airflow/logs/nightly/old.log",
    "dbt/logs/dbt.log.1",
    "airflow/steps/old.jsonl",
    "reports/2025-10-01/agencies/H51.03/H51.03_2025_can-sua.xlsx",
    "published/.cchc.duckdb.new",
)
STAYS = (
    "landing/ab/abcdef.json",
    "warehouse/warehouse.duckdb",
    "published/cchc.duckdb",
    "reports/2025-10-01/quality_report.eml",
    "reports/2025-10-01/summary.json",
    "outbox/something-else",
)


def put(home: Path, name: str, days: int) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x" * 10, encoding="ascii")
    written = (MOMENT - timedelta(days=days)).timestamp()
    os.utime(path, (written, written))
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, keep_days=90)


def test_what_is_old_goes_and_the_landing_zone_is_never_touched(settings: Settings) -> None:
    old = [put(settings.home_path, name, 100) for name in GOES]
    kept = [put(settings.home_path, name, 1000) for name in STAYS]
    fresh = put(settings.home_path, "airflow/logs/nightly/new.log", 10)
    facts = tidy(settings, MOMENT)
    assert [path.name for path in old if path.exists()] == []
    assert all(path.exists() for path in (*kept, fresh))
    assert {kind: told["file_count"] for kind, told in facts.items() if kind != "mails_emptied"} == {
        "logs": 2, "run_records": 1, "agency_workbooks": 1, "unfinished": 1,
    }  # fmt: skip
    assert tidy(settings, MOMENT)["logs"] == {"file_count": 0, "byte_count": 0}


def test_a_file_that_is_being_written_right_now_stays(settings: Settings) -> None:
    writing = put(settings.home_path, "published/.cchc.duckdb.new", 0)
    tidy(settings, MOMENT)
    assert writing.exists()


def test_a_mail_sent_long_ago_keeps_its_head_so_that_it_is_never_sent_again(settings: Settings) -> None:
    sent: list[str] = []

    def send(message: EmailMessage, _url: str, _left_to: Sequence[str]) -> dict[str, int]:
        sent.append(str(message["Message-ID"]))
        return {}

    message = EmailMessage()
    message["Message-ID"], message["To"], message["Subject"] = "<one@x>", "a@x.example", "Một"
    message.set_content("thư")
    long_ago = Outbox(settings.outbox_path, now=lambda: MOMENT - timedelta(days=100))
    long_ago.put(message, owner="department", night=MOMENT.date())
    long_ago.flush("smtp://x", send=send)
    assert tidy(settings, MOMENT)["mails_emptied"] == 1
    box = Outbox(settings.outbox_path, now=lambda: MOMENT)
    assert box.content("<one@x>") == b""
    box.put(message, owner="department", night=MOMENT.date())
    box.flush("smtp://x", send=send)
    assert sent == ["<one@x>"]
