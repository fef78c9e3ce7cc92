"""Publications that are not kept any longer: taken out and dropped without waiting for any reader, or left for next time."""

from __future__ import annotations

from psycopg import errors, sql

from publishing.postgres.connect import Connection
from publishing.postgres.store import note_readers, scalar

#: For taking tables out, which holds nobody up; and for dropping them, where a reader's old plan may want the very lock: well
#: under PostgreSQL's deadlock_timeout, so that it is never the reader who has to give way.
_PATIENCE = "2s"
_DROP_PATIENCE = "200ms"
_GIVEN_UP = (errors.LockNotAvailable, errors.DeadlockDetected)


def retire(connection: Connection, kept: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drop all publications but the current one and the last ``kept``, and what a publisher that died had loaded: (the names
    dropped, the names still being read).

    A transaction that began before ``mart`` left a publication may yet ask any of its tables, so none of them goes before
    that transaction ends.
    """
    note_readers(connection)  # of a publisher that died between its flip and this
    outdated = connection.execute(
        "select publication_id, name from store.publication where dropped_at is null"
        " and publication_id not in (select publication_id from store.current_publication)"
        " and publication_id not in"
        "  (select publication_id from store.publication where dropped_at is null and is_complete order by 1 desc limit %s)"
        " order by 1",
        [kept],
    ).fetchall()
    dropped: list[str] = []
    waiting: list[str] = []
    connection.execute(f"set lock_timeout = '{_PATIENCE}'")
    try:
        for publication_id, name in outdated:
            if _is_read(connection, int(str(publication_id))) or not _drop(connection, str(name)):
                waiting.append(str(name))
                continue
            connection.execute(
                "update store.publication set dropped_at = clock_timestamp() where publication_id = %s",
                [publication_id],
            )
            dropped.append(str(name))
        _drop_unused_parents(connection)
    finally:
        connection.execute("set lock_timeout = 0")
    return tuple(dropped), tuple(waiting)


def _is_read(connection: Connection, publication_id: int) -> bool:
    """Whether a transaction is still open that was reading when ``mart`` last left the publication."""
    return bool(
        scalar(
            connection,
            "select exists (select from pg_locks where relation = 'store.current_publication'::regclass"
            " and virtualtransaction = any ((select readers from store.flip where from_publication_id = %s"
            " order by flip_id desc limit 1)::text[]))",
            [publication_id],
        )
    )


def _drop(connection: Connection, night: str) -> bool:
    """Take a night's tables from their parents and drop its schema; False where a reader holds one of them."""
    hanging = connection.execute(
        "select parent.relname, child.relname, inhdetachpending from pg_inherits"
        " join pg_class as parent on parent.oid = inhparent join pg_class as child on child.oid = inhrelid"
        " where child.relnamespace = to_regnamespace(%s) and parent.relkind = 'p'",
        [night],
    ).fetchall()
    try:
        for parent, table, is_pending in hanging:
            connection.execute(
                sql.SQL("alter table {} detach partition {} {}").format(
                    sql.Identifier("store", str(parent)),
                    sql.Identifier(night, str(table)),
                    sql.SQL("finalize" if is_pending else "concurrently"),
                )
            )
        with connection.transaction():
            connection.execute(f"set local lock_timeout = '{_DROP_PATIENCE}'")
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(night)))
    except (*_GIVEN_UP, errors.ObjectNotInPrerequisiteState):  # the latter: another night's still hangs half
        return False
    return True


def _drop_unused_parents(connection: Connection) -> None:
    """Parents of shapes that no kept publication has and no view names any more."""
    unused = connection.execute(
        "select parent_name from store.parent where not exists (select from store.publication,"
        " jsonb_array_elements(tables) as held where dropped_at is null and held ->> 'parent' = parent_name)"
    ).fetchall()
    for (name,) in unused:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = '{_DROP_PATIENCE}'")
                connection.execute("delete from store.parent where parent_name = %s", [name])
                connection.execute(sql.SQL("drop table {}").format(sql.Identifier("store", str(name))))
        except (*_GIVEN_UP, errors.DependentObjectsStillExist):
            continue
