"""One run of the DAG by Airflow, in this process: ``python -m cchc.run_dag 2021-12-20 RECORD RESULT.json``.

Started by ``cchc nightly`` with Airflow's environment. While Airflow loads, the doors are being opened; their addresses
come as one line of JSON on standard input (environment variables to set) once they are there. RECORD names the file of
the run's steps. Writes the run's end as JSON and exits 0 when Airflow calls the run a success. Why in one
process: docs/decisions/004.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import json
import os
import sys
import threading
import time
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

# Loading Airflow, dbt and Great Expectations makes millions of objects that stay; collecting less often saves 3 s a night.
gc.set_threshold(200_000, 20, 50)


def main(night: date, record: str, result_path: Path) -> int:
    """Run the night's DAG and write what came of it to ``result_path``; the exit status."""
    started = time.monotonic()
    from airflow.dag_processing.dagbag import DagBag

    from cchc.airflow_home import DAG_ID
    from cchc.night import LOCAL
    from cchc.settings import load_settings

    settings = load_settings()
    prepare_metadata()
    bag = DagBag(str(settings.dags_path))
    if bag.import_errors:
        raise SystemExit("\n".join(f"{path}: {why}" for path, why in bag.import_errors.items()))
    loaded = time.monotonic()
    os.environ.update(json.loads(sys.stdin.readline()))
    begun = time.monotonic()
    dag = bag.dags[DAG_ID]
    dag.deadline = []  # the triggerer watches it, and here is none; dag.test() fails on a deadline that no scheduler stored
    # 01:00 local: the run whose data interval ends on the night, as the schedule itself would have made it.
    run = dag.test(
        logical_date=datetime(night.year, night.month, night.day, 1, tzinfo=LOCAL), run_conf={"record": record}
    )
    result_path.write_text(
        json.dumps(
            {
                "run_id": run.run_id,
                "state": str(run.state),
                "tasks": {task.task_id: str(task.state) for task in run.get_task_instances()},
                "airflow_loading_seconds": round(loaded - started, 3),
                "run_seconds": round(time.monotonic() - begun, 3),
            }
        ),
        encoding="utf-8",
    )
    return 0 if str(run.state) == "success" else 1


def prepare_metadata() -> None:
    """Lay out Airflow's metadata, once for each version of Airflow, and make the one-slot pool of the DuckDB writer."""
    from airflow import __version__
    from airflow.configuration import conf
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb, upgradedb
    from airflow.utils.session import create_session

    from cchc.airflow_home import WRITER_POOL, metadata_stamp
    from cchc.settings import load_settings

    stamp = metadata_stamp(load_settings())
    wanted = (
        f"{__version__} {hashlib.sha256(conf.get_mandatory_value('database', 'sql_alchemy_conn').encode()).hexdigest()}"
    )
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    with create_session() as session:
        initdb(session=session)
    upgradedb()
    Pool.create_or_update_pool(
        WRITER_POOL, slots=1, description="The one writer of the DuckDB warehouse", include_deferred=False
    )
    stamp.write_text(wanted, encoding="ascii")


def leave(status: int) -> NoReturn:
    """End this process as Python does (threads and their pools, then what was registered for the end), and then at once:
    taking millions of objects apart takes a second or two."""
    threading._shutdown()  # type: ignore[attr-defined] # what Python itself calls first
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main(date.fromisoformat(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
