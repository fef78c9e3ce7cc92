"""The checks as Great Expectations suites, run inside DuckDB: one expectation a check, one a rule.

The only module that imports Great Expectations (some seconds), and only while a suite runs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from expectations import gx_dialect
from expectations.compiler import RuleBook
from expectations.errors import GateError
from expectations.structure import CHECKS

STRUCTURE_SUITE = "structure"
RULES_SUITE = "rules_of_one_submission"
DATA_SOURCE = "warehouse"


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation: ``query`` gives the violating rows of ``{batch}``; ``severity`` as Great Expectations names it."""

    name: str
    description: str
    query: str
    severity: str


def structural_checks() -> tuple[Check, ...]:
    return tuple(Check(check.name, check.sentence.format(count="0"), check.query, "critical") for check in CHECKS)


def rule_checks(book: RuleBook) -> tuple[Check, ...]:
    """One check a rule, in the book's order, each finding the submissions that break it."""
    return tuple(
        Check(
            compiled.rule.rule_id,
            compiled.rule.message_en,
            f"select submission_id from {{batch}} where {compiled.outcome} = 'failed'",
            "critical" if compiled.rule.severity == "error" else "warning",
        )
        for compiled in book.compiled
    )


class Suites:
    """A Great Expectations file context under ``context_root`` on one warehouse file; use as a context manager.

    While it is open, no other connection of this process may hold the warehouse: DuckDB refuses two configurations.
    """

    def __init__(self, warehouse: Path, context_root: Path, *, run_name: str, run_time: datetime) -> None:
        self._warehouse = warehouse
        self._context_root = context_root
        self._run_name = run_name
        self._run_time = run_time

    def __enter__(self) -> Suites:
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        gx_dialect.register()
        self._context_root.mkdir(parents=True, exist_ok=True)
        self._context: Any = gx.get_context(mode="file", project_root_dir=self._context_root)
        self._context.enable_analytics(False)
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        address = f"duckdb:///{self._warehouse}"
        # Held open, so that the file is not opened anew for every query.
        self._keeper = create_engine(address).connect()
        self._source: Any = self._context.data_sources.add_or_update_sql(
            name=DATA_SOURCE, connection_string=address, create_temp_table=False
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._keeper.close()

    def run(self, suite_name: str, table: str, checks: Sequence[Check]) -> dict[str, int]:
        """Violating rows by check name; ``GateError`` when a check could not be run or a result is missing."""
        import great_expectations as gx
        from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
        from great_expectations.expectations.metadata_types import FailureSeverity

        asset = self._source.add_query_asset(name=table, query=f"select * from {table}")
        batch_definition = asset.add_batch_definition_whole_table(table)
        suite = self._context.suites.add_or_update(
            gx.ExpectationSuite(
                name=suite_name,
                expectations=[
                    UnexpectedRowsExpectation(
                        unexpected_rows_query=check.query,
                        description=f"{check.name}: {check.description}",
                        severity=FailureSeverity(check.severity),
                        meta={"check": check.name},
                    )
                    for check in checks
                ],
            )
        )
        definition = gx.ValidationDefinition(name=suite_name, data=batch_definition, suite=suite)
        results = (
            self._context.validation_definitions.add_or_update(definition)
            .run(result_format="BASIC", run_id=gx.RunIdentifier(run_name=self._run_name, run_time=self._run_time))
            .results
        )
        counts: dict[str, int] = {}
        for result in results:
            name = result.expectation_config.meta["check"]
            observed = result.result.get("observed_value")
            if observed is None:
                raise GateError(f"Great Expectations could not run {name}: {result.exception_info}")
            counts[name] = int(observed)
        missing = [check.name for check in checks if check.name not in counts]
        if missing:
            raise GateError(f"Great Expectations gave no result for {', '.join(missing)}")
        return counts
