"""Connections to the publication's database. No address or password is ever part of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from publishing.marts import PublishError

Connection = psycopg.Connection[tuple[Any, ...]]

VERSION_MIN = 15
#: One publisher at a time in a database: the number of its advisory lock.
_LOCK = 0x43434843
_LOCK_WAIT_SECONDS = 30


@contextmanager
def connected(dsn: str, *, application: str = "cchc") -> Iterator[Connection]:
    """An autocommit connection; every error of PostgreSQL inside comes out as a ``PublishError`` with its own words.

    ``dsn`` as libpq has it: a URL or ``key=value`` pairs, ``sslmode`` and the like included.
    """
    try:
        conninfo_to_dict(dsn)
    except psycopg.Error:
        raise PublishError(  # libpq's own message quotes the address, password included
            "CCHC_PUBLISH_POSTGRES is no PostgreSQL address: postgresql://user:password@host:5432/database"
        ) from None
    try:
        with psycopg.connect(dsn, autocommit=True, application_name=application, connect_timeout=15) as connection:
            if connection.info.server_version < VERSION_MIN * 10_000:
                raise PublishError(
                    f"PostgreSQL {connection.info.server_version // 10_000} is too old: {VERSION_MIN} or newer is needed"
                )
            yield connection
    except psycopg.Error as error:
        raise PublishError(told(error)) from error


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Hold off other publishers, rollbacks and log-in makers. Raises ``PublishError`` where one does not end in time."""
    try:
        connection.execute(f"set lock_timeout = '{_LOCK_WAIT_SECONDS}s'")
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
    except psycopg.errors.LockNotAvailable as error:
        raise PublishError("another publication to this database is under way") from error
    finally:
        connection.execute("set lock_timeout = 0")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(%s)", [_LOCK])


def told(error: psycopg.Error) -> str:
    """PostgreSQL's own words in one line."""
    primary = error.diag.message_primary
    detail = error.diag.message_detail
    text = f"{primary} ({detail})" if primary and detail else primary or str(error)
    return re.sub(r"\s+", " ", text).strip() or type(error).__name__
