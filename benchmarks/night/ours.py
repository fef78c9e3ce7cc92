"""This project's nights as a user runs them: ``cchc nightly`` with addresses set, from a copy of the code with the
province's agencies among the seeds. No e-documents are asked for and no mail is sent: no address is set for them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.night.cost import Cost, run
from benchmarks.night.province import Size, add_agencies, add_years
from benchmarks.night.same import keep_duckdb, our_results

ROOT = Path(__file__).resolve().parents[2]
_CODE = ("cchc", "dags", "dbt_project", "examples", "expectations", "ingestion", "publishing", "stand_ins", "state")


class Ours:
    """An installation of its own under ``folder``: ``code``, its home, its inbox."""

    name = "this project"

    def __init__(self, folder: Path, size: Size) -> None:
        self.code, self.home, self.inbox = folder / "code", folder / "home", folder / "inbox"
        ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
        for name in _CODE:
            shutil.copytree(ROOT / name, self.code / name, ignore=ignored)
        add_agencies(self.seeds, size.agencies)
        add_years(self.seeds, size.years)
        self.inbox.mkdir(parents=True)

    @property
    def seeds(self) -> Path:
        return self.code / "dbt_project" / "seeds"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse" / "warehouse.duckdb"

    def bare_nights(self, nights: Sequence[date], portal: str, next_workbooks: Path | None = None) -> tuple[Cost, Any]:
        """Run the steps without Airflow, all nights in one process; its cost, and what ``bare_night`` tells of each."""
        environment = self.environment(portal) | ({"NEXT_WORKBOOKS": str(next_workbooks)} if next_workbooks else {})
        environment["PYTHONPATH"] += f":{ROOT}"
        command = [sys.executable, "-m", "benchmarks.night.bare_night", *(night.isoformat() for night in nights)]
        cost, said = run(command, folder=self.code, environment=environment)
        return cost, json.loads(said.splitlines()[-1])

    def night(self, night: date, portal: str) -> Cost:
        """Run one; its cost. ``told`` is its summary."""
        command = [sys.executable, "-m", "cchc.main", "nightly", "--date", night.isoformat()]
        cost, _ = run(command, folder=self.code, environment=self.environment(portal))
        path = self.home / "reports" / night.isoformat() / "summary.json"
        self.told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cost

    def environment(self, portal: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CCHC_", "AIRFLOW"))}
        return kept | {
            "CCHC_HOME": str(self.home),
            "CCHC_PORTAL_URL": portal,
            "CCHC_CLIENT_ID": "bench",
            "CCHC_CLIENT_SECRET": "bench",
            "CCHC_DROPS": str(self.inbox),
            "CCHC_STAND_INS": "false",
            "PYTHONPATH": str(self.code),
        }

    def keep(self, folder: Path, rules: list[str]) -> None:
        """Its answers as files; ``rules`` are those that the peers check."""
        keep_duckdb(self.warehouse, our_results(rules), folder)
