"""Running dbt inside this process: one invocation a selection, its state kept between nights under ``$CCHC_HOME/dbt``.

No model reads a clock, so the same project over the same rows builds the same tables: a selection that was built from
just these is not built again. What it was built from stands in the warehouse itself, beside the tables.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cchc.settings import Settings
from cchc.steps import Facts, StepError

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunResult

GOOD = {"success", "pass", "no-op", "skipped"}


def dbt_build(settings: Settings, *selection: str, is_after_gate: bool) -> Facts:
    """``dbt build`` of a selection (``"--exclude", "source:audit+"``); counts by outcome, and the slowest nodes in seconds.

    Not run when the selection stands as it would be built. When it returns, dbt no longer holds the warehouse file.
    Raises ``StepError``.
    """
    name = " ".join(selection)
    project = _project_hash(settings.dbt_project_path)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        wanted = f"{project} {_inputs(connection, is_after_gate=is_after_gate)}"
        if _built_from(connection, name) == wanted:
            return {"nodes": 0, "unchanged": "nothing to build: the same rows, the same models"}
        connection.execute("delete from build.built where selection = ?", [name])
    facts = _invoke(settings, selection)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("insert into build.built values (?, ?)", [name, wanted])
    return facts


def _invoke(settings: Settings, selection: tuple[str, ...]) -> Facts:
    from dbt.adapters.factory import reset_adapters
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    os.environ["CCHC_WAREHOUSE"] = str(settings.warehouse_path)  # read by dbt_project/profiles.yml
    state = settings.dbt_state_path
    try:
        done = dbtRunner().invoke(
            [
                "--no-use-colors",
                "--no-send-anonymous-usage-stats",
                *("--log-path", str(state / "logs")),
                "build",
                *("--project-dir", str(settings.dbt_project_path)),
                *("--profiles-dir", str(settings.dbt_project_path)),
                *("--target-path", str(state / "target")),
                *("--exclude-resource-type", "unit_test"),
                *selection,
            ]
        )
    finally:
        reset_adapters()  # type: ignore[no-untyped-call] # dbt has no types here
    if not isinstance(done.result, RunExecutionResult):
        raise StepError(f"dbt did not come to building: {done.exception or done.result}")
    results: list[RunResult] = list(done.result.results)
    failed = [result for result in results if str(result.status) not in GOOD | {"warn"}]
    if failed or not done.success:
        told = [
            f"{result.node.unique_id}: {' '.join(str(result.message or result.status).split())}" for result in failed
        ]
        raise StepError("dbt: " + ("; ".join(told) or f"{done.exception}"))
    slowest = sorted(results, key=lambda result: -result.execution_time)[:5]
    return {
        "nodes": len(results),
        "outcomes": dict(Counter(str(result.status) for result in results)),
        "warnings": [f"{r.node.name}: {r.message}" for r in results if str(r.status) == "warn"],
        "slowest_seconds": {r.node.name: round(r.execution_time, 3) for r in slowest},
    }


def _inputs(connection: duckdb.DuckDBPyConnection, *, is_after_gate: bool) -> str:
    """What the raw tables hold (they only grow) and, after the gate, what it found, as one word."""
    loaded = connection.execute("select landed_id from raw.load_progress").fetchall()
    judged: list[tuple[object, ...]] = []
    if is_after_gate:
        judged = connection.execute(
            "select rules_version, count(*), sum(hash(held)) from audit.rule_result as held group by all order by all"
        ).fetchall()
    return hashlib.sha256(repr((loaded, judged)).encode()).hexdigest()


def _built_from(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    connection.execute("create schema if not exists build")
    connection.execute(
        "create table if not exists build.built (selection varchar primary key, built_from varchar not null)"
    )
    row = connection.execute("select built_from from build.built where selection = ?", [name]).fetchone()
    return str(row[0]) if row else None


def _project_hash(folder: Path) -> str:
    """One word for every file of the project and its own files' names."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".sql", ".yml", ".csv", ".md"}:
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
