"""dbt inside this process: told by its arguments and the project, by nothing that the caller exported for another one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cchc.settings import process_environment

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest


def run_dbt(
    arguments: Sequence[str], *, project: Path, warehouse: Path, target: Path, manifest: Manifest | None = None
) -> dbtRunnerResult:
    """Run dbt's command, its own arguments first, for the ``project`` on the file ``warehouse``, which it no longer holds
    afterwards; what dbt keeps goes into ``target``. A ``manifest`` spares parsing."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    places = ("--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(target))
    with _environment(warehouse):
        try:
            return dbtRunner(manifest=manifest).invoke([*arguments, *places])
        finally:
            reset_adapters()  # type: ignore[no-untyped-call] # dbt has no types here
            # The profile keeps the file open between nodes: opening it for each costs more than most of them.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


@contextmanager
def _environment(warehouse: Path) -> Iterator[None]:
    set_aside = {name: os.environ[name] for name in os.environ.keys() - process_environment().keys()}
    for name in set_aside:
        del os.environ[name]
    os.environ["CCHC_WAREHOUSE"] = str(warehouse)  # read by dbt_project/profiles.yml
    try:
        yield
    finally:
        os.environ.update(set_aside)
