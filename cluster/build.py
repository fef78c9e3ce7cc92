"""dbt's build of the models on Spark: whole, into a folder of its own, which takes the old one's place when all is well."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import ClusterError


@dataclass(frozen=True, slots=True)
class Places:
    """``python``: Spark's environment; ``project``: dbt's; ``home``: where landing, tables and dbt's state are kept."""

    python: Path
    project: Path
    home: Path

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def tables(self) -> Path:
        """A folder for each schema (``mart.db``), in it one for each table."""
        return self.home / "tables"


def build(places: Places, environment: Mapping[str, str], *, is_tested: bool = True) -> None:
    """``dbt build --target spark`` with its data tests, its output passed on, in ``environment``, which names the master.

    Raises ``ClusterError``; what was built before then stays.
    """
    left_out = ["unit_test"] if is_tested else ["unit_test", "test"]
    fresh = places.home / "tables.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    state = places.home / "dbt"
    state.mkdir(exist_ok=True)
    done = subprocess.run(  # noqa: S603 - our own environment's dbt
        [
            *(str(places.python.parent / "dbt"), "--no-use-colors", "--no-send-anonymous-usage-stats"),
            *("--log-path", str(state / "logs"), "build", "--target", "spark", "--exclude-resource-type", *left_out),
            *("--project-dir", str(places.project), "--profiles-dir", str(places.project)),
            *("--target-path", str(state / "target")),
        ],
        env={**environment, "CCHC_SPARK_LANDING": str(places.landing), "CCHC_SPARK_TABLES": str(fresh)},
        cwd=state,
        check=False,
    )
    if done.returncode:
        raise ClusterError(f"dbt's build on Spark failed; its log is {state / 'logs' / 'dbt.log'}")
    shutil.rmtree(fresh / "held.db", ignore_errors=True)  # what only the build needed: macros/adapters/builds.sql
    old = places.home / "tables.old"
    if places.tables.exists():
        places.tables.rename(old)
    fresh.rename(places.tables)
    shutil.rmtree(old, ignore_errors=True)


def marts(places: Places) -> dict[str, Path]:
    """The folder of each mart's files, by name."""
    return {path.name: path for path in sorted((places.tables / "mart.db").iterdir()) if path.is_dir()}
