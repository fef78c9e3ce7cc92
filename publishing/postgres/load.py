"""One night's tables: a schema of their own with rows, keys and indexes; attached to the parents when all is there.

At full pace rows come first, by COPY as fast as the server takes them, then the indexes, over two connections. At the gentle
one the indexes are there before the rows, and rows come in small bursts with pauses: nothing the server does for us is long
enough that a reader waits for a core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import psycopg
from psycopg import sql

from publishing.marts import Mart, PublishError
from publishing.postgres.connect import Connection
from publishing.postgres.keys import add_constraints, build, index_jobs
from publishing.postgres.rows import copy_rows
from publishing.postgres.shape import TableModel

#: At the gentle pace: a quarter of what a server takes by itself, and of the time in which readers wait for a core.
_GENTLE_STATISTICS_TARGET = 25


@dataclass(frozen=True, slots=True)
class Night:
    """What is to be loaded: ``marts`` with the model and the parent of each, into the schema ``name``."""

    name: str
    publication_id: int
    marts: Sequence[Mart]
    models: Mapping[str, TableModel]
    parents: Mapping[str, str]


def load_rows(
    connection: Connection, source: duckdb.DuckDBPyConnection, night: Night, *, is_gentle: bool
) -> dict[str, int]:
    """Make the night's schema with every table and view of it, filled from ``source``; the rows of each.

    Part of the caller's transaction: one that is killed leaves nothing behind. Nobody but the publishing role can
    reach the schema; readers come through the parents. Raises ``PublishError`` where rows were lost on the way.
    """
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(night.name)))
    for mart in night.marts:
        table = sql.Identifier(night.name, mart.name)
        connection.execute(
            # Checked row by row as they come: attaching the table then reads none of them again.
            sql.SQL(
                "create table {table} (like {parent}, check (publication_id = {number}));"
                " alter table {table} alter publication_id set default {number}"
            ).format(
                table=table,
                parent=sql.Identifier("store", night.parents[mart.name]),
                number=sql.Literal(night.publication_id),
            )
        )
    if is_gentle:
        for job in index_jobs(night.name, night.marts, night.models):
            connection.execute(job.statement)
    counts = {}
    for mart in night.marts:
        counts[mart.name] = copy_rows(connection, source, night.name, mart, is_gentle=is_gentle)
        if mart.is_table and counts[mart.name] != mart.row_count:
            raise PublishError(f"{mart.name}: {counts[mart.name]} rows of {mart.row_count} came")
    return counts


def build_indexes(connection: Connection, dsn: str, night: Night) -> None:
    """Every index of a night whose rows are there, over this connection and one more of the publisher's."""
    build(connection, dsn, index_jobs(night.name, night.marts, night.models))


def attach(connection: Connection, night: Night, *, is_gentle: bool) -> None:
    """Keys, relations and statistics, then the tables to their parents. Part of the caller's transaction."""
    if is_gentle:
        connection.execute(f"set local default_statistics_target = {_GENTLE_STATISTICS_TARGET}")
    for mart in night.marts:
        table = sql.Identifier(night.name, mart.name)
        add_constraints(connection, night.name, night.models[mart.name], {mart.name for mart in night.marts})
        connection.execute(sql.SQL("analyze {}").format(table))
    for mart in night.marts:
        connection.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                sql.Identifier("store", night.parents[mart.name]),
                sql.Identifier(night.name, mart.name),
                sql.Literal(night.publication_id),
            )
        )


def discard(connection: Connection, night: str) -> None:
    """Clear away what a publication that failed had loaded; where the connection is gone, the next one does."""
    with suppress(psycopg.Error), connection.transaction():
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(night)))
        connection.execute("delete from store.publication where name = %s and not is_complete", [night])
