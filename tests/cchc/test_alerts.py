"""A night that is not over by its deadline, as the triggerer reports it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cchc.alerts import tell_late_night
from expectations.outbox import Outbox


@pytest.mark.parametrize(
    "context", [{"dag_run": {"run_id": "scheduled__2026"}}, {"dag_run": {"dag_run_id": "scheduled__2026"}}]
)
def test_the_department_is_told_which_run_is_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: dict[str, object]
) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    monkeypatch.setenv("CCHC_REPORT_TO", "phong-cchc@soctrang.example")
    asyncio.run(tell_late_night(context=context))
    (waiting,) = Outbox(tmp_path / "outbox" / "outbox.sqlite", now=lambda: datetime.now(UTC)).unsent()
    assert waiting.recipient == "phong-cchc@soctrang.example"
    assert waiting.subject == "[CCHC] Đêm nạp số liệu chưa xong đúng hạn"
