"""A real Superset on a real PostgreSQL, with the dashboards as the files say; a Chromium that is logged in."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from pydantic import SecretStr

from cchc.settings import ROOT, Settings
from dashboards.start import USER, superset
from publishing.embedded import publish as publish_files
from publishing.postgres.publication import publish as publish_postgres
from tests.publishing.conftest import new_database, started, stopped
from tests.publishing.made_marts import made_from
from tests.publishing.small_province import publish_small_province

#: A page of Superset's takes a second or two on a free machine; tests share theirs.
PATIENCE_MILLISECONDS = 60_000
SEEDS = ROOT / "dbt_project" / "seeds"
#: What the small province says of the year before, and its lines under the names of the catalogue.
_BEFORE = f"""
update mart.dim_indicator set label_vi = line.label_vi
from read_csv('{SEEDS}/indicators.csv', all_varchar = true) as line where line.code = indicator_code;
update mart.dim_agency set name_vi = 'Vô danh ' || name_vi where agency_code = 'H51.04'; -- the last by name
insert into mart.mart_reporting_rate by name
select * replace ('2020' as period_code, 'accepted' as status, true as is_received, true as is_on_time)
from mart.mart_reporting_rate;
insert into mart.fct_indicator_value by name
select * replace ('2020' as period_code, value + 1 as value) from mart.fct_indicator_value;
insert into mart.mart_province_summary by name
select * replace ('2020' as period_code, value - 1 as value) from mart.mart_province_summary;
insert into mart.mart_indicator_history by name
select * replace ('2020' as period_code, date '2020-12-14' as data_to, value - 1 as value) from mart.mart_indicator_history;
insert into mart.mart_indicator_history by name
select agency_code, indicator_code, 'year' as kind, period_code, make_date(period_code::int, 12, 14) as data_to, value,
    false as is_province, false as is_break
from mart.fct_indicator_value where is_current;
update mart.mart_reporting_rate set complete_percent = 92.5;
insert into mart.mart_reconciliation by name
select 'H51.01' as agency_code, '2021' as period_code, 'III.6.1' as indicator_code, 529 as reported_value,
    529 as recorded_value, 0 as difference, 'portal.dossiers_received' as measure_name, true as is_matching;
update mart.mart_reconciliation set measure_name = 'portal.dossiers_received';
"""


@dataclass(frozen=True)
class Running:
    """Superset's address, a page that is logged in, and the database and file that it shows."""

    url: str
    page: Page
    dsn: str
    published: Path


@pytest.fixture(scope="session")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The marts of a small province, in PostgreSQL and as a published file."""
    folder = tmp_path_factory.mktemp("marts")
    publish_small_province(folder / "warehouse.duckdb")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(_BEFORE)
    published = folder / "published" / "cchc.duckdb"
    publish_files(folder / "warehouse.duckdb", published, made_from())
    server = started()
    dsn = new_database(server)
    publish_postgres(published, dsn, (), kept=1)
    yield dsn, published
    stopped(server)


@pytest.fixture(scope="session")
def environment() -> Path:
    """Superset's environment, installed where it is not yet."""
    subprocess.run(["make", "--silent", ".venv-superset/ready"], cwd=ROOT, check=True)  # noqa: S607
    return ROOT / ".venv-superset"


@pytest.fixture(scope="session")
def superset_settings(marts: tuple[str, Path]) -> Settings:
    dsn, published = marts
    return Settings(_env_file=None, home=published.parents[1], publish_postgres=SecretStr(dsn))


@pytest.fixture(scope="module")
def running(marts: tuple[str, Path], environment: Path, superset_settings: Settings) -> Iterator[Running]:
    dsn, published = marts
    settings = superset_settings
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with superset(settings, port) as started_, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        page = browser.new_context(viewport={"width": 1400, "height": 3000}).new_page()
        log_in(page, started_.url, USER, started_.password)
        yield Running(started_.url, page, dsn, published)
        browser.close()


def log_in(page: Page, url: str, user: str, password: str) -> None:
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto(f"{url}/login/")
    page.locator("input:visible").first.fill(user)
    page.locator("input[type=password]").fill(password)
    page.locator("button[type=submit]").click()
    page.wait_for_url(lambda url: "/login" not in url)


def asked(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]
