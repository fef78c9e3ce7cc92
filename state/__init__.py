"""Our own SQLite files: opened with the schema of this release, whichever release made them.

A file's schema grows by migrations: a folder of ``NNNN_name.sql``, applied in order by yoyo, each in one transaction. How many a
file has had is its ``user_version``, so that opening one that is up to date costs one pragma.
"""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path


class StateError(Exception):
    """A file can't be used by this release; the message names it and says what to do."""


def connect(path: Path, migrations: Path, *, timeout: float = 60.0) -> sqlite3.Connection:
    """A connection in autocommit to the file at ``path``, made or brought up to date by the folder ``migrations``.

    ``timeout`` is how many seconds to wait for another process's transaction. Raises ``StateError`` for a file of a newer
    release; a migration that fails leaves the file as it was.
    """
    wanted = len(_names(migrations))
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        if _version(connection) != wanted:
            _bring_up(path, migrations, wanted)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up(path: Path, migrations: Path, wanted: int) -> None:
    from yoyo import get_backend, read_migrations

    # Our own lock, which goes with the process: yoyo's stays in the file when its holder is killed.
    with path.with_name(f".{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
            found = _version(connection)
            if found > wanted:
                raise StateError(
                    f"{path} was made by a newer release (schema {found}, here {wanted}): install that one again"
                )
            backend = get_backend(f"sqlite:///{path.resolve()}")
            try:
                backend.apply_migrations(backend.to_apply(read_migrations(str(migrations))))
            finally:
                backend.connection.close()
            connection.execute(f"pragma user_version = {wanted}")


def _version(connection: sqlite3.Connection) -> int:
    ((version,),) = connection.execute("pragma user_version").fetchall()
    return int(version)


def _names(migrations: Path) -> list[str]:
    return sorted(path.name for path in migrations.glob("*.sql"))
