"""Readers all through publications, and publishers that die in the middle of one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel

from publishing.marts import PublishError
from publishing.postgres.access import agency_login
from publishing.postgres.connect import connected
from publishing.postgres.pace import is_gentle
from publishing.postgres.publication import publications, rollback
from tests.publishing.conftest import crash, new_database, started, stopped
from tests.publishing.made_marts import AGENCIES, Province, rows_of

Connection = psycopg.Connection[tuple[Any, ...]]

JOIN = (
    "select count(*), min(fct_value.generation), max(fct_value.generation), min(dim_agency.generation),"
    " max(dim_agency.generation) from mart.fct_value join mart.dim_agency using (agency_code)"
)
COUNT = "select count(*), min(generation), max(generation) from mart.{}"


def whole(*generations: int) -> None:
    assert len(set(generations)) == 1, generations


def by_join(connection: Connection) -> None:
    """One statement over two marts."""
    count, generation, *others = connection.execute(JOIN, prepare=True).fetchall()[0]
    whole(generation, *others)
    assert count == rows_of(generation)


def by_transaction(connection: Connection) -> None:
    """Several statements, with pauses, that must all be of one night."""
    with connection.transaction():
        count, generation, other = connection.execute(COUNT.format("fct_value")).fetchall()[0]
        whole(generation, other)
        assert count == rows_of(generation)
        for table in ("dim_agency", "mart_history", "mart_named"):
            time.sleep(0.03)
            count, *others = connection.execute(COUNT.format(table)).fetchall()[0]
            whole(generation, *others)
            assert count == (AGENCIES + 1 if table == "mart_history" else AGENCIES)


def by_cursor(connection: Connection) -> None:
    """Row by row, while the night changes."""
    with connection.transaction(), connection.cursor("rows") as cursor:
        cursor.itersize = 50
        cursor.execute("select generation from mart.fct_value")
        found = []
        for (generation,) in cursor:
            found.append(generation)
            if len(found) % 50 == 0:
                time.sleep(0.01)
    whole(*set(found))
    assert len(found) == rows_of(found[0])


def by_agency(connection: Connection) -> None:
    """Under row-level security: its own tenth, and the province's aggregate of the whole."""
    own, total, *generations = connection.execute(
        "select (select count(*) from mart.fct_value), sum(value_count)::integer, min(generation), max(generation),"
        " (select min(generation) from mart.fct_value) from mart.mart_summary"
    ).fetchall()[0]
    whole(*generations)
    assert total == rows_of(generations[0])
    assert own == sum(n % AGENCIES == 3 for n in range(total))


