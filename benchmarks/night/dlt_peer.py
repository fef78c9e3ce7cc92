"""dlt, dbt on DuckDB and Great Expectations on pandas, each as its guide shows, one after the other as a script would."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from benchmarks.night.cost import Cost, run
from benchmarks.night.same import keep_duckdb, their_results
from benchmarks.night.star_project import write_project

HERE = Path(__file__).resolve().parent
_PROFILE = """star:
  target: made
  outputs:
    made: {{type: duckdb, path: "{path}", schema: star}}
"""
_COLUMNS = """submission_id, source, organ_id, form_code, period_code, cast(revision as integer) as revision,
    'typed' as reading, cast(received_at as timestamp) as received_at, cast(night_on as date) as night_on,
    cast(night_on as date) - date '2000-01-01' as landed_id"""
_LINES = """select submission.submission_id, cast(line_order as integer) as line_order, indicator_code, value_text,
    cast(value as decimal(20, 6)) as value, '' as unit, note, observation_status, 1.0 as confidence, '' as locator,
    cast(ratio_numerator as decimal(20, 6)) as ratio_numerator,
    cast(ratio_denominator as decimal(20, 6)) as ratio_denominator
from landed.{table}__lines as line inner join landed.{table} as submission on line._dlt_parent_id = submission._dlt_id"""
_RAW = {
    "submission": "\nunion all\n".join(
        f"select {_COLUMNS} from landed.{table}" for table in ("submission", "workbook")
    ),
    "submission_line": "\nunion all\n".join(_LINES.format(table=table) for table in ("submission", "workbook")),
    "landed": "select distinct cast(night_on as date) as night_on from landed.submission"
    " union select cast(night_on as date) from landed.workbook union select cast(night_on as date) from landed.dossier",
    "dossier": "select * from landed.dossier",
}


class DltPeer:
    """A warehouse of its own under ``folder``."""

    name = "dlt, dbt-duckdb, Great Expectations"
    parts = ("dlt", "Great Expectations", "dbt")

    def __init__(self, folder: Path, seeds: Path, rules: Path, python: Path) -> None:
        self.inbox, self._folder, self._seeds, self._rules, self._python = (
            folder / "inbox",
            folder,
            seeds,
            rules,
            python,
        )
        self.inbox.mkdir(parents=True)
        self.warehouse = folder / "warehouse.duckdb"
        write_project(folder / "project", seeds, _PROFILE.format(path=self.warehouse), _RAW)

    def night(self, night: date, portal: str) -> Cost:
        """Run one; its cost. ``seconds`` are those of each part."""
        commands = [
            [self._python, HERE / "dlt_load.py", portal, self.inbox, self._seeds, self._folder, night.isoformat()],
            [self._python, HERE / "gx_check.py", self.warehouse, self._rules],
            [self._python.with_name("dbt"), "build", "--no-send-anonymous-usage-stats", "--profiles-dir", "."],
        ]
        costs = [run(command, folder=self._folder / "project", environment=os.environ)[0] for command in commands]
        self.seconds = dict(zip(self.parts, (cost.seconds for cost in costs), strict=True))
        return costs[0] + costs[1] + costs[2]

    def keep(self, folder: Path) -> None:
        keep_duckdb(self.warehouse, their_results("star"), folder)
