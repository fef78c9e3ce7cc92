"""The marts that Spark builds from the exported tables are DuckDB's: the same columns and rows, to the last decimal."""

from __future__ import annotations

import duckdb
import pytest

from tests.cluster.conftest import Both

#: What DuckDB reckons wider than the other engine does; the figures are the same.
WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UBIGINT", "HUGEINT"}


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'ours' and table_schema = 'mart' order by 1"
    ).fetchall()
    return [name for (name,) in found]


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    kinds = connection.execute(f"describe {relation}").fetchall()
    return [(name, "whole" if kind in WHOLE else kind.partition("(")[0]) for name, kind, *_ in kinds]


def test_every_mart_of_the_warehouse_was_built_on_spark(both: Both, comparing: duckdb.DuckDBPyConnection) -> None:
    tables = _tables(comparing)
    assert len(tables) > 30
    assert sorted(both.marts) == tables
    told = {name: count for name, (count, _) in both.marts.items()}
    assert told == {
        name: comparing.execute(f"select count(*) from ours.mart.{name}").fetchall()[0][0] for name in tables
    }


def test_the_columns_are_the_same_and_of_the_same_kind(comparing: duckdb.DuckDBPyConnection) -> None:
    for name in _tables(comparing):
        assert _columns(comparing, f"mart_spark.{name}") == _columns(comparing, f"ours.mart.{name}"), name


def test_every_row_is_the_same(comparing: duckdb.DuckDBPyConnection) -> None:
    """Both ways, as bags: a row that is there twice has to be there twice. Decimals, moments and texts as they are."""
    differing = {}
    for name in _tables(comparing):
        ours, theirs = f"select * from ours.mart.{name}", f"select * from mart_spark.{name}"
        only_ours = comparing.execute(f"{ours} except all {theirs}").fetchall()
        only_theirs = comparing.execute(f"{theirs} except all {ours}").fetchall()
        if only_ours or only_theirs:
            differing[name] = (len(only_ours), only_ours[:2], len(only_theirs), only_theirs[:2])
    assert differing == {}


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("a revision that replaced another", "select count(*) from {}.mart_revision where revision_amount <> 0"),
        ("a withdrawal", "select count(*) from {}.fct_submission where status = 'withdrawn'"),
        ("quarantine", "select count(*) from {}.fct_submission where status = 'quarantined'"),
        ("two doors that differ", "select count(*) from {}.mart_channel_conflict"),
        ("a waiver", "select count(*) from {}.fct_rule_result where is_waived"),
        ("a recorded figure that differs", "select count(*) from {}.mart_reconciliation_detail"),
        ("a citation at fault", "select count(*) from {}.mart_citation_check"),
        ("an agency that took over", "select count(*) from {}.agency_succession where share_denominator > 1"),
        ("a dossier in several states", "select count(*) from {}.fct_dossier where state_count > 1"),
        (
            "several periods",
            "select count(distinct period_code) - 1 from {}.mart_province_summary where value is not null",
        ),
        ("a figure compared with the year before", "select count(change_percent) from {}.mart_agency_scorecard"),
        ("letters of Vietnamese", "select count(*) from {}.mart_figure_passport where agency_vi like '%ở%'"),
    ],
)
def test_the_province_has_what_could_differ(comparing: duckdb.DuckDBPyConnection, what: str, query: str) -> None:
    (count,) = comparing.execute(query.format("mart_spark")).fetchall()[0]
    assert count > 0, what
