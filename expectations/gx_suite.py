"""The checks as Great Expectations suites, run inside DuckDB by one checkpoint: one expectation a check, one a rule.

The only module that imports Great Expectations (some seconds), and only while a checkpoint runs. Context, suites, results
and Data Docs are files under the context's folder; of the results, the newest runs are kept and the rest is deleted, so
that a run costs the same however many came before.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from expectations import gx_dialect, gx_library
from expectations.compiler import RuleBook
from expectations.errors import GateError
from expectations.structure import CHECKS

STRUCTURE_SUITE = "structure"
RULES_SUITE = "rules"
CHECKPOINT = "gate"
DATA_SOURCE = "warehouse"
#: Runs whose results and pages are kept, unless the caller wants another number.
KEPT_RUNS = 30


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation: ``query`` gives the violating rows of ``{batch}``; ``severity`` as Great Expectations names it."""

    name: str
    description: str
    query: str
    severity: str


@dataclass(frozen=True, slots=True)
class Suite:
    """Checks of one table."""

    name: str
    table: str
    checks: Sequence[Check]


def structural_checks() -> tuple[Check, ...]:
    """One check a structural check, each finding what ``structure.find_violations`` left of it."""
    return tuple(
        Check(
            check.name,
            check.sentence.format(count="0"),
            f"select violation from {{batch}} where check_name = '{check.name}'",
            "critical",
        )
        for check in CHECKS
    )


def rule_checks(book: RuleBook) -> tuple[Check, ...]:
    """One check a rule, in the book's order, each finding the submissions that break it."""
    return tuple(
        Check(
            compiled.rule.rule_id,
            compiled.rule.message_en,
            compiled.check,
            "critical" if compiled.rule.severity == "error" else "warning",
        )
        for compiled in book.all
    )


class Checkpoint:
    """A Great Expectations file context under ``context_root`` on one warehouse file; use as a context manager.

    While it is open, no other connection of this process may hold the warehouse: DuckDB refuses two configurations.
    """

    def __init__(
        self, warehouse: Path, context_root: Path, *, run_name: str, run_time: datetime, has_docs: bool = True
    ) -> None:
        self._warehouse = warehouse
        self._context_root = context_root
        self._run_name = run_name
        self._run_time = run_time
        self._has_docs = has_docs

    def __enter__(self) -> Checkpoint:
        gx_library.load()
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        gx_dialect.register()
        self._context_root.mkdir(parents=True, exist_ok=True)
        self._context: Any = gx.get_context(mode="file", project_root_dir=self._context_root)
        self._context.enable_analytics(False)
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._address = f"duckdb:///{self._warehouse}"
        # Held open, so that the file is not opened anew for every query.
        self._keeper = create_engine(self._address).connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._keeper.close()

    @property
    def docs(self) -> Path:
        """The first page of the Data Docs."""
        return self._files / "data_docs" / "local_site" / "index.html"

    def run(self, suites: Sequence[Suite], *, kept_runs: int = KEPT_RUNS) -> dict[str, dict[str, int | None]]:
        """Violating rows by check name for each suite, None for a check that could not be run; the Data Docs are brought
        up to date. Raises ``GateError`` when Great Expectations gives no result for a check."""
        import great_expectations as gx

        checkpoint = self._checkpoint(suites)
        self._trim(kept_runs - 1)
        done = checkpoint.run(run_id=gx.RunIdentifier(run_name=self._run_name, run_time=self._run_time))
        found = {result.suite_name: result.results for result in done.run_results.values()}
        return {suite.name: _counts(suite, found.get(suite.name, [])) for suite in suites}

    def _checkpoint(self, suites: Sequence[Suite]) -> Any:
        """The checkpoint as it was kept, or, where the code now says something else, everything written anew."""
        import great_expectations as gx
        from great_expectations.checkpoint.actions import UpdateDataDocsAction
        from great_expectations.exceptions.exceptions import DataContextError

        content = hashlib.sha256(repr((gx.__version__, self._address, list(suites))).encode()).hexdigest()
        context = self._context
        try:
            kept = context.checkpoints.get(CHECKPOINT)
        except DataContextError:
            kept = None
        if kept and all(one.suite.meta.get("content") == content for one in kept.validation_definitions):
            return kept
        for store in (context.checkpoints, context.validation_definitions, context.suites):
            for name in [one.name for one in store.all()]:
                store.delete(name)
        source = context.data_sources.add_or_update_sql(
            name=DATA_SOURCE, connection_string=self._address, create_temp_table=False
        )
        actions: list[Any] = [UpdateDataDocsAction(name="data_docs")] if self._has_docs else []
        return context.checkpoints.add(
            gx.Checkpoint(
                name=CHECKPOINT,
                validation_definitions=[self._definition(source, suite, content) for suite in suites],
                actions=actions,
                result_format="BASIC",
            )
        )

    def _definition(self, source: Any, suite: Suite, content: str) -> Any:
        """A suite written from the code, and its validation definition."""
        import great_expectations as gx
        from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
        from great_expectations.expectations.metadata_types import FailureSeverity

        asset = source.add_query_asset(name=suite.table, query=f"select * from {suite.table}")
        expectations = self._context.suites.add(
            gx.ExpectationSuite(
                name=suite.name,
                expectations=[
                    UnexpectedRowsExpectation(
                        unexpected_rows_query=check.query,
                        description=f"{check.name}: {check.description}",
                        severity=FailureSeverity(check.severity),
                        meta={"check": check.name},
                    )
                    for check in suite.checks
                ],
                meta={"content": content},
            )
        )
        batch = asset.add_batch_definition_whole_table(suite.table)
        return self._context.validation_definitions.add(
            gx.ValidationDefinition(name=suite.name, data=batch, suite=expectations)
        )

    @property
    def _files(self) -> Path:
        return Path(self._context.root_directory) / "uncommitted"

    def _trim(self, kept_runs: int) -> None:
        """Delete the results and pages of all runs but the newest: ``validations/<suite>/<run name>/<run time>``."""
        for folder in (self._files / "validations", self._files / "data_docs" / "local_site" / "validations"):
            runs: dict[str, list[Path]] = {}
            for path in folder.glob("*/*/*/"):
                runs.setdefault(path.name, []).append(path)
            for time in sorted(runs, reverse=True)[max(kept_runs, 0) :]:
                for path in runs[time]:
                    shutil.rmtree(path)
                    if not any(path.parent.iterdir()):
                        path.parent.rmdir()


def _counts(suite: Suite, results: Sequence[Any]) -> dict[str, int | None]:
    counts: dict[str, int | None] = {}
    for result in results:
        observed = result.result.get("observed_value")
        counts[result.expectation_config.meta["check"]] = None if observed is None else int(observed)
    missing = [check.name for check in suite.checks if check.name not in counts]
    if missing:
        raise GateError(f"Great Expectations gave no result for {', '.join(missing)}")
    return counts


def all_counted(suite: str, counts: Mapping[str, int | None]) -> dict[str, int]:
    """The counts where every check ran; ``GateError`` naming those that could not."""
    failed = [name for name, count in counts.items() if count is None]
    if failed:
        raise GateError(f"Great Expectations could not run {', '.join(failed)} of suite {suite}")
    return {name: count for name, count in counts.items() if count is not None}