class Readers:
    """Threads that ask without a break; ``answers`` counts what each kind got, ``result`` raises what went wrong."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.answers: dict[str, int] = {}
        self._pool = pool
        self._is_over = threading.Event()
        self._running: list[Future[None]] = []

    def start(self, dsn: str, ask: Callable[[Connection], None], level: IsolationLevel, **options: Any) -> None:
        self._running.append(self._pool.submit(self._read, dsn, ask, level, options))

    def _read(
        self, dsn: str, ask: Callable[[Connection], None], level: IsolationLevel, options: dict[str, Any]
    ) -> None:
        with psycopg.connect(dsn, autocommit=True, **options) as connection:
            connection.isolation_level = level
            while not self._is_over.is_set():
                ask(connection)
                name = f"{ask.__name__} {level.name}"
                self.answers[name] = self.answers.get(name, 0) + 1

    def go_on(self) -> None:
        """Until each kind has got another answer."""
        before = dict(self.answers)
        until(lambda: self.has_failed() or all(self.answers[name] > before[name] for name in before))

    def has_failed(self) -> bool:
        return any(reader.done() for reader in self._running)

    def stop(self) -> None:
        self._is_over.set()
        for reader in self._running:
            reader.result(30)


@pytest.fixture
def readers() -> Iterator[Readers]:
    with ThreadPoolExecutor(8) as pool:
        readers = Readers(pool)
        yield readers
        readers.stop()


def start_all(readers: Readers, province: Province) -> None:
    agency = agency_login(province.dsn, "H51.03").name
    readers.start(province.dsn, by_join, IsolationLevel.READ_COMMITTED)
    readers.start(province.dsn, by_transaction, IsolationLevel.REPEATABLE_READ)
    readers.start(province.dsn, by_cursor, IsolationLevel.READ_COMMITTED)
    readers.start(province.dsn, by_agency, IsolationLevel.READ_COMMITTED, user=agency)
    until(lambda: readers.has_failed() or len(readers.answers) == 4)


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def test_readers_all_through_publications_and_a_rollback_get_whole_answers_of_one_night(
    province: Province, readers: Readers
) -> None:
    province.say_and_publish(1)
    start_all(readers, province)
    for generation in range(2, 8):
        province.say_and_publish(generation, kept=2)
    rollback(province.dsn)
    province.say_and_publish(8, kept=2)
    readers.go_on()
    readers.stop()


def test_readers_all_through_a_change_of_shape_get_whole_answers_of_one_night(
    province: Province, readers: Readers
) -> None:
    province.say_and_publish(1)
    start_all(readers, province)
    province.say_and_publish(2, "alter table mart.fct_value add column note varchar")
    province.say_and_publish(3, "alter table mart.fct_value drop column confidence")
    rollback(province.dsn)
    rollback(province.dsn)
    province.say_and_publish(4, "alter table mart.dim_agency add column note varchar", kept=1)
    readers.go_on()
    readers.stop()


def test_a_transaction_that_stays_open_keeps_its_whole_night_and_holds_nobody_up(province: Province) -> None:
    province.say_and_publish(1)
    with psycopg.connect(province.dsn) as late:
        late.isolation_level = IsolationLevel.REPEATABLE_READ
        assert late.execute(COUNT.format("fct_value")).fetchall() == [(rows_of(1), 1, 1)]
        for generation in (2, 3):
            assert province.say_and_publish(generation, kept=1).is_published
        result = province.say_and_publish(4, "alter table mart.dim_agency add column note varchar", kept=1)
        assert result.is_published
        assert "night_20211220_01" in result.waiting
        # Tables that it had not yet touched, one of another shape by now among them.
        for table in ("dim_agency", "mart_summary", "mart_history", "fct_outcome"):
            assert late.execute(f"select distinct generation from mart.{table}").fetchall() == [(1,)]
    assert province.ask(COUNT.format("fct_value")) == [(rows_of(4), 4, 4)]
    assert province.publish(kept=1).waiting == ()
    assert [kept.name for kept in publications(province.dsn)] == ["night_20211220_04"]


def test_a_view_that_readers_hold_stops_a_new_shape_and_the_next_night_brings_it(province: Province) -> None:
    province.say_and_publish(1)
    province.say(2, "alter table mart.fct_value drop column confidence")
    with psycopg.connect(province.dsn) as late:
        late.execute(COUNT.format("fct_value"))
        with pytest.raises(PublishError, match="readers held its view"):
            province.publish(wait_seconds=1)
        assert province.ask(COUNT.format("dim_agency")) == [(AGENCIES, 1, 1)]
    assert province.publish().is_published
    assert province.ask(COUNT.format("fct_value")) == [(rows_of(2), 2, 2)]


def test_who_reads_has_the_night_loaded_gently_and_nobody_has_it_at_full_pace(province: Province) -> None:
    province.say_and_publish(1)
    with connected(province.dsn) as publisher:
        assert not is_gentle(publisher, "auto")
        with psycopg.connect(province.dsn, autocommit=True) as reader:
            reader.execute("select 1")
            assert is_gentle(publisher, "auto")
            assert not is_gentle(publisher, "full")
        assert is_gentle(publisher, "gentle")


def test_a_second_publisher_waits_its_turn(province: Province) -> None:
    province.say_and_publish(1)
    province.say(2)
    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(province.publish) for _ in range(2)]
        assert sorted(result.result().is_published for result in results) == [False, True]


def copying(dsn: str) -> bool:
    with psycopg.connect(dsn) as watch:
        return bool(watch.execute("select 1 from pg_stat_progress_copy where tuples_processed > 5000").fetchall())


def test_a_publisher_whose_connection_is_cut_leaves_nothing_and_the_next_one_is_right(province: Province) -> None:
    province.say_and_publish(1)
    province.say(2, rows=400_000)
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(province.publish)
        until(lambda: copying(province.dsn))
        province.ask(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cchc publish'"
            " and datname = current_database()"
        )
        with pytest.raises(PublishError):
            publishing.result(30)
    assert province.ask("select nspname from pg_namespace where nspname like 'night%'") == [("night_20211220_01",)]
    assert province.ask(COUNT.format("fct_value")) == [(rows_of(1), 1, 1)]
    assert province.publish().is_published
    assert province.ask(COUNT.format("fct_value")) == [(400_000, 2, 2)]


def test_a_server_that_dies_in_the_middle_answers_from_the_night_before_and_is_repaired_by_the_next(
    tmp_path: Path,
) -> None:
    own = started()
    try:
        province = Province(tmp_path, new_database(own))
        with psycopg.connect(own.get_uri(), autocommit=True) as connection:
            connection.execute("alter system set fsync = on")
            connection.execute("select pg_reload_conf()")
        province.say_and_publish(1)
        province.say(2, rows=400_000)
        with ThreadPoolExecutor(1) as pool:
            publishing = pool.submit(province.publish)
            until(lambda: copying(province.dsn))
            crash(own)
            with pytest.raises(PublishError):
                publishing.result(30)
        own.ensure_postgres_running()
        assert province.ask(COUNT.format("fct_value")) == [(rows_of(1), 1, 1)]
        assert province.publish().publication == "night_20211220_02"
        assert province.ask(COUNT.format("fct_value")) == [(400_000, 2, 2)]
        assert len(province.ask("select nspname from pg_namespace where nspname like 'night%'")) == 2
    finally:
        stopped(own)
