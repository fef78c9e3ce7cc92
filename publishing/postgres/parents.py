"""The parents of the nights' tables, and the views of the schema ``mart`` over them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from psycopg import errors, sql

from publishing.marts import PublishError
from publishing.postgres.connect import Connection
from publishing.postgres.shape import PgColumn, Shape, converted, names, stored_order
from publishing.postgres.store import AGENCY, READER

#: A view is replaced only where nobody reads it for a moment; until then the attempts stay this short, so that readers
#: who come after never wait longer.
_LOCK_MILLISECONDS = 200
_PAUSE_SECONDS = 0.5

#: By which a parent's rows are parted.
_NIGHT = PgColumn("publication_id", "integer", is_required=True)
_CURRENT = "(select publication_id from store.current_publication)"


@dataclass(frozen=True, slots=True)
class Described:
    """A table of a publication as ``store.publication.tables`` keeps it: where its rows hang and what is told of it."""

    name: str
    parent: str
    row_count: int
    comment: str
    column_comments: dict[str, str]


def find_parent(connection: Connection, table: str, shape: Shape) -> str:
    """The parent for tables of this shape, made where there is none yet. Part of the caller's transaction."""
    encoded = msgspec.json.encode(shape).decode()
    known = connection.execute(
        "select parent_name, shape = %s::jsonb from store.parent where table_name = %s", [encoded, table]
    ).fetchall()
    for name, is_same in known:
        if is_same:
            return str(name)
    taken = {name for name, _ in known}
    name = next(name for name in (table, *(f"{table}__{count}" for count in range(2, 10_000))) if name not in taken)
    _create_parent(connection, name, shape)
    connection.execute("insert into store.parent values (%s, %s, %s::jsonb)", [name, table, encoded])
    return name


def _create_parent(connection: Connection, name: str, shape: Shape) -> None:
    parent = sql.Identifier("store", name)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {} {}").format(
            sql.Identifier(column.name),
            sql.SQL(column.data_type),  # a type that shape.py wrote
            sql.SQL("not null" if column.is_required else ""),
        )
        for column in stored_order([_NIGHT, *shape.columns])
    )
    connection.execute(
        sql.SQL(
            "create table {} ({}) partition by list (publication_id);"
            " alter table {} enable row level security;"
            " create policy staff on {} for select to {} using (true);"
            " grant select on {} to {}"
        ).format(parent, columns, parent, parent, sql.Identifier(READER), parent, sql.Identifier(READER))
    )
    if shape.audience == "none":
        return
    # Only what is published now, whichever way they come: through the view or straight to the parent.
    is_theirs = f"publication_id = {_CURRENT}"
    if shape.audience == "own":
        own = "agency_code = any (array(select agency_code from access.agency_login where login = current_user))"
        also = f" or ({shape.agencies_also_see})" if shape.agencies_also_see else ""
        is_theirs += f" and ({own}{also})"  # the project's own YAML
    connection.execute(
        sql.SQL("create policy agency on {} for select to {} using ({}); grant select on {} to {}").format(
            parent, sql.Identifier(AGENCY), sql.SQL(is_theirs), parent, sql.Identifier(AGENCY)
        )
    )


def set_views(connection: Connection, tables: Sequence[Described], *, wait_seconds: float) -> None:
    """Have ``mart`` hold exactly these tables, in their parents' shapes. Part of the caller's transaction.

    A view takes every kept parent of its table in, so that a transaction that began before the flip still finds its own
    publication through the new view. Most nights change no view. Raises ``PublishError`` where a view can't be replaced:
    readers hold it all the while, or somebody built a view upon it.
    """
    shapes = {
        name: (table, msgspec.convert(shape, Shape))
        for name, table, shape in connection.execute(
            "select parent_name, table_name, shape from store.parent where exists (select from store.publication,"
            " jsonb_array_elements(tables) as held where dropped_at is null and held ->> 'parent' = parent_name)"
        )
    }
    wanted = {table.name: _definition(connection, table, shapes) for table in tables}
    held = {name: (columns, text) for name, columns, text in connection.execute("table store.mart")}
    changes = [table for table in tables if table.name not in held or held[table.name][1] != wanted[table.name]]
    gone = [name for name in held if name not in wanted]
    if changes or gone:
        _with_patience(connection, lambda: _replace(connection, changes, gone, wanted, held, shapes), wait_seconds)
    for table in tables:
        _comment(connection, table)


