"""The warehouse's file, opened to be written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow
import pytest

from state.warehouse import insert_rows, open_warehouse, transaction

HALF_FILLED_GROUPS = "select count(distinct row_group_id) from pragma_storage_info('figures')"


def _filled(path: Path) -> None:
    """Four row groups of which nearly everything was deleted, one by one."""
    with open_warehouse(path) as connection:
        connection.execute("create table figures as select range as n, random() as value from range(4 * 122880)")
    with open_warehouse(path) as connection:
        connection.execute("delete from figures where n % 10 > 0")


def _count(path: Path, query: str) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        ((count,),) = connection.execute(query).fetchall()
    return int(count)


def test_closing_writes_the_file_and_leaves_half_filled_pieces(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    _filled(path)
    assert not path.with_name("warehouse.duckdb.wal").exists()
    assert _count(path, HALF_FILLED_GROUPS) == 4
    assert _count(path, "select count(*) from figures") == 4 * 122880 / 10

    with duckdb.connect(str(path)) as connection:  # as DuckDB does on its own
        connection.execute("delete from figures where n = 0")
    assert _count(path, HALF_FILLED_GROUPS) < 4


def test_what_is_left_in_the_log_is_read_by_all_and_written_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    _filled(path)
    with open_warehouse(path, is_left_in_log=True) as connection:
        connection.execute("insert into figures values (-1, 0)")
    assert path.with_name("warehouse.duckdb.wal").exists()
    assert _count(path, "select count(*) from figures where n = -1") == 1

    with duckdb.connect() as build:  # as dbt attaches it
        build.execute(f"attach '{path}' as warehouse (recovery_mode no_wal_writes)")
        build.execute("insert into warehouse.figures values (-2, 0)")
        build.execute("checkpoint warehouse")
    assert not path.with_name("warehouse.duckdb.wal").exists()
    assert _count(path, "select count(*) from figures where n < 0") == 2


def test_rows_are_inserted_by_their_columns_names() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table kept (code varchar not null, value decimal(20, 6), night_on date, place integer)"
        )
        insert_rows(connection, "kept", [])
        insert_rows(
            connection,
            "kept",
            [
                {"night_on": date(2021, 12, 16), "code": "III.6.1", "value": Decimal("0.1")},
                {"place": 2, "code": "Tổng số, “một cửa”", "value": None},
            ],
        )
        assert connection.execute("from kept order by code").fetchall() == [
            ("III.6.1", Decimal("0.100000"), date(2021, 12, 16), None),
            ("Tổng số, “một cửa”", None, None, 2),
        ]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"code": "a", "value": Decimal("0.1234567")}, pyarrow.ArrowInvalid),
        ({"value": Decimal(1)}, duckdb.ConstraintException),
    ],
)
def test_a_row_that_its_table_cannot_keep_is_an_error(row: dict[str, object], error: type[Exception]) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table kept (code varchar not null, value decimal(20, 6))")
        with pytest.raises(error):
            insert_rows(connection, "kept", [row])
        assert connection.execute("select count(*) from kept").fetchall() == [(0,)]
        insert_rows(connection, "kept", [{"code": "b"}])


def test_what_an_error_leaves_is_not_written_and_the_connection_goes_on() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table kept (code varchar primary key)")
        with pytest.raises(duckdb.ConstraintException), transaction(connection):
            connection.execute("create table on_the_way as select 1 as n; insert into kept values ('a')")
            connection.execute("insert into kept values ('a')")
        with transaction(connection):
            connection.execute("insert into kept values ('b')")
        assert connection.execute("from kept").fetchall() == [("b",)]
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("kept",)]
