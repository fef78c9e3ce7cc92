"""The record of a run's steps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from cchc.night import LOCAL, lost_sources, read_streams
from cchc.show import arrived_rows
from cchc.steps import DOORS, Facts, RunRecord, StepError


def now() -> datetime:
    return datetime(2021, 12, 20, 1, 0, tzinfo=LOCAL)


def stop() -> Facts:
    raise StepError("nguồn bị mất", {"rule_count": 54})


def test_a_step_is_on_record_with_its_counts_when_it_ended_well(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, "scheduled__2021-12-19T18:00:00+00:00")
    assert record.run("load_raw", lambda: {"landed_count": 3}, now=now) == {"landed_count": 3}
    step = record.steps()["load_raw"]
    assert (step.has_ended, step.failure, step.facts) == (True, "", {"landed_count": 3})
    assert ":" not in record.path.name


def test_a_failed_step_is_on_record_with_its_reason_and_what_it_came_to(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, "run")
    with pytest.raises(StepError):
        record.run("gate", stop, now=now)
    assert record.steps()["gate"].failure == "nguồn bị mất"
    assert record.steps()["gate"].facts == {"rule_count": 54}


def test_a_step_that_was_tried_again_counts_by_its_last_try(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, "run")
    with pytest.raises(StepError):
        record.run("collect_drops", stop, now=now)
    record.run("collect_drops", lambda: {"landed_count": 1}, now=now)
    assert record.steps()["collect_drops"].failure == ""


def test_steps_side_by_side_do_not_mix_their_lines(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, "run")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: record.run(f"step_{at}", lambda: {"text": "ế" * 5000}, now=now), range(40)))
    steps = record.steps()
    assert len(steps) == 40
    assert all(step.facts == {"text": "ế" * 5000} for step in steps.values())


def test_a_door_is_lost_when_it_failed_and_gave_nothing(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, "run")
    counts = {"landed_count": 0, "unchanged_count": 0, "failure": None}
    record.run("pull_portal_submissions", lambda: counts | {"failure": "không kết nối được"}, now=now)
    record.run("pull_portal_dossiers", lambda: counts | {"failure": "đứt giữa chừng", "landed_count": 2}, now=now)
    record.run("pull_edocuments", lambda: {"skipped": "no address"}, now=now)
    with pytest.raises(StepError):
        record.run("collect_drops", stop, now=now)
    remedy = "Việc cần làm: kiểm tra địa chỉ và tài khoản của nguồn, báo đơn vị vận hành, rồi chạy lại đêm này"
    assert lost_sources(record) == [
        f"{DOORS['pull_portal_submissions']}: không kết nối được. {remedy}",
        f"{DOORS['collect_drops']}: nguồn bị mất. {remedy}",
    ]


def test_a_register_that_was_not_read_stands_on_its_own_line(tmp_path: Path) -> None:
    messages: Facts = {"landed_count": 3, "unchanged_count": 0, "item_count": 3, "problem_count": 0, "failure": None}
    register = messages | {"landed_count": 0, "failure": "không kết nối được"}
    record = RunRecord(tmp_path, "run")
    facts = record.run("pull_edocuments", lambda: messages | {"outgoing": register}, now=now)
    rows = {row[0]: row[-1] for row in arrived_rows({"arrived": {"pull_edocuments": facts}})}
    assert rows == {"edocuments": "", "register of documents sent": "không kết nối được"}
    assert "outgoing_documents" not in read_streams(record)
    assert "forms" not in read_streams(record)
