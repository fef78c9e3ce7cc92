"""The lasting part of the publication's database: what was published, which publication holds, and who may read.

- ``store.publication``: every publication, with the shapes of its tables; ``store.current_publication``: the one row that
  says which of them ``mart`` answers from; ``store.flip``: each change of that row.
- ``store.<table>``: the parent of a table's nights, a list partition for each. Another shape is another parent.
- ``access.agency_login``: which log-in may see which agency's rows.
"""

from __future__ import annotations

import time
from typing import Any

from psycopg import sql

from publishing.marts import PublishError
from publishing.postgres.connect import Connection

READER = "cchc_reader"
AGENCY = "cchc_agency"

_STORE = """
create schema store;
create table store.publication (
    publication_id integer generated always as identity primary key,
    name text not null unique,
    night_on date not null,
    published_at timestamptz not null default clock_timestamp(),
    content_sha256 text not null,
    code_version text not null,
    row_count bigint not null,
    tables jsonb not null,
    is_complete boolean not null default false, -- mart has answered from it
    dropped_at timestamptz
);
create table store.current_publication (
    is_only boolean primary key default true check (is_only),
    publication_id integer not null references store.publication
);
create table store.flip (
    flip_id integer generated always as identity primary key,
    flipped_at timestamptz not null default clock_timestamp(),
    from_publication_id integer references store.publication,
    to_publication_id integer not null references store.publication,
    -- transactions that were reading when it happened: they may still answer from the publication before
    readers text[]
);
create table store.parent (
    parent_name text primary key,
    table_name text not null,
    shape jsonb not null
);
create table store.mart (table_name text primary key, columns jsonb not null, definition text not null);
create schema access;
create table access.agency_login (login text not null, agency_code text not null, primary key (login, agency_code));
alter table access.agency_login enable row level security;
create policy own on access.agency_login for select to {agency} using (login = current_user);
create schema mart;
create view mart.publication as
select name, night_on, published_at, code_version, row_count
from store.publication join store.current_publication using (publication_id);
comment on view mart.publication is
'Which publication mart answers from: its name, the night it is of, when it was published and by which version.';
revoke all on schema store, access, mart from public;
grant usage on schema store, mart to {reader}, {agency};
grant usage on schema access to {agency};
grant select on access.agency_login to {agency};
grant select on store.current_publication, mart.publication to {reader}, {agency};
"""


#: Every reader holds a lock on the pointer until its transaction ends.
_READING = (
    "select virtualtransaction from pg_locks where relation = 'store.current_publication'::regclass"
    " and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()"
)


def ensure_store(connection: Connection) -> None:
    """Lay out schemas, tables and the two roles, once. Raises ``PublishError`` with what an administrator has to run where
    the publishing role may not."""
    _ensure_roles(connection)
    if scalar(connection, "select to_regclass('store.publication')") is not None:
        return
    database, user = connection.execute("select current_database(), current_user").fetchall()[0]
    if not scalar(connection, "select has_database_privilege(current_database(), 'create')"):
        grant = _text(connection, "grant create on database {} to {}", database, user)
        raise PublishError(f"{user} may not create schemas; an administrator runs once: {grant};")
    with connection.transaction():
        connection.execute(sql.SQL(_STORE).format(reader=sql.Identifier(READER), agency=sql.Identifier(AGENCY)))


def current(connection: Connection) -> int | None:
    found = scalar(connection, "select max(publication_id) from store.current_publication")
    return None if found is None else int(found)


def flip(connection: Connection, publication_id: int) -> int:
    """Let ``mart`` answer from a publication: one row. Part of the caller's transaction; the flip's number."""
    before = current(connection)
    connection.execute("update store.publication set is_complete = true where publication_id = %s", [publication_id])
    connection.execute(
        "insert into store.current_publication (publication_id) values (%(to)s)"
        " on conflict (is_only) do update set publication_id = %(to)s",
        {"to": publication_id},
    )
    return int(
        scalar(
            connection,
            "insert into store.flip (from_publication_id, to_publication_id) values (%s, %s) returning flip_id",
            [before, publication_id],
        )
    )


def wait_for_readers(connection: Connection, wait_seconds: float) -> None:
    """Wait for the transactions that are reading now to end, at most so long.

    PostgreSQL plans a statement before it takes the snapshot that it runs under. A statement that was planned before a
    night's tables were attached must not meet the flip to them: it would find nothing. Readers themselves wait for nothing.
    After the wait only a transaction that has been open for all of it is left, and of those only one that runs a prepared
    statement again without ever having it planned anew would miss the night.
    """
    deadline = time.monotonic() + wait_seconds
    reading = scalar(connection, f"select array({_READING})")
    while time.monotonic() < deadline and scalar(
        connection, f"select exists (select from ({_READING}) as now where virtualtransaction = any (%s))", [reading]
    ):
        time.sleep(0.02)


def note_readers(connection: Connection) -> None:
    """Write down, after a flip, which transactions were reading then: what they read must not be dropped before they end."""
    connection.execute(f"update store.flip set readers = array({_READING}) where readers is null")


def scalar(connection: Connection, query: str, parameters: Any = None) -> Any:
    row = connection.execute(query, parameters).fetchone()  # the query is this room's own
    return None if row is None else row[0]


def _ensure_roles(connection: Connection) -> None:
    known = {name for (name,) in connection.execute("select rolname from pg_roles where rolname like 'cchc%'")}
    missing = [role for role in (READER, AGENCY) if role not in known]
    if not missing:
        return
    user = scalar(connection, "select current_user")
    if not scalar(connection, "select rolcreaterole or rolsuper from pg_roles where rolname = current_user"):
        statements = "; ".join(f"create role {role} nologin" for role in missing)
        raise PublishError(
            f"{user} may not create roles; an administrator runs once: {statements};"
            f" {_text(connection, 'grant ' + ', '.join(missing) + ' to {} with admin option', str(user))};"
        )
    for role in missing:
        connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))


def _text(connection: Connection, statement: str, *parts: str) -> str:
    return sql.SQL(statement).format(*map(sql.Identifier, parts)).as_string(connection)
