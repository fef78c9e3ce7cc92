"""Publication to the read-only DuckDB file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from publishing import embedded
from publishing.embedded import PublishResult
from publishing.manifest import read_manifest, verify
from publishing.marts import PublishError
from tests.publishing.made_marts import made_from


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "o'clock" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema mart; create schema raw; create table raw.secret as select 1 as x")
        connection.execute("create table mart.dim_agency (agency_code varchar not null, label_vi varchar)")
        connection.execute("insert into mart.dim_agency values ('H51.03', 'Sở Tài chính'), ('H51.02', 'Sở Nội vụ')")
        connection.execute("comment on table mart.dim_agency is 'Cơ quan, one row each; it''s a dimension'")
        connection.execute("comment on column mart.dim_agency.label_vi is 'Tên cơ quan'")
        connection.execute("create view mart.mart_names as select label_vi from mart.dim_agency")
        connection.execute("comment on view mart.mart_names is 'Tên'")
    return path


def publish(warehouse: Path, published: Path) -> PublishResult:
    return embedded.publish(warehouse, published, made_from())


def read(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_marts_are_copied_with_their_rows_and_comments_and_nothing_else(warehouse: Path, tmp_path: Path) -> None:
    result = publish(warehouse, tmp_path / "published" / "cchc.duckdb")
    assert result.is_replaced
    assert result.row_counts == {"dim_agency": 2}
    assert read(result.path, "select agency_code, label_vi from mart.dim_agency") == [
        ("H51.03", "Sở Tài chính"),
        ("H51.02", "Sở Nội vụ"),
    ]
    assert read(result.path, "select comment from duckdb_tables() where comment is not null order by 1") == [
        ("Cơ quan, one row each; it's a dimension",),
    ]
    assert read(result.path, "select comment from duckdb_columns() where comment is not null") == [("Tên cơ quan",)]
    assert read(result.path, "select schema_name from duckdb_tables() group by all") == [("mart",)]
    assert sorted(path.name for path in result.path.parent.iterdir()) == [
        "cchc.duckdb",
        "current",
        "manifest.json",
        "parquet",
        "versions",
    ]


def test_the_file_is_kept_as_it_is_when_nothing_changed(warehouse: Path, tmp_path: Path) -> None:
    published = publish(warehouse, tmp_path / "cchc.duckdb").path
    before = published.stat()
    with duckdb.connect(str(warehouse)) as connection:  # the same rows, in another order
        connection.execute("create or replace table mart.dim_agency as from mart.dim_agency order by agency_code")
        connection.execute("comment on table mart.dim_agency is 'Cơ quan, one row each; it''s a dimension'")
        connection.execute("comment on column mart.dim_agency.label_vi is 'Tên cơ quan'")
    result = publish(warehouse, published)
    assert not result.is_replaced
    assert result.row_count == 2
    assert published.stat().st_ino == before.st_ino
    assert published.stat().st_mtime_ns == before.st_mtime_ns


def test_a_view_over_the_marts_stays_a_view_with_its_comment(warehouse: Path, tmp_path: Path) -> None:
    path = publish(warehouse, tmp_path / "cchc.duckdb").path
    assert read(path, "select view_name, comment from duckdb_views() where schema_name = 'mart'") == [
        ("mart_names", "Tên")
    ]
    assert read(path, "select label_vi from mart.mart_names order by 1") == [("Sở Nội vụ",), ("Sở Tài chính",)]


def test_a_view_that_looks_outside_the_marts_goes_with_the_rows_it_gives(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create view mart.mart_outside as select x from raw.secret")
        connection.execute("create view mart.mart_by_file as select agency_code from warehouse.mart.dim_agency")
    result = publish(warehouse, tmp_path / "cchc.duckdb")
    assert result.row_counts == {"dim_agency": 2, "mart_by_file": 2, "mart_outside": 1}
    assert read(result.path, "select x from mart.mart_outside") == [(1,)]


def test_table_functions_answer_from_the_published_file(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create macro mart.named(code, suffix) as table"
            " select label_vi || suffix as label from mart.dim_agency where agency_code = code"
        )
    published = publish(warehouse, tmp_path / "cchc.duckdb").path
    assert read(published, "select label from mart.named('H51.03', '!')") == [("Sở Tài chính!",)]
    assert not publish(warehouse, published).is_replaced


def test_a_table_function_that_names_the_warehouse_s_file_is_refused(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create macro mart.stuck() as table select * from warehouse.mart.dim_agency")
    with pytest.raises(PublishError, match=r"mart\.stuck names the warehouse's own file"):
        publish(warehouse, tmp_path / "cchc.duckdb")


@pytest.mark.parametrize(
    "change",
    [
        "update mart.dim_agency set label_vi = 'Sở Tài Chính' where agency_code = 'H51.03'",
        "insert into mart.dim_agency values ('H51.02', 'Sở Nội vụ')",
        "delete from mart.dim_agency where agency_code = 'H51.02'",
        "update mart.dim_agency set label_vi = null where agency_code = 'H51.03'",
        "comment on column mart.dim_agency.label_vi is 'Tên gọi'",
        "create table mart.dim_period as select '2021' as period_code",
        "drop view mart.mart_names",
        "create or replace view mart.mart_names as select label_vi from mart.dim_agency where label_vi <> ''",
        "create macro mart.named() as table select label_vi from mart.dim_agency",
    ],
)
def test_any_change_of_the_marts_replaces_the_file(warehouse: Path, tmp_path: Path, change: str) -> None:
    published = publish(warehouse, tmp_path / "cchc.duckdb").path
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(change)
    assert publish(warehouse, published).is_replaced
    assert not publish(warehouse, published).is_replaced


def test_a_reader_that_holds_the_old_file_goes_on_with_it(warehouse: Path, tmp_path: Path) -> None:
    published = publish(warehouse, tmp_path / "cchc.duckdb").path
    # A reader in this very process would be shared by DuckDB; its own configuration and a held file show the same.
    held = published.open("rb")
    old = held.read()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from mart.dim_agency")
    publish(warehouse, published)
    held.seek(0)
    assert held.read() == old
    held.close()
    assert read(published, "select count(*) from mart.dim_agency") == [(0,)]


def test_a_warehouse_without_marts_publishes_nothing_and_keeps_what_was_there(warehouse: Path, tmp_path: Path) -> None:
    published = publish(warehouse, tmp_path / "cchc.duckdb").path
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop schema mart cascade")
    with pytest.raises(PublishError, match="no table in schema mart"):
        publish(warehouse, published)
    assert read(published, "select count(*) from mart.dim_agency") == [(2,)]


def test_what_a_killed_publication_left_behind_is_cleared_away(warehouse: Path, tmp_path: Path) -> None:
    half = tmp_path / "versions" / ".new"
    half.mkdir(parents=True)
    (half / "cchc.duckdb").write_bytes(b"half a file")
    published = publish(warehouse, tmp_path / "cchc.duckdb").path
    assert read(published, "select count(*) from mart.dim_agency") == [(2,)]
    assert not half.exists()


def test_a_file_of_an_older_version_is_replaced_by_the_new_layout(warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "cchc.duckdb").write_bytes(b"as it was")
    assert publish(warehouse, tmp_path / "cchc.duckdb").is_replaced
    assert read(tmp_path / "cchc.duckdb", "select count(*) from mart.dim_agency") == [(2,)]


def test_the_folder_before_stays_for_its_readers_and_older_ones_go(warehouse: Path, tmp_path: Path) -> None:
    published = publish(warehouse, tmp_path / "cchc.duckdb").path
    for name in ("một", "hai", "ba"):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("update mart.dim_agency set label_vi = ?", [name])
        publish(warehouse, published)
    assert sorted(path.name for path in (tmp_path / "versions").iterdir()) == ["night_20211220_03", "night_20211220_04"]
    assert (tmp_path / "current").readlink().name == "night_20211220_04"


@pytest.fixture
def figures(warehouse: Path, tmp_path: Path) -> Path:
    """Published: two years of figures, an agency, and a table without rows."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create table mart.fct_value as select (2020 + n % 2)::varchar || '-Q1' as period_code,"
            " n::decimal(20, 6) as value from range(10) as made (n) union all select 'unknown', null"
        )
        connection.execute("create table mart.fct_empty as select '2021' as period_code limit 0")
    return publish(warehouse, tmp_path / "cchc.duckdb").path


