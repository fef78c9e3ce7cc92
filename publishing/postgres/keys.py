"""Indexes, primary keys and relations of a night's tables."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import duckdb
from psycopg import sql

from publishing.marts import SCHEMA, Mart, PublishError, quoted
from publishing.postgres.connect import Connection, connected
from publishing.postgres.shape import ForeignKey, TableModel, has_primary_key, indexes, names

APPLICATION = "cchc publish"
_MEMORY = "set maintenance_work_mem = '256MB'"
_WORKERS = "set max_parallel_maintenance_workers = {}"


@dataclass(frozen=True, slots=True)
class IndexJob:
    """A statement that makes an index, and of how many rows."""

    statement: sql.Composed
    row_count: int


def index_jobs(night: str, marts: Sequence[Mart], models: Mapping[str, TableModel]) -> list[IndexJob]:
    """A job for each index of the night, keys among them; those of the largest tables first, and of one table the key
    last: rows lie in its order, so that it is made in two thirds of the time of another."""
    jobs = []
    for mart in sorted(marts, key=lambda mart: -mart.row_count):
        model, table = models[mart.name], sql.Identifier(night, mart.name)
        statements = [
            sql.SQL("create index on {} ({})").format(table, names(columns)) for columns in indexes(mart, model)
        ]
        if model.primary_key:
            statements.append(
                sql.SQL("create unique index {} on {} ({}) {}").format(
                    sql.Identifier(_key_name(mart.name)),
                    table,
                    names(model.primary_key),
                    sql.SQL("" if has_primary_key(model) else "nulls not distinct"),
                )
            )
        jobs += [IndexJob(statement, mart.row_count) for statement in statements]
    return jobs


def build(connection: Connection, dsn: str, jobs: Sequence[IndexJob]) -> None:
    """Run the jobs, each as soon as one of two connections is free. Raises the first error, with no other one begun
    after it."""
    waiting: deque[tuple[sql.Composed, int]] = deque()
    rows_after = 0
    for job in reversed(jobs):
        # As many processes as connections: a second one only where the other connection finds nothing left to match the job.
        waiting.appendleft((job.statement, int(job.row_count > rows_after)))
        rows_after += job.row_count
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(_work_beside, dsn, waiting)
        try:
            _work(connection, waiting)
        finally:
            waiting.clear()
        beside.result()


def add_constraints(connection: Connection, night: str, model: TableModel, loaded: Collection[str]) -> None:
    """The key's constraint upon its index, and the relations to tables that are ``loaded`` too.

    Relations are ``not valid``: that they hold was proven on the published file (``prove_relations``), and proving it
    again row by row would cost PostgreSQL as much as an index.
    """
    clauses = []
    if model.primary_key:
        kind = sql.SQL("primary key" if has_primary_key(model) else "unique")
        clauses.append(sql.SQL("add {} using index {}").format(kind, sql.Identifier(_key_name(model.name))))
    clauses += [
        sql.SQL("add foreign key ({}) references {} ({}) not valid").format(
            sql.Identifier(key.column), sql.Identifier(night, key.table), sql.Identifier(key.table_column)
        )
        for key in model.foreign_keys
        if key.table in loaded
    ]
    if clauses:
        connection.execute(
            sql.SQL("alter table {} {}").format(sql.Identifier(night, model.name), sql.SQL(", ").join(clauses))
        )


def prove_relations(source: duckdb.DuckDBPyConnection, models: Mapping[str, TableModel]) -> None:
    """Raises ``PublishError`` naming values that a relation between two of these tables leaves without their row."""
    for model in models.values():
        for key in model.foreign_keys:
            if key.table in models and (lost := _without_row(source, model.name, key)):
                raise PublishError(
                    f"foreign key: mart.{model.name}.{key.column} says {', '.join(lost)}, which is no"
                    f" {key.table_column} of mart.{key.table}"
                )


def _without_row(source: duckdb.DuckDBPyConnection, table: str, key: ForeignKey) -> list[str]:
    column, there = quoted(key.column), quoted(key.table_column)
    rows = source.execute(  # few values stand in many rows: each is looked for once
        f"select said::varchar from (select distinct {column} as said from {SCHEMA}.{quoted(table)}) where said is not null"
        f" and said not in (select {there} from {SCHEMA}.{quoted(key.table)} where {there} is not null)"
        " order by 1 limit 3"
    ).fetchall()
    return [value for (value,) in rows]


def _work_beside(dsn: str, waiting: deque[tuple[sql.Composed, int]]) -> None:
    with connected(dsn, application=APPLICATION) as connection:
        _work(connection, waiting)


def _work(connection: Connection, waiting: deque[tuple[sql.Composed, int]]) -> None:
    connection.execute(_MEMORY)
    while True:
        try:
            statement, worker_count = waiting.popleft()
        except IndexError:
            return
        connection.execute(_WORKERS.format(worker_count))
        connection.execute(statement)


def _key_name(table: str) -> str:
    return f"{table[:58]}_pkey"
