"""The warehouse's DuckDB file, opened by whoever writes into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb


def open_warehouse(path: Path, *, is_left_in_log: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the file at ``path``, made when missing, whose closing writes what came into the file.

    It does not put half-filled pieces of tables together, as DuckDB's closing does on its own: Sundays' builds do that
    (docs/decisions/031). With ``is_left_in_log`` what was written stays in DuckDB's log beside the file, synced, until the next
    one that writes closes: for a word or two, as the file's closing costs more the larger it is. Raises ``duckdb.Error``.
    """
    connection = duckdb.connect(str(path))
    connection.execute("set global max_vacuum_tasks = 0")
    if is_left_in_log:
        connection.execute("pragma disable_checkpoint_on_shutdown")
    return connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that is written inside, or, where an error leaves it, nothing. What is made and dropped inside is never written."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add ``rows``, each a mapping from column to value, to ``table`` in one statement: a statement a row takes a millisecond each.

    A column that a row does not name is null; the types are the table's. Raises ``pyarrow.ArrowInvalid`` for a value that its
    column can't keep as it is, and ``duckdb.Error``.
    """
    if not rows:
        return
    import pyarrow

    schema = connection.execute(f"select * from {table} limit 0").to_arrow_table().schema
    connection.register("inserted", pyarrow.Table.from_pylist(list(rows), schema=schema))
    try:
        connection.execute(f"insert into {table} by name select * from inserted")
    finally:
        connection.unregister("inserted")
