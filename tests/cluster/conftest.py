"""A province's night through every door, then random nights on top; its marts by DuckDB, and by a Spark cluster on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from cchc.settings import Settings
from cchc.spark import PYTHON, build_on_spark, export_landing
from cchc.transform import dbt_build
from stand_ins.province.plan import make_plan
from stand_ins.serve import start
from tests.dbt_project.dbt_nights import tell
from tests.dbt_project.dbt_warehouse import AFTER_GATE, BEFORE_GATE, Warehouse
from tests.dbt_project.test_incremental import Nights
from tests.faults.province import Home
from tests.stand_ins.stand_in_client import SEEDS

#: Above what the night's own landing zone counts.
FIRST_LANDED = 1_000_000


@dataclass(frozen=True)
class Both:
    """The DuckDB warehouse, and each mart's folder as Spark wrote it with the rows that ``cchc spark`` told."""

    warehouse: Path
    marts: dict[str, tuple[int, Path]]


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose warehouse has a night of the stand-ins, judged by the gate, and five random nights on top."""
    folder = tmp_path_factory.mktemp("province")
    plan = make_plan(SEEDS, seed=2021, dossiers=600, errors=True)
    with start(seeds=SEEDS, mailbox=folder / "mailbox", plan=plan) as sources:
        Home(folder / "home").fed_by(sources).good_night()
    settings = Settings(home=folder / "home", spark_worker_megabytes=512)
    warehouse = Warehouse(settings.warehouse_path, first_landed=FIRST_LANDED)
    tell(warehouse)
    nights = Nights(warehouse, seed=7, periods=["2020-H1", "2021-H1", "2020", "2021"])
    for _ in range(5):
        nights.tell()
    dbt_build(settings, *BEFORE_GATE, is_after_gate=False)
    dbt_build(settings, *AFTER_GATE, is_after_gate=True)
    return settings


@pytest.fixture(scope="session")
def both(province: Settings) -> Iterator[Both]:
    if not PYTHON.exists() or not shutil.which("java"):
        pytest.skip("needs Java 17 and Spark's environment: scripts/install-system-packages, make .venv-spark/ready")
    export_landing(province)
    # Without the data tests: DuckDB's build has run them, and the same rows pass the same tests.
    yield Both(province.warehouse_path, build_on_spark(province, is_tested=False))


@pytest.fixture
def comparing(both: Both) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with DuckDB's marts as ``ours.mart`` and Spark's as ``mart_spark``."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{both.warehouse}' as ours (read_only)")
        connection.execute("create schema mart_spark")
        for name, (_, folder) in both.marts.items():
            connection.execute(f"create view mart_spark.{name} as select * from read_parquet('{folder}/*.parquet')")
        yield connection
