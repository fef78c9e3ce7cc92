"""The night: four doors side by side, raw tables, dbt, the gate, publication, the report. Wiring only.

What a step does stands in ``cchc/night.py``; what a room does, in the room.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import (
    Asset,
    AsyncCallback,
    CronDataIntervalTimetable,
    DeadlineAlert,
    DeadlineReference,
    Param,
    dag,
    get_current_context,
    task,
)

from cchc.airflow_home import DAG_ID, OWNER, RETRY, WRITER_POOL, deadline
from cchc.alerts import tell_late_night
from cchc.night import LOCAL, run_step

LANDING = Asset("cchc://landing/files", group="cchc")
RAW = Asset("cchc://warehouse/raw", group="cchc")
MARTS = Asset("cchc://warehouse/mart", group="cchc")
PUBLISHED = Asset("cchc://published/mart", group="cchc")

PULL: dict[str, Any] = {**RETRY, "execution_timeout": timedelta(hours=2), "outlets": [LANDING]}
WRITE: dict[str, Any] = {"pool": WRITER_POOL, "execution_timeout": timedelta(hours=2)}


@dag(
    dag_id=DAG_ID,
    description="Three doors to raw tables, dbt, the gate, the published marts and the quality report",
    schedule=CronDataIntervalTimetable("0 1 * * *", timezone=LOCAL.key),
    start_date=pendulum.datetime(2021, 1, 1, tz=LOCAL.key),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": OWNER},
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=deadline(), callback=AsyncCallback(tell_late_night)
    ),
    params={
        "night": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Đêm",
            description="Another night than the interval's",
        )
    },
    tags=["cchc"],
    doc_md=__doc__,
)
def nightly_load() -> None:
    @task(**PULL)
    def pull_portal_submissions() -> dict[str, Any]:
        """Land the pages of `/api/v1/submissions` changed since the last durable one."""
        return run_step("pull_portal_submissions", get_current_context())

    @task(**PULL)
    def pull_portal_dossiers() -> dict[str, Any]:
        """Land the pages of `/api/v1/dossiers`, without personal fields."""
        return run_step("pull_portal_dossiers", get_current_context())

    @task(**PULL)
    def pull_edocuments() -> dict[str, Any]:
        """Land the messages of the document axis, acknowledge them, and land its register of documents sent."""
        return run_step("pull_edocuments", get_current_context())

    @task(**PULL)
    def collect_drops() -> dict[str, Any]:
        """Land the files of the inbox; what can't be read is set aside with its reason."""
        return run_step("collect_drops", get_current_context())

    @task(**WRITE, trigger_rule="all_done", inlets=[LANDING], outlets=[RAW])
    def load_raw() -> dict[str, Any]:
        """Load what landed into the raw tables, as reported. Runs also when a door failed: the others' reports count."""
        return run_step("load_raw", get_current_context())

    @task(**WRITE, inlets=[RAW])
    def build() -> dict[str, Any]:
        """dbt: everything that does not wait for the gate's word."""
        return run_step("build", get_current_context())

    @task(**WRITE)
    def gate() -> dict[str, Any]:
        """Great Expectations: the rule table against each submission; a structural failure stops the publication here."""
        return run_step("gate", get_current_context())

    @task(**WRITE, outlets=[MARTS])
    def build_marts() -> dict[str, Any]:
        """dbt: the facts that know what was accepted and what is quarantined, and the marts."""
        return run_step("build_marts", get_current_context())

    @task(**WRITE, inlets=[MARTS], outlets=[PUBLISHED])
    def publish() -> dict[str, Any]:
        """Put the marts in the place of last night's, in one step."""
        return run_step("publish", get_current_context())

    @task(**WRITE, trigger_rule="all_done")
    def report() -> dict[str, Any]:
        """Mail what failed, for whom and where it stands. Runs also when the publication was stopped, and says so."""
        return run_step("report", get_current_context())

    @task(**WRITE, trigger_rule="all_done")
    def conclude() -> dict[str, Any]:
        """Write the night's summary; fails when a step failed, so that the run's colour is the night's."""
        return run_step("conclude", get_current_context())

    doors = [pull_portal_submissions(), pull_portal_dossiers(), pull_edocuments(), collect_drops()]
    doors >> load_raw() >> build() >> gate() >> build_marts() >> publish() >> report() >> conclude()


nightly_load()
