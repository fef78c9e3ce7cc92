"""Publication to a read-only DuckDB file: built beside the published one, checked, and put in its place in one step.

A reader that holds the old file goes on with it; a reader that opens after the flip sees the new one, whole. When
nothing in the marts changed the published file stays as it is.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

SCHEMA = "mart"


class PublishError(Exception):
    """The marts can't be published; what was published before is untouched."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """``row_counts`` by table name; ``is_replaced`` is False when the published file already said the same."""

    path: Path
    is_replaced: bool
    row_counts: dict[str, int]

    @property
    def row_count(self) -> int:
        return sum(self.row_counts.values())


@dataclass(frozen=True, slots=True)
class _Content:
    """What a table holds, whatever the order of its rows: names, types, comments, count, sum of the rows' hashes.

    A view or a table function is what its ``definition`` says over the tables; it holds no rows of its own.
    """

    shape: str
    row_count: int
    row_hash: str
    definition: str | None = None


def publish(warehouse: Path, published: Path) -> PublishResult:
    """Copy the warehouse's schema ``mart``, with comments, and replace ``published`` by that.

    Tables go with their rows. A view over ``mart`` alone stays a view; one that looks elsewhere goes as a table with the
    rows it gives. Table functions (``select * from mart.value_as_believed_on('2021-12-20')``) go as they are defined.

    Raises ``PublishError`` when there is nothing to publish or the copy does not hold what the warehouse holds.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    for leftover in published.parent.glob(f".{published.name}.new*"):
        leftover.unlink()
    with duckdb.connect(str(warehouse), read_only=True) as source:
        wanted = _contents(source)
    if not wanted:
        raise PublishError(f"{warehouse} has no table in schema {SCHEMA}")
    counts = {name: content.row_count for name, content in wanted.items() if content.definition is None}
    if published.exists():
        with duckdb.connect(str(published), read_only=True) as current:
            if _contents(current) == wanted:
                return PublishResult(path=published, is_replaced=False, row_counts=counts)
    fresh = published.parent / f".{published.name}.new"
    try:
        _copy(warehouse, fresh, wanted)
        with duckdb.connect(str(fresh), read_only=True) as copied:
            if _contents(copied) != wanted:
                raise PublishError(
                    f"the copy of {warehouse} does not hold what the warehouse holds; nothing was replaced"
                )
        _flush(fresh)
        fresh.replace(published)
        _flush(published.parent)
    finally:
        for leftover in published.parent.glob(f".{published.name}.new*"):
            leftover.unlink()
    return PublishResult(path=published, is_replaced=True, row_counts=counts)


def _copy(warehouse: Path, fresh: Path, wanted: dict[str, _Content]) -> None:
    with duckdb.connect(str(fresh)) as target:
        target.execute(f"attach '{str(warehouse).replace(chr(39), chr(39) * 2)}' as warehouse (read_only)")
        target.execute(f"create schema {SCHEMA}")
        target.execute("begin")
        for name, content in wanted.items():
            if content.definition is None:
                target.execute(f"create table {SCHEMA}.{_quoted(name)} as from warehouse.{SCHEMA}.{_quoted(name)}")
                _comment(target, "table", name)
        target.execute("commit")
        comments = {name: _comments(target, "warehouse", name) for name in wanted}
        target.execute("detach warehouse")
        for name, content in wanted.items():
            if content.definition is not None:
                target.execute(content.definition)
                _comment(target, "view", name, comments[name])
        target.execute("checkpoint")


def _comment(
    target: duckdb.DuckDBPyConnection, kind: str, name: str, comments: list[tuple[str | None, str]] | None = None
) -> None:
    place = f"{SCHEMA}.{_quoted(name)}"
    for column, comment in _comments(target, "warehouse", name) if comments is None else comments:
        what = f"{kind} {place}" if column is None else f"column {place}.{_quoted(column)}"
        target.execute(f"comment on {what} is '{comment.replace(chr(39), chr(39) * 2)}'")


def _contents(connection: duckdb.DuckDBPyConnection) -> dict[str, _Content]:
    """Everything in the schema by name: tables first, then views (each after those it needs), then table functions."""
    database = _one(connection, "select current_database()")
    definitions = _views(connection, database)
    tables = connection.execute(
        "select table_name from information_schema.tables where table_catalog = ? and table_schema = ? order by 1",
        [database, SCHEMA],
    ).fetchall()
    found = {}
    for (name,) in tables:
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns()"
            " where database_name = ? and schema_name = ? and table_name = ? order by column_index",
            [database, SCHEMA, name],
        ).fetchall()
        row_count, row_hash = 0, ""
        if name not in definitions:
            row_count, row_hash = connection.execute(
                f"select count(*), coalesce(sum(hash(held)), 0)::varchar from {SCHEMA}.{_quoted(name)} as held"
            ).fetchall()[0]
        found[name] = _Content(
            shape=repr((columns, _comments(connection, database, name))),
            row_count=row_count,
            row_hash=row_hash,
            definition=definitions.get(name),
        )
    ordered = {name: content for name, content in found.items() if content.definition is None}
    ordered.update({name: found[name] for name in definitions})
    return ordered | _functions(connection, database)


def _views(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """The views that look at nothing but the schema, in the order in which they were made."""
    rows = connection.execute(
        "select view_name, sql from duckdb_views() where database_name = ? and schema_name = ? order by view_oid",
        [database, SCHEMA],
    ).fetchall()
    elsewhere = connection.execute(
        "select distinct schema_name from duckdb_schemas() where database_name = ? and schema_name <> ?",
        [database, SCHEMA],
    ).fetchall()
    return {name: sql for name, sql in rows if not _names_any(sql, [database, *(schema for (schema,) in elsewhere)])}


def _functions(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, _Content]:
    rows = connection.execute(
        "select function_name, parameters, macro_definition from duckdb_functions()"
        " where database_name = ? and schema_name = ? and function_type = 'table_macro' order by 1",
        [database, SCHEMA],
    ).fetchall()
    found = {}
    for name, parameters, definition in rows:
        if _names_any(definition, [database]):
            raise PublishError(f"the table function {SCHEMA}.{name} names the warehouse's own file")
        listed = ", ".join(_quoted(parameter) for parameter in parameters)
        sql = f"create macro {SCHEMA}.{_quoted(name)}({listed}) as table {definition}"
        found[name] = _Content(shape="", row_count=0, row_hash="", definition=sql)
    return found


def _names_any(sql: str, names: list[str]) -> bool:
    return any(re.search(rf"(?<![\w\".]){re.escape(name)}\.|\"{re.escape(name)}\"\.", sql) for name in names)


def _comments(connection: duckdb.DuckDBPyConnection, database: str, name: str) -> list[tuple[str | None, str]]:
    """(column or None for the table itself, comment) of every comment that is not empty."""
    rows = connection.execute(
        "select null as column_name, comment, -1 as place from duckdb_tables()"
        " where database_name = $d and schema_name = $s and table_name = $t and comment <> ''"
        " union all select null, comment, -1 from duckdb_views()"
        " where database_name = $d and schema_name = $s and view_name = $t and comment <> ''"
        " union all select column_name, comment, column_index from duckdb_columns()"
        " where database_name = $d and schema_name = $s and table_name = $t and comment <> '' order by place",
        {"d": database, "s": SCHEMA, "t": name},
    ).fetchall()
    return [(column, comment) for column, comment, _ in rows]


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    return str(connection.execute(query).fetchall()[0][0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _flush(path: Path) -> None:
    """Have the operating system write the file, or the folder's entries, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
