"""The publish step, and what it knows of the published tables."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from cchc.built import Built, read_built, write_built
from cchc.marts import table_models
from cchc.night import LOCAL
from cchc.publication import dsn, kept_publications, publish_night, verify_files
from cchc.settings import Settings
from cchc.steps import StepError
from ingestion.landing import Landing
from publishing.marts import PublishError
from publishing.postgres.shape import ForeignKey, TableModel

NIGHT = date(2021, 12, 20)


def now() -> datetime:
    return datetime(2021, 12, 20, 1, 0, tzinfo=LOCAL)


@pytest.fixture(scope="module")
def read_project(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home where dbt has read its project, and nothing else."""
    settings = Settings(home=tmp_path_factory.mktemp("models"))
    settings.warehouse_path.parent.mkdir(parents=True)
    assert table_models(settings) == table_models(settings)
    return settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with one mart and one landed file."""
    settings = Settings(home=tmp_path, publish_postgres="")
    settings.warehouse_path.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("create schema mart; create table mart.dim_agency as select 'H51.03' as agency_code")
    _land(settings, b"a report")
    return settings


def _land(settings: Settings, content: bytes) -> None:
    with Landing(settings.landing_path) as landing:
        landing.land(
            content,
            source="drop",
            kind="drop_file",
            locator=f"{len(content)}.xlsx",
            night_on=NIGHT,
            now=now(),
        )


def test_a_night_is_published_to_files_that_say_what_they_were_made_from(settings: Settings) -> None:
    facts = publish_night(settings, NIGHT, now=now)
    assert (facts["is_replaced"], facts["publication"]) == (True, "night_20211220_01")
    assert "postgres" not in facts
    assert verify_files(settings) == []
    _land(settings, b"another report")  # what lands later changes nothing of what was made before
    assert verify_files(settings) == []
    assert not publish_night(settings, NIGHT, now=now)["is_replaced"]


def test_marts_are_not_read_where_dbt_built_nothing_since(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _built(settings, "first", {"raw.landed": "1 to 0"})
    first = publish_night(settings, NIGHT, now=now)
    with monkeypatch.context() as patched:
        patched.setattr("cchc.publication.publish_files", lambda *_: pytest.fail("the marts were read"))
        again = publish_night(settings, NIGHT, now=now)
    assert (first["is_replaced"], again["is_replaced"]) == (True, False)
    assert (again["publication"], again["row_counts"]) == (first["publication"], first["row_counts"])

    _built(settings, "second", {"raw.landed": "2 to 1"})
    assert publish_night(settings, NIGHT, now=now)["is_replaced"]


def test_marts_are_read_where_a_build_did_not_end_or_a_published_file_is_gone(settings: Settings) -> None:
    _built(settings, "first", {"raw.landed": "1 to 0"})
    publish_night(settings, NIGHT, now=now)
    settings.published_path.resolve().unlink()
    assert publish_night(settings, NIGHT, now=now)["is_replaced"]
    _built(settings, "second", None)
    assert publish_night(settings, NIGHT, now=now)["is_replaced"]


def _built(settings: Settings, name: str, marks: dict[str, str] | None) -> None:
    """As if dbt had built another table from these rows."""
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute(f"create table mart.dim_{name} as select 1 as one")
        read_built(connection, "all")
        write_built(connection, "all", Built("code", "seeds", marks))


def test_files_of_another_landing_zone_are_found(settings: Settings, tmp_path: Path) -> None:
    publish_night(settings, NIGHT, now=now)
    settings.landing_path.rename(tmp_path / "elsewhere")
    _land(settings, b"something else")
    assert verify_files(settings) == ["it was not made from the first 1 entries of the landing zone here"]


def test_where_postgresql_fails_the_files_are_published_and_the_reason_keeps_the_password(
    settings: Settings, read_project: Settings
) -> None:
    shutil.copytree(read_project.dbt_state_path, settings.dbt_state_path)
    broken = Settings(home=settings.home, publish_postgres="postgresql://me:mật@127.0.0.1:1/none")
    with pytest.raises(StepError, match=r"PostgreSQL was not published: .*; the DuckDB file was") as told:
        publish_night(broken, NIGHT, now=now)
    assert "mật" not in str(told.value)
    assert told.value.facts["is_replaced"]
    assert settings.published_path.exists()
    assert "mật" not in repr(broken)


def test_without_a_database_there_is_nothing_to_go_back_to(settings: Settings) -> None:
    with pytest.raises(PublishError, match="CCHC_PUBLISH_POSTGRES is not set"):
        dsn(settings)
    with pytest.raises(PublishError, match="CCHC_PUBLISH_POSTGRES is not set"):
        kept_publications(settings)


@pytest.fixture(scope="module")
def models(read_project: Settings) -> dict[str, TableModel]:
    models = table_models(read_project)  # from what was kept
    return {model.name: model for model in models}


def test_every_published_table_has_the_key_that_its_description_states(models: dict[str, TableModel]) -> None:
    tables = {name: model for name, model in models.items() if not name.startswith("value_")}
    assert len(tables) > 30
    assert [name for name, model in tables.items() if not model.primary_key] == []
    assert models["fct_indicator_value"].primary_key == ("submission_id", "line_order")
    assert models["mart_province_summary"].primary_key == ("period_code", "indicator_code")


def test_every_published_column_is_described(models: dict[str, TableModel]) -> None:
    for name, model in models.items():
        assert model.description, name
        assert model.column_descriptions, name
        assert [column for column, text in model.column_descriptions if not text or "{{" in text] == [], name


def test_relations_are_those_that_dbt_tests(models: dict[str, TableModel]) -> None:
    assert models["fct_indicator_value"].foreign_keys == (
        ForeignKey("agency_code", "dim_agency", "agency_code"),
        ForeignKey("indicator_code", "dim_indicator", "indicator_code"),
        ForeignKey("period_code", "dim_period", "period_code"),
        ForeignKey("submission_id", "fct_submission", "submission_id"),
    )
    assert {"agency_code", "submission_id", "line_order"} <= set(models["fct_indicator_value"].required)


def test_what_agencies_see_beside_their_own_rows_is_the_provinces(models: dict[str, TableModel]) -> None:
    said = {name: (model.agencies_see, model.agencies_also_see) for name, model in models.items()}
    assert {name: see for name, see in said.items() if see != (None, "")} == {
        "agency_succession": ("all", ""),
        "mart_province_summary": ("all", ""),
        "mart_indicator_history": (None, "is_province"),
        "mart_revision_summary": (None, "agency_code = 'all'"),
    }
