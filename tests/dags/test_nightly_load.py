"""The DAG as Airflow itself loads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cchc.airflow_home import airflow_environment
from cchc.settings import Settings

LOAD = """
import json
from airflow.dag_processing.dagbag import DagBag
from cchc.settings import ROOT
bag = DagBag(str(ROOT / "dags"))
dag = bag.dags.get("nightly_load")
print("LOADED " + json.dumps({
    "errors": bag.import_errors,
    "timetable": [type(dag.timetable).__name__, dag.timetable.expression, str(dag.timetable.timezone)],
    "catchup": dag.catchup,
    "max_active_runs": dag.max_active_runs,
    "dags": {d.dag_id: {"owner": d.owner, "doc": bool(d.doc_md), "schedule": d.timetable.expression,
        "undocumented": [t.task_id for t in d.tasks if not (t.doc_md or t.doc)]} for d in bag.dags.values()},
    "deadline": [alert.interval.total_seconds() for alert in dag.deadline],
    "assets": {t.task_id: [[a.uri for a in t.inlets], [a.uri for a in t.outlets]] for t in dag.tasks if t.inlets or t.outlets},
    "back_off": sorted({t.task_id for t in dag.tasks if t.retry_exponential_backoff}),
    "tasks": {t.task_id: {"upstream": sorted(t.upstream_task_ids), "pool": t.pool, "rule": t.trigger_rule.value,
        "retries": t.retries, "doc": bool(t.doc_md or t.doc)} for t in dag.tasks},
}))
"""
DOORS = ["collect_drops", "pull_edocuments", "pull_portal_dossiers", "pull_portal_submissions"]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = airflow_environment(Settings(home=tmp_path_factory.mktemp("home")))
    done = subprocess.run([sys.executable, "-c", LOAD], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("LOADED ")]
    found: dict[str, Any] = json.loads(line.removeprefix("LOADED "))
    return found


def test_it_loads_without_errors_and_runs_at_one_in_the_local_night(loaded: dict[str, Any]) -> None:
    assert loaded["errors"] == {}
    assert loaded["timetable"] == ["CronDataIntervalTimetable", "0 1 * * *", "Asia/Ho_Chi_Minh"]
    assert loaded["catchup"] is False
    assert loaded["max_active_runs"] == 1


def test_the_doors_stand_side_by_side_before_one_chain(loaded: dict[str, Any]) -> None:
    tasks = loaded["tasks"]
    assert {name: task["upstream"] for name, task in tasks.items()} == {
        **{door: [] for door in DOORS},
        "load_raw": DOORS,
        "build": ["load_raw"],
        "gate": ["build"],
        "build_marts": ["gate"],
        "publish": ["build_marts"],
        "report": ["publish"],
        "conclude": ["report"],
    }


def test_whatever_writes_the_warehouse_waits_for_the_one_slot(loaded: dict[str, Any]) -> None:
    for name, task in loaded["tasks"].items():
        assert task["pool"] == ("default_pool" if name in DOORS else "duckdb_writer"), name


def test_a_failed_door_does_not_stop_the_others_and_the_report_always_goes_out(loaded: dict[str, Any]) -> None:
    rules = {name: task["rule"] for name, task in loaded["tasks"].items()}
    assert [name for name, rule in rules.items() if rule == "all_done"] == ["load_raw", "report", "conclude"]
    assert {rule for name, rule in rules.items() if name in ("gate", "build_marts", "publish")} == {"all_success"}


def test_a_night_names_its_assets_from_the_landing_zone_to_what_is_published(loaded: dict[str, Any]) -> None:
    landing, raw, marts, published = (
        f"cchc://{name}" for name in ("landing/files", "warehouse/raw", "warehouse/mart", "published/mart")
    )
    assert loaded["assets"] == {
        **{door: [[], [landing]] for door in DOORS},
        "load_raw": [[landing], [raw]],
        "build": [[raw], []],
        "build_marts": [[], [marts]],
        "publish": [[marts], [published]],
    }


def test_doors_are_tried_again_later_and_later_and_a_late_night_is_told(loaded: dict[str, Any]) -> None:
    assert loaded["back_off"] == DOORS
    assert loaded["deadline"] == [4 * 3600]


def test_every_dag_has_an_owner_a_page_of_its_own_and_a_schedule(loaded: dict[str, Any]) -> None:
    assert {name: dag["schedule"] for name, dag in loaded["dags"].items()} == {
        "nightly_load": "0 1 * * *", "submission_reminders": "30 7 * * *", "housekeeping": "0 4 * * 0",
    }  # fmt: skip
    for name, dag in loaded["dags"].items():
        assert (dag["owner"], dag["doc"], dag["undocumented"]) == ("data-engineering", True, []), name


def test_every_task_says_what_it_does(loaded: dict[str, Any]) -> None:
    assert [name for name, task in loaded["tasks"].items() if not task["doc"]] == []


def test_the_files_are_wiring_only() -> None:
    files = sorted((Path(__file__).parents[2] / "dags").glob("*.py"))
    assert len(files) == 3
    for text in (file.read_text(encoding="utf-8") for file in files):
        for room in ("ingestion", "expectations", "publishing", "duckdb", "dbt", "great_expectations"):
            assert f"import {room}" not in text
            assert f"from {room}" not in text