def test_parquet_holds_the_same_rows_cut_by_year(figures: Path) -> None:
    parquet = figures.parent / "parquet"
    assert sorted(path.name for path in (parquet / "fct_value").iterdir()) == [
        "year=2020",
        "year=2021",
        "year=__HIVE_DEFAULT_PARTITION__",
    ]
    assert duckdb.sql(
        f"select year::varchar, count(*), sum(value) from read_parquet('{parquet}/fct_value/**/*.parquet',"
        " hive_partitioning = true) where period_code <> 'unknown' group by year order by year"
    ).fetchall() == [("2020", 5, Decimal(20)), ("2021", 5, Decimal(25))]
    assert duckdb.sql(f"select count(*) from '{parquet}/fct_empty/*.parquet'").fetchall() == [(0,)]


def test_the_manifest_says_what_is_in_the_files(figures: Path) -> None:
    manifest = read_manifest(figures.parent)
    assert manifest is not None
    assert manifest.made_from == made_from()
    assert {mart.name: mart.row_count for mart in manifest.marts if mart.is_table} == {
        "dim_agency": 2,
        "fct_empty": 0,
        "fct_value": 11,
    }
    rows = {file.path: file.row_count for file in manifest.files}
    assert rows["cchc.duckdb"] is None
    assert rows["parquet/fct_value/year=2020/data_0.parquet"] == 5
    assert verify(figures) == []


@pytest.mark.parametrize("name", ["cchc.duckdb", "parquet/dim_agency/data_0.parquet"])
def test_another_byte_in_a_published_file_is_found(figures: Path, name: str) -> None:
    path = figures.parent / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert verify(figures) == [f"{name} holds other bytes than were published"]


def test_a_lost_file_is_found_and_comes_back_with_the_next_publication(figures: Path, warehouse: Path) -> None:
    (figures.parent / "parquet" / "dim_agency" / "data_0.parquet").unlink()
    assert verify(figures) == ["parquet/dim_agency/data_0.parquet is missing"]
    assert publish(warehouse, figures).is_replaced
    assert verify(figures) == []


def test_what_did_not_change_shares_its_parquet_with_the_publication_before(figures: Path, warehouse: Path) -> None:
    before = (figures.parent / "current").resolve()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update mart.dim_agency set label_vi = 'x'")
    publish(warehouse, figures)
    after = (figures.parent / "current").resolve()
    same, other = "parquet/fct_value/year=2020/data_0.parquet", "parquet/dim_agency/data_0.parquet"
    assert (before / same).stat().st_ino == (after / same).stat().st_ino
    assert (before / other).stat().st_ino != (after / other).stat().st_ino
    assert verify(figures) == []
