"""One run of a DAG by Airflow in this process, as ``cchc nightly`` does it: ``python -m benchmarks.night.run_dag FOLDER DAG DAY``.

Airflow's metadata is laid out at the first run. Ends with 1 unless Airflow calls the run a success."""

from __future__ import annotations

import gc
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

gc.set_threshold(200_000, 20, 50)  # what our own night does


def airflow_environment(home: Path, dags: Path) -> dict[str, str]:
    """This process's environment with what Airflow is told: the least that it needs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONWARNINGS": "ignore",
    }


def main(dags: Path, dag_id: str, day: str) -> int:
    from airflow.dag_processing.dagbag import DagBag

    stamp = Path(os.environ["AIRFLOW_HOME"]) / "migrated"
    if not stamp.exists():
        from airflow.utils.db import initdb, upgradedb
        from airflow.utils.session import create_session

        with create_session() as session:
            initdb(session=session)
        upgradedb()
        stamp.touch()
    bag = DagBag(str(dags))
    if bag.import_errors:
        raise SystemExit("\n".join(f"{path}: {why}" for path, why in bag.import_errors.items()))
    run = bag.dags[dag_id].test(logical_date=datetime.fromisoformat(day).replace(tzinfo=UTC))
    return 0 if str(run.state) == "success" else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
