"""The same star by this project, by SQLMesh on DuckDB and by dbt on PostgreSQL: the build, the rows, BI's queries.

    python -m benchmarks.bench_warehouse_peers --sqlmesh-python … --dbt-python … [--agencies N] [--runs N]

Dimensions, ``fct_submission``, ``fct_indicator_value`` and three marts. All begin with the same raw tables and seeds, each
in an environment of its own and as a whole process, start-up included; ours builds what the three marts need, without
tests. The rows must be equal, column by column.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import duckdb
import psycopg

from benchmarks import warehouse_peers as peers
from benchmarks.warehouse_data import Scale, copy_project, fill_history
from benchmarks.warehouse_queries import QUERIES, Ask, percentile_95, seconds_of, spread, write_floor

MARTS = ("mart_province_summary", "mart_agency_scorecard", "mart_reporting_rate")
#: Rows of our dimensions that the peers' leave out: communes, which report nothing, and the unknown member.
OURS_ONLY = {
    "dim_agency": "level not in ('commune', 'unknown')",
    "dim_indicator": "indicator_code <> 'unknown'",
    "dim_period": "period_code <> 'unknown'",
}
NOT_ON_PEERS = {
    "reconciliation that does not match",
    "one agency's quality by rule",
    "mean revision by line",
    "history of one line of one agency",
}
TIMES = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlmesh-python", type=Path, required=True, help="a Python with SQLMesh")
    parser.add_argument("--dbt-python", type=Path, required=True, help="a Python with dbt-postgres")
    parser.add_argument("--agencies", type=int, default=500)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="where the warehouses go (removed afterwards)")
    given = parser.parse_args()
    scale = Scale(given.agencies, given.years, given.agencies * 100, given.seed)
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="bench-warehouse-peers-") as folder:
        _bench(Path(folder), scale, given.sqlmesh_python.absolute(), given.dbt_python.absolute(), given.runs)
    return 0


def _bench(folder: Path, scale: Scale, sqlmesh: Path, dbt: Path, runs: int) -> None:
    filled, project = folder / "filled.duckdb", folder / "project"
    copy_project(project, scale)
    fill_history(filled, project, scale)
    _dbt(folder, filled, "seed")
    costs: dict[str, list[peers.Cost]] = {"this project": [], "SQLMesh on DuckDB": [], "dbt on PostgreSQL": []}
    ours, theirs = folder / "ours.duckdb", folder / "theirs.duckdb"
    with peers.postgres() as server:
        _say(
            f"raw tables and seeds to PostgreSQL, not counted: {peers.load_postgres(filled, server, folder / 'csv'):.0f} s"
        )
        for _ in range(runs):
            shutil.copy(filled, ours)
            costs["this project"].append(_dbt(folder, ours, "run", "--select", *(f"+{mart}" for mart in MARTS)))
            shutil.copy(filled, theirs)
            shutil.rmtree(folder / "sqlmesh", ignore_errors=True)
            costs["SQLMesh on DuckDB"].append(peers.build_by_sqlmesh(sqlmesh, theirs, folder / "sqlmesh"))
            shutil.rmtree(folder / "dbt", ignore_errors=True)
            costs["dbt on PostgreSQL"].append(peers.build_by_dbt(dbt, server, folder / "dbt"))
        for name, measured in costs.items():
            _say(
                f"{name}: {spread([cost.seconds for cost in measured])},"
                f" {spread([cost.cpu_seconds for cost in measured])} of CPU,"
                f" peak {max(cost.peak_gib for cost in measured):.1f} GiB"
            )
        with duckdb.connect(str(ours), read_only=True) as connection:
            connection.execute(f"attach '{theirs}' as theirs (read_only)")
            _same(connection, "SQLMesh on DuckDB", {name: f"theirs.star.{name}" for name in peers.models()})
            files = peers.dump_postgres(server, folder)
            _same(connection, "dbt on PostgreSQL", _as_ours(connection, files))
            write_floor(connection, folder / "parquet")
            with (
                duckdb.connect(str(theirs), read_only=True) as by_sqlmesh,
                psycopg.connect(server.get_uri()) as by_postgres,
            ):
                _queries(
                    {
                        "this project": lambda query: connection.execute(query).fetchall(),
                        "SQLMesh on DuckDB": lambda query: by_sqlmesh.execute(query).fetchall(),
                        "dbt on PostgreSQL": lambda query: by_postgres.execute(query).fetchall(),  # type: ignore[arg-type]
                    }
                )


def _dbt(folder: Path, warehouse: Path, command: str, *arguments: str) -> peers.Cost:
    """This project's dbt as a process of its own."""
    project = str(folder / "project")
    return peers.run(
        [
            sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-send-anonymous-usage-stats",
            "--log-path", str(folder / "logs"), command, "--project-dir", project, "--profiles-dir", project,
            "--target-path", str(folder / "target"), *arguments,
        ],
        folder,
        CCHC_WAREHOUSE=str(warehouse),
    )  # fmt: skip


