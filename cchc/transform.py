"""Running dbt inside this process: one invocation a selection, its state kept between nights under ``$CCHC_HOME/dbt``."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from cchc.settings import Settings
from cchc.steps import Facts, StepError

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunResult

GOOD = {"success", "pass", "no-op", "skipped"}


def dbt_build(settings: Settings, *selection: str) -> Facts:
    """``dbt build`` of a selection (``"--exclude", "source:audit+"``); counts by outcome, and the slowest nodes in seconds.

    When it returns, dbt no longer holds the warehouse file. Raises ``StepError``.
    """
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner
    from dbt.artifacts.schemas.run import RunExecutionResult

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
