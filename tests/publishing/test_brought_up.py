"""Publications that bring the file before up to the warehouse: whatever changed, they hold what the warehouse holds."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import duckdb
import pytest

from publishing import embedded
from publishing.manifest import verify
from tests.publishing.made_marts import made_from

_MARTS = """
create schema mart;
create table mart.dim_agency as select 'H51.' || n as agency_code, 'Sở ' || n as name_vi from range(5) as made (n);
create table mart.fct_value as
select 'H51.' || n % 5 as agency_code, (2018 + n % 4)::varchar || '-Q1' as period_code, n as line_order,
    n::decimal(20, 6) as value
from range(200) as made (n);
insert into mart.fct_value values ('unknown', 'unknown', 0, null), (null, null, 1, null);
create table mart.fct_dossier as
select n as dossier_id, timestamp '2020-11-03 08:00:00' + n * interval 5 day as received_at, 'một' as state
from range(100) as made (n);
insert into mart.fct_dossier values (1000, null, 'chờ');
create view mart.mart_named as select name_vi from mart.dim_agency;
"""
#: What may happen to marts between two nights.
_CHANGES = (
    "update mart.fct_value set value = value + 1 where line_order % 40 = {n} % 40",
    "delete from mart.fct_value where line_order % 50 = {n} % 50",
    "insert into mart.fct_value by name select 'H51.1' as agency_code, '2021-Q1' as period_code, 1000 + {n} as line_order",
    "insert into mart.fct_value by name select 'H51.1' as agency_code, '2022-Q{n}' as period_code, {n} as value",
    "delete from mart.fct_value where period_code = '2018-Q1'",
    "delete from mart.fct_value where period_code is null",
    "update mart.fct_value set period_code = 'unknown' where line_order = {n}",
    "update mart.fct_dossier set state = 'hai {n}' where dossier_id % 30 = {n} % 30",
    "update mart.fct_dossier set received_at = null where dossier_id = {n}",
    "insert into mart.fct_dossier values (2000 + {n}, timestamp '2022-01-01 00:00:00', 'mới')",
    "delete from mart.fct_dossier",
    "insert into mart.dim_agency values ('H51.n{n}', 'Sở mới')",
    "alter table mart.fct_value add column if not exists note{n} varchar default 'x'",
    "comment on column mart.fct_value.value is 'Giá trị {n}'",
    "comment on table mart.fct_dossier is 'Hồ sơ {n}'",
    "create or replace table mart.fct_new as select '2021-Q{n}' as period_code",
    "drop table if exists mart.fct_new",
    "drop view if exists mart.mart_named",
    "create or replace view mart.mart_named as select agency_code, {n} as n from mart.dim_agency",
    "create or replace macro mart.named(code) as table select {n} as n from mart.dim_agency where agency_code = code",
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    change(path, _MARTS)
    return path


def change(warehouse: Path, *statements: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def publish(warehouse: Path, *, is_whole: bool = False) -> Path:
    return embedded.publish(
        warehouse, warehouse.parent / "published" / "cchc.duckdb", made_from(), is_whole=is_whole
    ).path


def rows_that_differ(warehouse: Path, published: Path) -> list[str]:
    """Tables of either file whose rows, each counted, are not those of the other."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as theirs (read_only); attach '{published}' as ours (read_only)")
        names = connection.execute(
            "select distinct table_name from duckdb_tables() where schema_name = 'mart' order by 1"
        ).fetchall()
        return [
            name
            for (name,) in names
            if connection.execute(
                f"(from theirs.mart.{name} except all from ours.mart.{name})"
                f" union all (from ours.mart.{name} except all from theirs.mart.{name})"
            ).fetchall()
        ]


def files_by_inode(published: Path, table: str) -> dict[str, int]:
    folder = (published.parent / "parquet" / table).resolve()
    return {str(path.parent.relative_to(folder)): path.stat().st_ino for path in folder.rglob("*.parquet")}


