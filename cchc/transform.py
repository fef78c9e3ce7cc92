"""Running dbt inside this process, for no more than what changed; its state is kept under ``$CCHC_HOME/dbt``.

- Nothing changed since a selection was built well: dbt is not even imported.
- Only rows came: what is downstream of the tables that grew is built and tested. Seeds, and what is made of seeds alone,
  stand as they are, and so do views.
- A seed changed, or the last build did not end well: the whole selection.
- A model, a macro or a seed's columns changed: the whole selection, every table anew.

Tests of large tables read the parts that the build made, except in the last two cases and where ``is_whole_tested`` is
asked for: docs/decisions/012.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cchc.built import Built, Project, mark_sources, read_built, read_project, write_built
from cchc.dbt_runner import run_dbt
from cchc.lineage import tell_dbt
from cchc.marts import keep_table_models
from cchc.settings import Settings
from cchc.steps import Facts, StepError
from state.warehouse import open_warehouse

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunResult
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

GOOD = {"success", "pass", "no-op", "skipped"}

#: The parsed project by (project, warehouse): both selections of a night are built from one parsing.
_PARSED: dict[tuple[Project, str], Manifest] = {}


def dbt_build(settings: Settings, *selection: str, is_after_gate: bool, is_whole_tested: bool = False) -> Facts:
    """``dbt build`` of what changed in a selection; counts by outcome, and the slowest nodes in seconds.

    ``selection`` tells dbt's nodes after or before the gate (``"--exclude", "source:audit+"``). When it returns, dbt no
    longer holds the warehouse file. Raises ``StepError``.
    """
    name = " ".join(selection)
    project = read_project(settings.dbt_project_path)
    with open_warehouse(settings.warehouse_path, is_left_in_log=True) as connection:
        marks = mark_sources(connection)
        if not is_after_gate:
            marks = {table: mark for table, mark in marks.items() if not table.startswith("audit.")}
        built = read_built(connection, name)
        if built == Built(project.code, project.seeds, marks):
            return {"nodes": 0, "unchanged": "nothing to build: the same rows, the same models"}
        is_same_code = built is not None and built.code == project.code
        write_built(connection, name, Built(project.code if is_same_code else None, project.seeds, None))

    if not is_same_code:
        arguments, is_whole_tested = [*selection, "--full-refresh"], True
    elif built is None or built.marks is None or built.seeds != project.seeds:
        arguments, is_whole_tested = list(selection), True
    else:
        grown = {table for table, mark in marks.items() if built.marks.get(table) != mark}
        names = _downstream(parse(settings, project), grown, is_after_gate=is_after_gate)
        arguments = ["--select", *names, "--indirect-selection", "empty"] if names else []
    arguments += ["--vars", f"whole_tests: {is_whole_tested}"] if arguments else []
    facts = _build(settings, project, arguments) if arguments else {"nodes": 0, "unchanged": "no model reads what came"}
    with open_warehouse(settings.warehouse_path) as connection:
        write_built(connection, name, Built(project.code, project.seeds, marks))
    return facts


def _downstream(manifest: Manifest, grown: set[str], *, is_after_gate: bool) -> list[str]:
    """The nodes made from the tables that grew and not views, on one side of the gate, as dbt's selectors."""
    manifest.build_parent_and_child_maps()  # type: ignore[no-untyped-call] # dbt has no types here
    audit = {key for key, source in manifest.sources.items() if source.schema == "audit"}
    wanted = {key for key, source in manifest.sources.items() if f"{source.schema}.{source.name}" in grown}
    behind_gate, reached = _reached(manifest, audit), _reached(manifest, wanted)
    return [
        ".".join(node.fqn)
        for key, node in sorted(manifest.nodes.items())
        if key in reached
        and (key in behind_gate) is is_after_gate
        and node.resource_type.value in ("model", "test", "snapshot")
        and node.config.materialized != "view"
    ]


def _reached(manifest: Manifest, start: set[str]) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for child in manifest.child_map[waiting.pop()]:
            if child not in reached:
                reached.add(child)
                waiting.append(child)
    return reached


def _build(settings: Settings, project: Project, arguments: list[str]) -> Facts:
    from dbt.artifacts.schemas.run import RunExecutionResult

    manifest = parse(settings, project)
    done = _invoke(settings, ["build", "--exclude-resource-type", "unit_test", *arguments], manifest)
    if not isinstance(done.result, RunExecutionResult):
        raise StepError(f"dbt did not come to building: {done.exception or done.result}")
    results: list[RunResult] = list(done.result.results)
    failed = [result for result in results if str(result.status) not in GOOD | {"warn"}]
    if failed or not done.success:
        told = [
            f"{result.node.unique_id}: {' '.join(str(result.message or result.status).split())}" for result in failed
        ]
        raise StepError("dbt: " + ("; ".join(told) or f"{done.exception}"))
    if settings.openlineage.get_secret_value():
        tell_dbt(settings)
    slowest = sorted(results, key=lambda result: -result.execution_time)[:5]
    return {
        "nodes": len(results),
        "outcomes": dict(Counter(str(result.status) for result in results)),
        "warnings": [f"{r.node.name}: {r.message}" for r in results if str(r.status) == "warn"],
        "slowest_seconds": {r.node.name: round(r.execution_time, 3) for r in slowest},
    }


def parse(settings: Settings, project: Project) -> Manifest:
    """The project as dbt understands it: parsed once in a process; across nights dbt reads only files that changed."""
    from dbt.contracts.graph.manifest import Manifest

    key = (project, str(settings.warehouse_path))
    if key not in _PARSED:
        done = _invoke(settings, ["parse"], None)
        if not isinstance(done.result, Manifest):
            raise StepError(f"dbt can't read its project: {done.exception or done.result}")
        _PARSED[key] = done.result
        keep_table_models(settings, project, done.result)
    return _PARSED[key]


def _invoke(settings: Settings, command: list[str], manifest: Manifest | None) -> dbtRunnerResult:
    state = settings.dbt_state_path
    return run_dbt(
        [
            "--no-use-colors",
            "--no-send-anonymous-usage-stats",
            # nothing but lineage reads dbt's own account of a night; this function's facts are kept
            "--write-json" if settings.openlineage.get_secret_value() else "--no-write-json",
            *("--log-path", str(state / "logs")),
            *command,
        ],
        project=settings.dbt_project_path,
        warehouse=settings.warehouse_path,
        target=state / "target",
        manifest=manifest,
    )
