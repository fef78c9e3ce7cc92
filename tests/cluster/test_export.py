"""The raw tables as Parquet: every row, by the month of its night; a month that did not change is left alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from cluster.export import Exported, export
from tests.dbt_project.dbt_nights import tell
from tests.dbt_project.dbt_warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "warehouse.duckdb")
    warehouse.create()
    tell(warehouse)
    warehouse.flush()
    return warehouse


def _tables(warehouse: Warehouse) -> list[str]:
    return [
        name
        for (name,) in warehouse.query(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('raw', 'audit')"
        )
    ]


def _files(folder: Path) -> dict[Path, int]:
    return {path.relative_to(folder): path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


def test_every_row_and_column_is_in_the_files(warehouse: Warehouse, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    exported = export(warehouse.path, landing)
    tables = _tables(warehouse)
    assert len(tables) > 12
    assert exported.rows == sum(warehouse.query(f"select count(*) from {table}")[0][0] for table in tables)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse.path}' as ours (read_only)")
        for table in tables:
            folder = landing / table.replace(".", "/")
            files = f"select * exclude (night_month, row_order) from read_parquet('{folder}/*/*.parquet')"
            assert connection.execute(f"describe {files}").fetchall() == [
                (name, kind, "YES", None, None, None)
                for name, kind, *_ in connection.execute(f"describe ours.{table}").fetchall()
            ]
            ours = f"select * from ours.{table}"
            assert (
                connection.execute(f"({ours} except all {files}) union all ({files} except all {ours})").fetchall()
                == []
            )


def test_a_month_is_written_again_only_when_its_rows_changed(warehouse: Warehouse, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    first = export(warehouse.path, landing)
    before = _files(landing)
    assert export(warehouse.path, landing) == Exported(first.rows, 0, first.months_written)
    assert _files(landing) == before

    warehouse.submission("january", "H51.11", received="2022-01-03 08:00:00")
    warehouse.flush()
    again = export(warehouse.path, landing)
    changed = {path.parent for path, moment in _files(landing).items() if before.get(path) != moment}
    assert changed == {
        Path("raw") / table / "night_month=2022-01" for table in ("landed", "submission", "submission_line")
    }
    assert again.months_written == 3


def test_a_month_whose_rows_are_gone_goes_and_one_half_written_is_made_good(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    landing = tmp_path / "landing"
    export(warehouse.path, landing)
    whole = _files(landing).keys()
    (landing / "raw" / "submission" / "night_month=2021-12" / "_mark").unlink()
    stray = landing / "raw" / "submission" / "night_month=1999-01" / "data_0.parquet"
    stray.parent.mkdir()
    stray.write_bytes(b"broken off")
    assert export(warehouse.path, landing).months_written == 1
    assert _files(landing).keys() == whole

    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("delete from raw.submission_event")
    export(warehouse.path, landing)
    (only,) = (landing / "raw" / "submission_event").rglob("*.parquet")
    assert only.parent.name == "night_month=none"
    with duckdb.connect() as connection:
        assert connection.execute(f"select count(*) from '{only}'").fetchall() == [(0,)]
        assert "event_at" in {row[0] for row in connection.execute(f"describe select * from '{only}'").fetchall()}


def test_moments_have_no_zone_and_decimals_are_exact(warehouse: Warehouse, tmp_path: Path) -> None:
    export(warehouse.path, tmp_path)
    with duckdb.connect() as connection:
        kinds = dict(
            connection.execute(
                "select name, logical_type from parquet_schema(?) where logical_type is not null",
                [f"{tmp_path}/raw/submission/night_month=2021-12/data_0.parquet"],
            ).fetchall()
        )
        assert "isAdjustedToUTC=0" in kinds["received_at"]
        found = connection.execute(f"select min(received_at) from '{tmp_path}/raw/submission/*/*.parquet'").fetchall()
    assert found == [(datetime(2021, 12, 18, 8),)]
