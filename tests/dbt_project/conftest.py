"""One warehouse for the whole room: built empty (with the unit tests), then on data, then again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunnerResult

from cchc.dbt_runner import run_dbt
from tests.dbt_project.dbt_nights import tell
from tests.dbt_project.dbt_warehouse import AFTER_GATE, BEFORE_GATE, NIGHT, PROJECT, Builds, Dbt, Warehouse


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="session")
def dbt(room: Path) -> Dbt:
    """Runs one dbt command in this process on the room's warehouse."""

    def run(*arguments: str, project: Path = PROJECT, warehouse: Path = room / "warehouse.duckdb") -> dbtRunnerResult:
        target = room / "target" / project.parent.name
        quietly = ("--quiet", "--log-level-file", "none", *arguments)
        return run_dbt(quietly, project=project, warehouse=warehouse, target=target)

    return run


def _outcome(result: dbtRunnerResult) -> tuple[bool, list[tuple[str, str | None]]]:
    """Whether it succeeded, and every node that did not, so that a failing test says which."""
    nodes: Any = result.result
    return result.success, [
        (node.node.name, node.message) for node in nodes or [] if node.status not in ("success", "pass", "no-op")
    ]


@pytest.fixture(scope="session")
def empty_builds(dbt: Dbt, room: Path) -> Builds:
    """Both builds of a first warehouse without a single row, unit tests included."""
    Warehouse(room / "warehouse.duckdb").create()
    return [_outcome(dbt("build", *BEFORE_GATE)), _outcome(dbt("build", *AFTER_GATE))]


@pytest.fixture(scope="session")
def night_builds(dbt: Dbt, room: Path, empty_builds: object) -> tuple[Warehouse, Builds]:
    """Both builds after the rows of ``dbt_nights.tell`` came."""
    warehouse = Warehouse(room / "warehouse.duckdb")
    tell(warehouse)
    warehouse.flush()
    return warehouse, [_outcome(dbt("build", *BEFORE_GATE, *NIGHT)), _outcome(dbt("build", *AFTER_GATE, *NIGHT))]


@pytest.fixture(scope="session")
def built(night_builds: tuple[Warehouse, Builds]) -> Warehouse:
    warehouse, builds = night_builds
    assert builds == [(True, []), (True, [])]
    return warehouse
