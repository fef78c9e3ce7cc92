"""Log-ins to the publication's database: readers who see every row, and agencies who see their own."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from psycopg import sql

from publishing.marts import PublishError
from publishing.postgres.connect import Connection, alone, connected
from publishing.postgres.store import AGENCY, READER, ensure_store, scalar

_STATEMENT_TIMEOUT = "60s"
#: A forgotten transaction ends before a publication loses patience with it.
_IDLE_TIMEOUT = "240s"


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in as it was made: the password is nowhere kept, in the clear or in PostgreSQL's log."""

    name: str
    password: str


def agency_login(dsn: str, agency_code: str) -> Login:
    """Make the log-in of an agency, or give it a new password: it reads the agency's own rows, dimensions and the
    province's aggregates. Raises ``PublishError`` for an agency that the marts don't know."""
    with connected(dsn) as connection, alone(connection):
        ensure_store(connection)
        if scalar(connection, "select to_regclass('mart.dim_agency')") is None:
            raise PublishError("nothing has been published to this database yet")
        if not scalar(connection, "select exists (select from mart.dim_agency where agency_code = %s)", [agency_code]):
            raise PublishError(f"the marts know no agency {agency_code!r}")
        name = "agency_" + re.sub(r"[^a-z0-9]+", "_", agency_code.lower())
        login = _login(connection, name, AGENCY)
        connection.execute(
            "insert into access.agency_login values (%s, %s) on conflict do nothing", [login.name, agency_code]
        )
    return login


def reader_login(dsn: str, name: str) -> Login:
    """Make a log-in that reads every row of the marts and changes nothing, or give it a new password."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise PublishError(f"{name!r} is no name for a log-in: small letters, digits and _ (at most 63)")
    with connected(dsn) as connection, alone(connection):
        ensure_store(connection)
        return _login(connection, name, READER)


def _login(connection: Connection, name: str, group: str) -> Login:
    user = scalar(connection, "select current_user")
    if not scalar(connection, "select rolcreaterole or rolsuper from pg_roles where rolname = current_user"):
        raise PublishError(f"{user} may not make log-ins; an administrator runs once: alter role {user} createrole;")
    password = secrets.token_urlsafe(24)
    role = sql.Identifier(name)
    hashed = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    with connection.transaction():
        if scalar(connection, "select exists (select from pg_roles where rolname = %s)", [name]):
            # Of the group by a grant of its own: a superuser counts as a member of everything.
            if not scalar(
                connection,
                "select exists (select from pg_auth_members where member = %s::regrole and roleid = %s::regrole)",
                [name, group],
            ):
                raise PublishError(f"there is a role {name} already, and it is not of {group}")
        else:
            connection.execute(sql.SQL("create role {} in role {}").format(role, sql.Identifier(group)))
        connection.execute(
            sql.SQL(
                "alter role {} login password {};"
                " alter role {} set default_transaction_read_only = on;"
                " alter role {} set statement_timeout = {};"
                " alter role {} set idle_in_transaction_session_timeout = {};"
                " alter role {} set search_path = mart"
            ).format(
                role,
                sql.Literal(hashed),
                role,
                role,
                sql.Literal(_STATEMENT_TIMEOUT),
                role,
                sql.Literal(_IDLE_TIMEOUT),
                role,
            )
        )
    return Login(name, password)
