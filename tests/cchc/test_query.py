"""Asking the published marts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from cchc.query import NothingPublishedError, QueryError, as_csv, as_table, ask, width


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "cchc.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema mart")
        connection.execute(
            "create table mart.dim_agency as select 'H51.03' as agency_code, 'Sở Tài chính' as name_vi,"
            " 99.89::decimal(20, 6) as share, null::integer as missing, true as is_open"
        )
    return path


def test_a_table_is_found_with_and_without_its_schema(published: Path) -> None:
    assert ask(published, "select agency_code from mart.dim_agency") == ask(
        published, "select agency_code from dim_agency"
    )


def test_the_published_file_can_not_be_changed(published: Path) -> None:
    with pytest.raises(QueryError, match="read-only"):
        ask(published, "delete from mart.dim_agency")


def test_an_error_of_sql_is_told_in_duckdbs_words(published: Path) -> None:
    with pytest.raises(QueryError, match="no_such_table"):
        ask(published, "select * from mart.no_such_table")


def test_before_the_first_night_it_is_said_that_nothing_is_published(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError, match="nothing is published yet"):
        ask(tmp_path / "cchc.duckdb", "select 1")
    assert not (tmp_path / "cchc.duckdb").exists()


def test_csv_keeps_vietnamese_quotes_commas_and_leaves_missing_values_empty(published: Path) -> None:
    names, rows = ask(published, "select name_vi, 'a, \"b\"' as quoted, share, missing, is_open from dim_agency")
    assert as_csv(names, rows) == 'name_vi,quoted,share,missing,is_open\nSở Tài chính,"a, ""b""",99.89,,true\n'


def test_a_table_shows_every_character_of_every_column_however_wide() -> None:
    long = "Số hồ sơ tiếp nhận phải bằng số hồ sơ trả kết quả " * 20
    text = as_table(["note", "value"], [(long, Decimal("1E+3")), (None, None)])
    assert long in text
    assert "1000\n" in text
    assert text.splitlines()[3].split() == ["NULL", "NULL"]
    assert text.endswith("(2 rows)\n")


def test_columns_stand_in_line_under_vietnamese_in_either_spelling() -> None:
    assert width("Sở Tài chính") == width("So\u031b\u0309 Ta\u0300i chi\u0301nh") == 12
    lines = as_table(["a", "b"], [("Sở", 1), ("Soo", 22)]).splitlines()
    assert lines[2] == "Sở    1"
    assert lines[3] == "Soo  22"
