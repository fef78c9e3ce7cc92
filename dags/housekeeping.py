"""Every Sunday: old logs, records of runs and files of killed processes go. Wiring only.

The landing zone, the warehouse and what is published are never touched (`cchc/housekeeping.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from cchc.airflow_home import OWNER, RETRY, WRITER_POOL
from cchc.housekeeping import tidy_now
from cchc.night import LOCAL


@dag(
    dag_id="housekeeping",
    description="Old logs, records and leftovers go; the landing zone is never touched",
    schedule=CronTriggerTimetable("0 4 * * 0", timezone=LOCAL.key),
    start_date=pendulum.datetime(2021, 1, 1, tz=LOCAL.key),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": OWNER, **RETRY},
    tags=["cchc"],
    doc_md=__doc__,
)
def housekeeping() -> None:
    @task(execution_timeout=timedelta(minutes=30), pool=WRITER_POOL)
    def tidy() -> dict[str, Any]:
        """Remove what is older than `CCHC_KEEP_DAYS` days. Waits for a night under way."""
        return tidy_now()

    tidy()


housekeeping()
