"""What BI asks of the warehouse, on the marts and as hand-written SQL on Parquet files of the same rows (the floor)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

#: By name: the query on the marts (``{mart}`` is their schema), and the hand-written one on the floor's Parquet files.
QUERIES = {
    "province summary of a period": (
        "select indicator_code, value, agencies_reported_count from {mart}.mart_province_summary"
        " where period_code = '2021'",
        "select indicator_code, sum(value), count(*) from value where period_code = '2021' and is_current group by all",
    ),
    "one agency's figures of a period": (
        "select indicator_code, value from {mart}.fct_indicator_value"
        " where agency_code = 'H100.7' and period_code = '2021' and is_current",
        "select indicator_code, value from value where agency_code = 'H100.7' and period_code = '2021' and is_current",
    ),
    "history of one figure, all agencies": (
        "select agency_code, period_code, value from {mart}.fct_indicator_value"
        " where indicator_code = 'I.1.1' and is_current",
        "select agency_code, period_code, value from value where indicator_code = 'I.1.1' and is_current",
    ),
    "ranking of agencies by a figure": (
        "select agency_code, value, rank() over (order by value desc) from {mart}.fct_indicator_value"
        " where indicator_code = 'I.1.1' and period_code = '2021' and is_current order by 3 limit 20",
        "select agency_code, value, rank() over (order by value desc) from value"
        " where indicator_code = 'I.1.1' and period_code = '2021' and is_current order by 3 limit 20",
    ),
    "one agency's score card of a period": (
        "select indicator_code, value, change_percent, peer_rank, peer_median from {mart}.mart_agency_scorecard"
        " where agency_code = 'H100.7' and period_code = '2021'",
        "with now as (from value where period_code = '2021' and is_current and value is not null),"
        " peers as (select indicator_code, median(value) as peer_median, max(value) filter (agency_code = 'H100.7') as own"
        " from now group by all)"
        " select peers.indicator_code, own, any_value(before.value), peer_median, count(*) filter (now.value > own)"
        " from peers inner join now using (indicator_code) left join value as before"
        " on before.agency_code = 'H100.7' and before.period_code = '2020' and before.is_current"
        " and before.indicator_code = peers.indicator_code group by peers.indicator_code, own, peer_median",
    ),
    "reporting rate by period": (
        "select period_code, count(*), sum(case when is_on_time then 1 else 0 end) from {mart}.mart_reporting_rate"
        " group by period_code",
        "select period_code, count(distinct agency_code), 0 from value group by all",
    ),
    "reconciliation that does not match": (
        "select agency_code, indicator_code, difference from {mart}.mart_reconciliation"
        " where period_code = '2021' and not is_matching",
        "select agency_code, count(*), 0 from dossier"
        " where received_at between '2020-12-15' and '2021-12-14' group by agency_code",
    ),
    "one agency's quality by rule": (
        "select rule_id, severity, failed_count, is_failed_in_what_holds from {mart}.mart_rule_quality"
        " where agency_code = 'H100.7' and period_code = '2021' order by rule_id",
        "select rule_id, any_value(severity), count(*) filter (outcome = 'failed') from result"
        " where agency_code = 'H100.7' and period_code = '2021' group by rule_id order by rule_id",
    ),
    "mean revision by line": (
        "select indicator_code, figure_count, revised_count, mean_revision, mean_absolute_revision"
        " from {mart}.mart_revision_summary where agency_code = 'all' order by mean_absolute_revision desc",
        "select indicator_code, count(*), avg(revision_amount), avg(abs(revision_amount)) from revision"
        " group by indicator_code order by 4 desc",
    ),
    "history of one line of one agency": (
        "select period_code, value, change_amount, is_break from {mart}.mart_indicator_history"
        " where agency_code = 'H100.7' and indicator_code = 'I.1.1' order by data_to",
        "select period_code, value, value - lag(value) over (partition by right(period_code, 2) order by period_code)"
        " from value where agency_code = 'H100.7' and indicator_code = 'I.1.1' and is_current order by period_code",
    ),
}

Ask = Callable[[str], object]


def write_floor(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The floor's Parquet files of the rows behind the marts, and the names by which its queries call them."""
    folder.mkdir()
    for name, rows in {
        "value": "select agency_code, period_code, indicator_code, value, is_current from mart.fct_indicator_value",
        "result": "select agency_code, period_code, rule_id, severity, outcome from mart.fct_rule_result",
        "revision": "select agency_code, indicator_code, revision_amount from mart.mart_revision",
        "dossier": "select organ_id as agency_code, received_at from raw.dossier",
    }.items():
        connection.execute(f"copy ({rows}) to '{folder}/{name}.parquet'")
        connection.execute(f"create temp view {name} as from '{folder}/{name}.parquet'")


def seconds_of(ask: Ask, query: str, times: int) -> list[float]:
    """How long each of ``times`` answers took, after one that warms up."""
    ask(query)
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        ask(query)
        seconds.append(time.perf_counter() - started)
    return seconds


def percentile_95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


def spread(seconds: list[float], factor: float = 1.0) -> str:
    """Median (least–most), in seconds or, with a factor of 1000, in milliseconds."""
    values = [second * factor for second in seconds]
    unit = "ms" if factor == 1000 else "s"
    return f"{statistics.median(values):.1f} {unit} ({min(values):.1f}–{max(values):.1f})"
