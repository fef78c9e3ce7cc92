"""As many tasks as the night has, wired as it is, that do nothing."""

from __future__ import annotations

from typing import Any

import pendulum
from airflow.sdk import dag, task

DOORS = ("pull_portal_submissions", "pull_portal_dossiers", "pull_edocuments", "collect_drops")
AFTER = ("load_raw", "build", "gate", "build_marts", "publish", "report", "conclude")


@dag(dag_id="empty_night", schedule=None, start_date=pendulum.datetime(2021, 1, 1), catchup=False)
def empty_night() -> None:
    def nothing(name: str) -> Any:
        return task(task_id=name)(_nothing)()

    before: Any = [nothing(name) for name in DOORS]
    for name in AFTER:
        after = nothing(name)
        before >> after
        before = after


def _nothing() -> None:
    """What a task costs that does nothing."""


empty_night()
