"""``make docs``: dbt's own pages and the data dictionary, in one folder, without a CDN and without anybody's data.

dbt describes what stands in a warehouse; an empty one is built for that and thrown away.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import duckdb

from cchc.dbt_runner import run_dbt
from cchc.dictionary import as_csv, as_html, published_tables
from cchc.settings import ROOT, load_settings


def build_documentation(project: Path, folder: Path) -> list[Path]:
    """Write ``index.html`` (dictionary), ``dictionary.csv`` and ``models.html`` (dbt's pages) into ``folder``.

    Raises ``RuntimeError`` when dbt can't build the empty warehouse or its pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "target"
        _dbt_pages(project, Path(place) / "warehouse.duckdb", target)
        tables = published_tables(json.loads((target / "manifest.json").read_text(encoding="utf-8")))
        pages = {
            "index.html": as_html(tables),
            "dictionary.csv": as_csv(tables),
            "models.html": (target / "static_index.html").read_text(encoding="utf-8"),
        }
    for name, page in pages.items():
        # Excel takes a CSV file without this mark for the machine's old character set.
        (folder / name).write_text(page, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8")
    return [folder / name for name in pages]


def _dbt_pages(project: Path, warehouse: Path, target: Path) -> None:
    from expectations.gate import ensure_tables

    with duckdb.connect(str(warehouse)) as connection:
        connection.execute((ROOT / "ingestion" / "raw" / "schema.sql").read_text(encoding="utf-8"))
        ensure_tables(connection)
    for command in (
        ["build", "--resource-type", "seed", "--resource-type", "model"],
        ["docs", "generate", "--static"],
    ):
        quietly = ["--quiet", "--log-level-file", "none", *command]
        done = run_dbt(quietly, project=project, warehouse=warehouse, target=target)
        if not done.success:
            raise RuntimeError(f"dbt {' '.join(command)} failed: {done.exception or done.result}")


def main() -> None:
    """Write the pages to ``$CCHC_HOME/docs`` and print where they are."""
    settings = load_settings()
    for path in build_documentation(settings.dbt_project_path, settings.home_path / "docs"):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
