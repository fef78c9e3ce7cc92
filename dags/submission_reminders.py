"""Every morning: mail to the agencies whose report is due soon or overdue and not there. Wiring only.

Whom to write to stands in `expectations/reminders.py`. Nothing is told twice: the outbox keeps what was told to whom.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task

from cchc.airflow_home import OWNER, RETRY
from cchc.night import LOCAL
from cchc.reminders import remind_on


@dag(
    dag_id="submission_reminders",
    description="Mail to agencies whose report is due soon or overdue",
    schedule=CronTriggerTimetable("30 7 * * *", timezone=LOCAL.key),
    start_date=pendulum.datetime(2021, 1, 1, tz=LOCAL.key),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": OWNER, **RETRY},
    params={
        "day": Param(None, type=["null", "string"], format="date", title="Ngày", description="Another day than today")
    },
    tags=["cchc"],
    doc_md=__doc__,
)
def submission_reminders() -> None:
    @task(execution_timeout=timedelta(minutes=30))
    def remind() -> dict[str, Any]:
        """Queue the day's reminders and send what waits in the outbox."""
        return remind_on(get_current_context())

    remind()


submission_reminders()
