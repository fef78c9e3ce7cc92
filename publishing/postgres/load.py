"""One night's tables: a schema of their own, filled by binary COPY, with keys and indexes; attached when all is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import duckdb
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql

from publishing.marts import SCHEMA, Mart, PublishError, quoted
from publishing.postgres.connect import Connection
from publishing.postgres.shape import TableModel, indexes, names, primary_key

_BATCH_ROWS = 20_000


def load_night(
    connection: Connection,
    source: duckdb.DuckDBPyConnection,
    night: str,
    publication_id: int,
    marts: Sequence[Mart],
    models: Mapping[str, TableModel],
    parents: Mapping[str, str],
) -> dict[str, int]:
    """Make the schema ``night`` with every table and view of ``marts``, filled from ``source``; the rows of each.

    Part of the caller's transaction: one that is killed leaves nothing behind. Nobody but the publishing role can
    reach the schema; readers come through the parents. Raises ``PublishError`` where rows were lost on the way.
    """
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(night)))
    connection.execute("set local maintenance_work_mem = '256MB'")
    # Readers come first: one process on either side, however many cores there are.
    connection.execute("set local max_parallel_maintenance_workers = 0")
    source.execute("set threads = 1")
    counts = {}
    for mart in marts:
        table = sql.Identifier(night, mart.name)
        connection.execute(
            sql.SQL(
                "create table {} (like {}, check (publication_id = {}));"
                " alter table {} alter publication_id set default {}"
            ).format(
                table,
                sql.Identifier("store", parents[mart.name]),
                sql.Literal(publication_id),
                table,
                sql.Literal(publication_id),
            )
        )
        counts[mart.name] = _copy(connection, source, table, mart)
        if mart.is_table and counts[mart.name] != mart.row_count:
            raise PublishError(f"{mart.name}: {counts[mart.name]} rows of {mart.row_count} came")
    for mart in marts:
        _add_indexes(connection, night, mart, models[mart.name])
    for mart in marts:
        _add_foreign_keys(connection, night, models[mart.name], counts.keys())
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier(night, mart.name)))
    for mart in marts:
        connection.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                sql.Identifier("store", parents[mart.name]),
                sql.Identifier(night, mart.name),
                sql.Literal(publication_id),
            )
        )
    return counts


def _copy(connection: Connection, source: duckdb.DuckDBPyConnection, table: sql.Identifier, mart: Mart) -> int:
    columns = [column.name for column in mart.columns]
    query = f"select {', '.join(map(quoted, columns))} from {SCHEMA}.{quoted(mart.name)}"
    # Frozen, as the table came with this transaction: no later pass over it by vacuum.
    statement = sql.SQL("copy {} ({}) from stdin (format binary, freeze)").format(table, names(columns))
    # The reader is closed whatever happens: one left open holds the file, and opening it again would wait for ever.
    with source.execute(query).to_arrow_reader(_BATCH_ROWS) as reader, connection.cursor() as cursor:
        encoder = ArrowToPostgresBinaryEncoder(reader.schema)
        with cursor.copy(statement) as copy:
            copy.write(encoder.write_header())
            for batch in reader:
                copy.write(encoder.write_batch(batch))
            copy.write(encoder.finish())
        return cursor.rowcount


def _add_indexes(connection: Connection, night: str, mart: Mart, model: TableModel) -> None:
    table = sql.Identifier(night, mart.name)
    if key := primary_key(model):
        connection.execute(sql.SQL("alter table {} add {}").format(table, key))
    for columns in indexes(mart, model):
        connection.execute(sql.SQL("create index on {} ({})").format(table, names(columns)))


def _add_foreign_keys(connection: Connection, night: str, model: TableModel, loaded: Collection[str]) -> None:
    clauses = [
        sql.SQL("add foreign key ({}) references {} ({})").format(
            sql.Identifier(key.column), sql.Identifier(night, key.table), sql.Identifier(key.table_column)
        )
        for key in model.foreign_keys
        if key.table in loaded
    ]
    if clauses:
        connection.execute(
            sql.SQL("alter table {} {}").format(sql.Identifier(night, model.name), sql.SQL(", ").join(clauses))
        )
