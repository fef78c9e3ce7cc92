"""``cchc spark``: the marts on Apache Spark, from the raw tables of this warehouse, by the same models (docs/scale.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cchc.lock import alone
from cchc.processes import running
from cchc.settings import ROOT, Settings, process_environment
from cluster.build import Places, build, marts
from cluster.errors import ClusterError
from cluster.export import Exported, export
from cluster.standalone import Size, standalone

PYTHON = ROOT / ".venv-spark" / "bin" / "python"


def places(settings: Settings) -> Places:
    return Places(python=PYTHON, project=settings.dbt_project_path, home=settings.spark_path)


def export_landing(settings: Settings) -> Exported:
    """The raw and audit tables as Parquet. Raises ``NightBusyError`` while a night runs, ``ClusterError`` before the first."""
    if not settings.warehouse_path.exists():
        raise ClusterError("there is no warehouse yet; a night makes it: cchc nightly")
    with alone(settings):
        return export(settings.warehouse_path, places(settings).landing)


def build_on_spark(settings: Settings, *, is_tested: bool = True) -> dict[str, tuple[int, Path]]:
    """Rows and folder of each mart, built from the exported tables. Raises ``ClusterError``."""
    if not PYTHON.exists():
        raise ClusterError("Spark's environment is missing; make it: make .venv-spark/ready (needs Java 17)")
    where = places(settings)
    with _master(settings) as master:
        build(where, process_environment() | master, is_tested=is_tested)
    return {name: (_row_count(folder), folder) for name, folder in marts(where).items()}


@contextmanager
def _master(settings: Settings) -> Iterator[dict[str, str]]:
    """The environment that names the cluster: the province's, or one of our own on loopback."""
    if settings.spark_master:
        yield {"CCHC_SPARK_MASTER": settings.spark_master}
        return
    size = Size(worker_megabytes=settings.spark_worker_megabytes)
    with standalone(PYTHON, settings.spark_path / "cluster", size, running) as cluster:
        yield {
            "CCHC_SPARK_MASTER": cluster.master,
            "SPARK_CONF_DIR": str(cluster.settings),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }


def _row_count(folder: Path) -> int:
    with duckdb.connect() as connection:
        found = connection.execute(f"select count(*) from read_parquet('{folder}/*.parquet')").fetchone()
    assert found is not None  # noqa: S101 - an aggregate has a row
    return int(found[0])
