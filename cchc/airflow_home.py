"""Airflow's own home under ``$CCHC_HOME/airflow``: its settings, its metadata, the pool of the one DuckDB writer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from cchc.kept_secret import kept_secret
from cchc.lineage import lineage_environment
from cchc.settings import Settings, load_settings, process_environment

DAG_ID = "nightly_load"
WRITER_POOL = "duckdb_writer"
OWNER = "data-engineering"
#: How a task is tried again: soon, then later and later.
RETRY = {
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
}


def airflow_environment(settings: Settings) -> dict[str, str]:
    """This process's environment with everything that Airflow, and the DAG under it, is told by environment.

    A setting of Airflow's that the caller exported already stays as it is (another metadata database, say), except the two
    that say where this project is.
    """
    home = settings.airflow_path
    defaults = {
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{settings.airflow_port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{settings.airflow_port}/execution/",
        "AIRFLOW__API_AUTH__JWT_SECRET": kept_secret(home / "jwt.key"),
        "AIRFLOW__API__SECRET_KEY": kept_secret(home / "api.key"),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "PYTHONWARNINGS": "ignore",
        **lineage_environment(settings),
    }
    return {
        **defaults,
        **process_environment(),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.dags_path),
        "CCHC_HOME": str(settings.home_path),
    }


def deadline() -> timedelta:
    """How long a night may take, from when it was queued, before somebody is told."""
    return timedelta(minutes=load_settings().deadline_minutes)


def metadata_stamp(settings: Settings) -> Path:
    """A file that says which version of Airflow last laid out the metadata; it spares a look into the database."""
    return settings.airflow_path / "migrated"
