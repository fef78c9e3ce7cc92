"""The DAG of the night by pandas and SQL scripts. Wiring only."""

from __future__ import annotations

import pendulum
from airflow.sdk import dag, task


@dag(dag_id="pandas_night", schedule=None, start_date=pendulum.datetime(2021, 1, 1), catchup=False)
def pandas_night() -> None:
    @task
    def pull_submissions() -> int:
        from benchmarks.night.pandas_night import pull_submissions

        return pull_submissions()

    @task
    def pull_dossiers() -> int:
        from benchmarks.night.pandas_night import pull_dossiers

        return pull_dossiers()

    @task
    def read_workbooks() -> int:
        from benchmarks.night.pandas_night import read_workbooks

        return read_workbooks()

    @task
    def check() -> int:
        from benchmarks.night.pandas_night import check

        return check()

    @task
    def build_star() -> int:
        from benchmarks.night.pandas_night import build_star

        return build_star()

    pull_submissions() >> pull_dossiers() >> read_workbooks() >> check() >> build_star()


pandas_night()
