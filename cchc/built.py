"""What each selection of the dbt project was built from, kept in the warehouse beside its tables.

Tables that dbt reads of the schemas ``raw`` and ``audit`` only grow (tests/dbt_project/test_sources.py), so that a table's
count of rows and the number of its last one tell whether it holds anything new. No model reads a clock: the same project
over the same rows builds the same tables.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

SOURCE_SCHEMAS = ("raw", "audit")
#: The rows that models read, where not all of a table's: every night leaves rows that none reads, and dbt need not be started
#: for them.
READ_ROWS = {
    "raw.outcome": "result <> 'unchanged'",
    "raw.load_progress": "false",
    "audit.judged": "false",
    "audit.night_volume": "false",
    "audit.repair_attempt": "false",
}


@dataclass(frozen=True, slots=True)
class Project:
    """The project's files as two words: ``code`` for what decides what tables look like, ``seeds`` for rows and texts."""

    code: str
    seeds: str


@dataclass(frozen=True, slots=True)
class Built:
    """What a selection was built from. ``marks`` (by ``schema.table``) is None while a build is not known to have ended
    well; ``code`` is None while every table has to be built anew."""

    code: str | None
    seeds: str
    marks: dict[str, str] | None


def read_project(folder: Path) -> Project:
    """Read every file of the dbt project in ``folder``. A seed's head belongs to the code: other columns, other table."""
    code, seeds = hashlib.sha256(), hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix not in {".sql", ".yml", ".csv", ".md"}:
            continue
        name = f"{path.relative_to(folder)}\0".encode()
        content = path.read_bytes()
        if path.suffix in {".csv", ".md"}:
            seeds.update(name + hashlib.sha256(content).digest())
            content = content.partition(b"\n")[0]
        if path.suffix != ".md":
            code.update(name + hashlib.sha256(content).digest())
    return Project(code.hexdigest(), seeds.hexdigest())


def mark_sources(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """How far each table of the sources has come, by ``schema.table``: how many rows it holds that models read, and the
    number of the last one, which goes on counting where rows were taken out."""
    names = connection.execute(
        "select schema_name, table_name from duckdb_tables() where list_contains(?, schema_name) order by all",
        [list(SOURCE_SCHEMAS)],
    ).fetchall()
    return {
        f"{schema}.{table}": connection.execute(
            f"""select count(*) || ' to ' || coalesce(max(rowid), -1) from {schema}."{table}"
            where {READ_ROWS.get(f"{schema}.{table}", "true")}"""
        ).fetchall()[0][0]
        for schema, table in names
    }


def read_built(connection: duckdb.DuckDBPyConnection, selection: str) -> Built | None:
    """What ``selection`` was built from; None when it never was, or by a version that wrote it down otherwise."""
    connection.execute("create schema if not exists build")
    connection.execute(
        "create table if not exists build.built (selection varchar primary key, built_from varchar not null)"
    )
    row = connection.execute("select built_from from build.built where selection = ?", [selection]).fetchone()
    if row is None or not row[0].startswith("{"):
        return None
    told = json.loads(row[0])
    return Built(**told) if told.keys() == {"code", "seeds", "marks"} else None


def write_built(connection: duckdb.DuckDBPyConnection, selection: str, built: Built) -> None:
    told = json.dumps({"code": built.code, "seeds": built.seeds, "marks": built.marks})
    connection.execute(
        "insert into build.built values (?, ?) on conflict do update set built_from = excluded.built_from",
        [selection, told],
    )


def built_sha256(connection: duckdb.DuckDBPyConnection) -> str | None:
    """What all that dbt built was built from, as one word: the same word, the same tables. None while a build is not known to
    have ended well, or where dbt never built."""
    if not connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'build' and table_name = 'built'"
    ).fetchall()[0][0]:
        return None
    rows = connection.execute("select selection, built_from from build.built order by selection").fetchall()
    if not rows or any(json.loads(built_from).get("marks") is None for _, built_from in rows):
        return None
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
