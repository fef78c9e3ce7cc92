"""``cchc spark`` before there is anything to build from, or anything to build with. That it builds: tests/cluster/."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cchc import spark
from cchc.main import app
from tests.dbt_project.dbt_warehouse import Warehouse


def test_without_a_warehouse_it_says_what_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    told = CliRunner().invoke(app, ["spark"])
    assert told.exit_code == 1
    assert "cchc nightly" in told.output
    assert not (tmp_path / "spark").exists()


def test_without_sparks_environment_the_tables_are_exported_and_it_says_what_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    monkeypatch.setattr(spark, "PYTHON", tmp_path / "none" / "bin" / "python")
    (tmp_path / "warehouse").mkdir()
    warehouse = Warehouse(tmp_path / "warehouse" / "warehouse.duckdb")
    warehouse.create()
    warehouse.submission("one", "H51.01", lines={"III.6.1": 5})
    warehouse.flush()
    told = CliRunner().invoke(app, ["spark"])
    assert told.exit_code == 1
    assert "raw rows in" in told.output
    assert "make .venv-spark/ready" in told.output
    assert list((tmp_path / "spark" / "landing" / "raw" / "submission").rglob("*.parquet"))