def _definition(connection: Connection, table: Described, shapes: Mapping[str, tuple[str, Shape]]) -> str:
    columns = shapes[table.parent][1].columns
    selects = []
    for parent, (name, shape) in sorted(shapes.items(), key=lambda item: item[0] != table.parent):
        if name == table.name:
            types = {column.name: column.data_type for column in shape.columns}
            listed = sql.SQL(", ").join(
                sql.SQL("{} as {}").format(
                    converted(column.name, types.get(column.name), column.data_type), sql.Identifier(column.name)
                )
                for column in columns
            )
            selects.append(
                sql.SQL("select {} from {} where publication_id = {}").format(
                    listed,
                    sql.Identifier("store", parent),
                    sql.SQL(_CURRENT),
                )
            )
    return sql.SQL(" union all ").join(selects).as_string(connection)


def _replace(
    connection: Connection,
    changes: Sequence[Described],
    gone: Sequence[str],
    wanted: Mapping[str, str],
    held: Mapping[str, tuple[list[list[str]], str]],
    shapes: Mapping[str, tuple[str, Shape]],
) -> None:
    for name in gone:
        connection.execute(sql.SQL("drop view {}").format(sql.Identifier("mart", name)))
        connection.execute("delete from store.mart where table_name = %s", [name])
    for table in changes:
        view = sql.Identifier("mart", table.name)
        shape = shapes[table.parent][1]
        columns = [[column.name, column.data_type] for column in shape.columns]
        before = held[table.name][0] if table.name in held else []
        if before != columns[: len(before)]:
            connection.execute(sql.SQL("drop view {}").format(view))
        connection.execute(
            sql.SQL("create or replace view {} with (security_invoker = true) as {}").format(
                view,
                sql.SQL(wanted[table.name]),  # _definition's
            )
        )
        readers = [READER] if shape.audience == "none" else [READER, AGENCY]
        connection.execute(
            sql.SQL("revoke all on {} from public, {}; grant select on {} to {}").format(
                view, names([READER, AGENCY]), view, names(readers)
            )
        )
        connection.execute(
            "insert into store.mart values (%(name)s, %(columns)s::jsonb, %(text)s) on conflict (table_name)"
            " do update set columns = excluded.columns, definition = excluded.definition",
            {"name": table.name, "columns": msgspec.json.encode(columns).decode(), "text": wanted[table.name]},
        )


def _with_patience(connection: Connection, change: Callable[[], None], wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = {_LOCK_MILLISECONDS}")
                change()
                connection.execute("set local lock_timeout = 0")
        except errors.DependentObjectsStillExist as error:
            raise PublishError(
                f"a mart has other columns than before, and somebody's own object stands upon its view:"
                f" {error.diag.message_detail}"
            ) from error
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            if time.monotonic() > deadline:
                raise PublishError(
                    f"a mart has other columns than before, and readers held its view for {wait_seconds:.0f} s"
                ) from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _comment(connection: Connection, table: Described) -> None:
    view = sql.Identifier("mart", table.name)
    statements = [sql.SQL("comment on view {} is {}").format(view, sql.Literal(table.comment or None))]
    statements += [
        sql.SQL("comment on column {} is {}").format(sql.Identifier("mart", table.name, column), sql.Literal(text))
        for column, text in table.column_comments.items()
    ]
    connection.execute(sql.SQL("; ").join(statements))