def _as_ours(connection: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> dict[str, str]:
    """CSV files read with the types that our tables have."""
    read = {}
    for name, file in files.items():
        types = dict(connection.execute(f"select name, type from pragma_table_info('mart.{name}')").fetchall())
        with file.open(encoding="utf-8") as lines:
            columns = lines.readline().rstrip("\n").split(",")
        told = ", ".join(f"'{column}': '{types[column]}'" for column in columns)
        read[name] = f"read_csv('{file}', header = true, nullstr = '\\N', columns = {{{told}}})"
    return read


def _same(connection: duckdb.DuckDBPyConnection, peer: str, tables: dict[str, str]) -> None:
    """Hold every row of a peer's tables against ours in the peer's columns. Raises ``SystemExit`` when one differs."""
    counts = []
    for name, table in tables.items():
        columns = [f'"{row[0]}"' for row in connection.execute(f"describe select * from {table}").fetchall()]
        types = dict(connection.execute(f"select name, type from pragma_table_info('mart.{name}')").fetchall())
        typed = ", ".join(f"cast({column} as {types[column.strip(chr(34))]}) as {column}" for column in columns)
        both = {
            "mart": f"select {', '.join(columns)} from mart.{name} where {OURS_ONLY.get(name, 'true')}",
            "peer": f"select {typed} from {table}",
        }
        told = [
            connection.execute(f"select count(*), sum(hash(held)) from ({rows}) as held").fetchall()[0]
            for rows in both.values()
        ]
        if told[0] != told[1]:
            only = connection.execute(f"({both['mart']}) except all ({both['peer']}) limit 3").fetchall()
            raise SystemExit(f"{peer}: {name} differs from ours: {told}; only ours: {only}")
        counts.append(f"{name} {told[0][0]:,}")
    _say(f"{peer}: the same rows as ours ({', '.join(counts)})")


def _queries(asked: dict[str, Ask]) -> None:
    """Every query on every contender, and hand-written on Parquet: medians, and the 95th percentile of all answers."""
    everything: dict[str, list[float]] = {name: [] for name in [*asked, "hand-written on Parquet"]}
    for query, (on_marts, on_parquet) in QUERIES.items():
        if query in NOT_ON_PEERS:
            continue
        told = []
        for name, ask in asked.items():
            seconds = seconds_of(ask, on_marts.format(mart="mart" if name == "this project" else "star"), TIMES)
            everything[name] += seconds
            told.append(f"{name} {statistics.median(seconds) * 1000:.1f}")
        floor = seconds_of(asked["this project"], on_parquet, TIMES)
        everything["hand-written on Parquet"] += floor
        _say(f"  {query}, ms: {', '.join(told)}, hand-written {statistics.median(floor) * 1000:.1f}")
    for name, seconds in everything.items():
        _say(f"95th percentile of all queries, {name}: {percentile_95(seconds) * 1000:.0f} ms")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
