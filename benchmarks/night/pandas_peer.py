"""pandas and SQL scripts under Airflow, on DuckDB, in this project's own environment (the same Airflow, pandas, DuckDB)."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from benchmarks.night.cost import Cost, run
from benchmarks.night.ours import ROOT
from benchmarks.night.run_dag import airflow_environment
from benchmarks.night.same import keep_duckdb, their_results
from benchmarks.night.star_project import in_order, star
from benchmarks.warehouse_peers import VIEWS

DAGS = Path(__file__).with_name("dags")


class PandasPeer:
    """A warehouse and an Airflow of its own under ``folder``."""

    name = "pandas and SQL under Airflow"

    def __init__(self, folder: Path, seeds: Path, rules: Path) -> None:
        self.inbox, self._folder, self._seeds, self._rules = folder / "inbox", folder, seeds, rules
        self.inbox.mkdir(parents=True)
        self.warehouse = folder / "warehouse.duckdb"
        self.seconds: dict[str, float] = {}

    def night(self, night: date, portal: str) -> Cost:
        """Run one; its cost."""
        texts = star()
        told = {
            "portal": portal,
            "night": night.isoformat(),
            "inbox": str(self.inbox),
            "seeds": str(self._seeds),
            "rules": str(self._rules),
            "warehouse": str(self.warehouse),
            "star": [(name, "view" if name in VIEWS else "table", texts[name]) for name in in_order(texts)],
        }
        path = self._folder / "settings.json"
        path.write_text(json.dumps(told), encoding="utf-8")
        environment = airflow_environment(self._folder / "airflow", DAGS)
        environment |= {"NIGHT_SETTINGS": str(path), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "benchmarks.night.run_dag", DAGS, "pandas_night", night.isoformat()]
        cost, _ = run(command, folder=self._folder, environment=environment)
        return cost

    def keep(self, folder: Path) -> None:
        keep_duckdb(self.warehouse, their_results("star"), folder)
