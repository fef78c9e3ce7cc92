"""What stands in the marts: every table, view and table function of the schema ``mart`` of a DuckDB file, and how to tell
whether two files say the same."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import duckdb
import msgspec

SCHEMA = "mart"


class PublishError(Exception):
    """The marts can't be published; what was published before is untouched."""


@dataclass(frozen=True, slots=True)
class Column:
    """``data_type`` as DuckDB writes it; ``comment`` is empty where there is none."""

    name: str
    data_type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a table that share a period, or a month of receipt. ``name`` begins with their year, where they have one;
    it is None for rows without either. ``row_hash`` is the decimal sum of DuckDB's ``hash()`` of each row."""

    name: str | None
    row_count: int
    row_hash: str

    @property
    def year(self) -> str | None:
        found = re.match(r"\d{4}", self.name or "")
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Mart:
    """What a table holds, whatever the order of its rows: columns, comments, count, sum of the rows' hashes.

    ``row_hash`` is that of ``parts`` together. A view or a table function is what its ``definition`` says over the tables; it
    holds no rows of its own. A table function has no columns here.
    """

    name: str
    columns: tuple[Column, ...]
    comment: str
    row_count: int
    row_hash: str
    parts: tuple[Part, ...] = ()
    definition: str | None = None

    @property
    def is_table(self) -> bool:
        return self.definition is None

    @property
    def is_view(self) -> bool:
        return self.definition is not None and bool(self.columns)

    @property
    def part_by(self) -> str | None:
        """What tells the part of a row, in SQL; None for a table that is one part (a dimension, what has no time)."""
        return _part_by({column.name for column in self.columns})

    def parts_other_than(self, other: Mart) -> list[str | None]:
        """The names of the parts that are not the same in both, whichever of the two has them."""
        return sorted({part.name for part in {*self.parts} ^ {*other.parts}}, key=lambda name: name or "")


def read_marts(connection: duckdb.DuckDBPyConnection) -> tuple[Mart, ...]:
    """Everything in the schema of the file that is open: tables first, then views (each after those it needs), then table
    functions. Raises ``PublishError`` for a table function that names the file itself."""
    database = one(connection, "select current_database()")
    definitions = _views(connection, database)
    names = connection.execute(
        "select table_name from information_schema.tables where table_catalog = ? and table_schema = ? order by 1",
        [database, SCHEMA],
    ).fetchall()
    tables = [_table(connection, database, name) for (name,) in names if name not in definitions]
    views = [
        Mart(name, *_described(connection, database, name), row_count=0, row_hash="", definition=sql)
        for name, sql in definitions.items()
    ]
    return (*tables, *views, *_functions(connection, database))


def content_sha256(marts: tuple[Mart, ...]) -> str:
    """One word for all that the marts say, texts and definitions included."""
    return hashlib.sha256(msgspec.json.encode(marts)).hexdigest()


def read_parts(connection: duckdb.DuckDBPyConnection, source: str, part_by: str | None) -> tuple[Part, ...]:
    """Count of rows, and sum of their hashes, by part, of a table, or a query in brackets."""
    rows = connection.execute(
        f"select {part_by or 'null'} as part, count(*), sum(hash(held))::varchar from {source} as held"
        " group by part order by part"
    ).fetchall()
    return tuple(Part(*row) for row in rows)


def part_is(part_by: str, names: list[str | None]) -> str:
    """A condition: the row is in one of the parts."""
    listed = ", ".join(literal(name) for name in names if name is not None)
    conditions = [f"{part_by} in ({listed})"] if listed else []
    if None in names:
        conditions.append(f"{part_by} is null")
    return f"({' or '.join(conditions) or 'false'})"


def _part_by(columns: set[str]) -> str | None:
    if "year" in columns:
        return None
    if "period_code" in columns:
        return "period_code"
    return "strftime(received_at, '%Y-%m')" if "received_at" in columns else None


def total(parts: tuple[Part, ...]) -> tuple[int, str]:
    """Rows and their hash, of all parts together."""
    return sum(part.row_count for part in parts), str(sum(int(part.row_hash) for part in parts))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def one(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    return str(connection.execute(query).fetchall()[0][0])


def _table(connection: duckdb.DuckDBPyConnection, database: str, name: str) -> Mart:
    columns, comment = _described(connection, database, name)
    parts = read_parts(connection, f"{SCHEMA}.{quoted(name)}", _part_by({column.name for column in columns}))
    return Mart(name, columns, comment, *total(parts), parts)


def _described(connection: duckdb.DuckDBPyConnection, database: str, name: str) -> tuple[tuple[Column, ...], str]:
    """The columns and the comment of a table or view."""
    place = {"d": database, "s": SCHEMA, "t": name}
    columns = connection.execute(
        "select column_name, data_type, coalesce(comment, '') from duckdb_columns()"
        " where database_name = $d and schema_name = $s and table_name = $t order by column_index",
        place,
    ).fetchall()
    comments = connection.execute(
        "select comment from duckdb_tables() where database_name = $d and schema_name = $s and table_name = $t"
        " union all"
        " select comment from duckdb_views() where database_name = $d and schema_name = $s and view_name = $t",
        place,
    ).fetchall()
    return tuple(Column(*column) for column in columns), comments[0][0] or ""


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


def _functions(connection: duckdb.DuckDBPyConnection, database: str) -> list[Mart]:
    rows = connection.execute(
        "select function_name, parameters, macro_definition from duckdb_functions()"
        " where database_name = ? and schema_name = ? and function_type = 'table_macro' order by 1",
        [database, SCHEMA],
    ).fetchall()
    found = []
    for name, parameters, definition in rows:
        if _names_any(definition, [database]):
            raise PublishError(f"the table function {SCHEMA}.{name} names the warehouse's own file")
        listed = ", ".join(quoted(parameter) for parameter in parameters)
        sql = f"create macro {SCHEMA}.{quoted(name)}({listed}) as table {definition}"
        found.append(Mart(name, (), "", row_count=0, row_hash="", definition=sql))
    return found


def _names_any(sql: str, names: list[str]) -> bool:
    return any(re.search(rf"(?<![\w\".]){re.escape(name)}\.|\"{re.escape(name)}\"\.", sql) for name in names)