@pytest.mark.parametrize("seed", range(8))
def test_nights_of_any_changes_publish_what_the_warehouse_holds(
    warehouse: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    drawn = random.Random(seed)  # noqa: S311
    published = publish(warehouse)
    for night in range(8):
        number = night * 20 + drawn.randrange(20)  # another one each night: no row comes twice
        change(warehouse, *(text.format(n=number) for text in drawn.sample(_CHANGES, drawn.randrange(1, 5))))
        publish(warehouse)
        assert not caplog.records
        assert rows_that_differ(warehouse, published) == []
        assert verify(published) == []


def test_rows_that_did_not_change_stay_where_they_are(warehouse: Path) -> None:
    published = publish(warehouse)
    change(warehouse, "update mart.fct_value set value = -1 where line_order = 7 and period_code = '2021-Q1'")
    publish(warehouse)
    with duckdb.connect(str(published), read_only=True) as connection:
        lines = connection.execute("select line_order from mart.fct_value where period_code = '2021-Q1'").fetchall()
    assert [line for (line,) in lines] == [3, *range(11, 200, 4), 7]


def test_a_whole_publication_has_the_rows_in_the_warehouse_s_order(warehouse: Path) -> None:
    published = publish(warehouse)
    change(warehouse, "create or replace table mart.fct_dossier as from mart.fct_dossier order by dossier_id desc")
    change(warehouse, "update mart.fct_value set value = -1 where line_order = 7")
    publish(warehouse, is_whole=True)
    with duckdb.connect(str(published), read_only=True) as connection:
        first = connection.execute("select dossier_id from mart.fct_dossier limit 1").fetchall()
    assert first == [(1000,)]
    assert verify(published) == []


def test_only_the_years_that_changed_are_written_as_parquet(warehouse: Path) -> None:
    published = publish(warehouse)
    before = {table: files_by_inode(published, table) for table in ("fct_value", "fct_dossier")}
    assert set(before["fct_value"]) == {
        *(f"year={year}" for year in range(2018, 2022)),
        "year=__HIVE_DEFAULT_PARTITION__",
    }
    assert set(before["fct_dossier"]) == {
        *(f"year={year}" for year in range(2020, 2023)),
        "year=__HIVE_DEFAULT_PARTITION__",
    }
    change(
        warehouse,
        "update mart.fct_value set value = -1 where line_order = 7",
        "insert into mart.fct_value values ('H51.1', '2022-Q1', 1, 1)",
        "update mart.fct_dossier set state = 'hai' where dossier_id = 1000",
    )
    publish(warehouse)
    after = {table: files_by_inode(published, table) for table in before}
    written = {
        table: sorted(name for name, inode in files.items() if before[table].get(name) != inode)
        for table, files in after.items()
    }
    assert written == {"fct_value": ["year=2021", "year=2022"], "fct_dossier": ["year=__HIVE_DEFAULT_PARTITION__"]}
    assert verify(published) == []


def test_a_table_with_the_same_row_twice_is_published_whole(warehouse: Path, caplog: pytest.LogCaptureFixture) -> None:
    published = publish(warehouse)
    change(warehouse, "insert into mart.fct_value from mart.fct_value where line_order = 7")
    publish(warehouse)
    assert "is written whole" in caplog.text
    assert rows_that_differ(warehouse, published) == []
    assert verify(published) == []


def test_a_file_that_was_damaged_is_not_brought_up_but_written_whole(
    warehouse: Path, caplog: pytest.LogCaptureFixture
) -> None:
    published = publish(warehouse)
    content = bytearray(published.read_bytes())
    content[4096 * 3 : -4096] = bytes(len(content) - 4096 * 4)
    published.write_bytes(content)
    change(warehouse, "update mart.fct_value set value = -1 where line_order = 7")
    with caplog.at_level(logging.WARNING):
        publish(warehouse)
    assert "is written whole" in caplog.text
    assert rows_that_differ(warehouse, published) == []
    assert verify(published) == []
