"""What dbt is asked to build, on a small project of its own: by what changed since the last build that ended well."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.built import READ_ROWS
from cchc.settings import Settings
from cchc.steps import StepError
from cchc.transform import dbt_build

FILES = {
    "dbt_project.yml": "name: small\nversion: 1.0.0\nprofile: small\nconfig-version: 2\n"
    "flags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": "small:\n  target: t\n  outputs:\n    t: {type: duckdb, path: \"{{ env_var('CCHC_WAREHOUSE') }}\"}\n",
    "models/sources.yml": "sources:\n  - {name: raw, schema: raw, tables: [{name: thing}, {name: outcome}]}\n"
    "  - {name: audit, schema: audit, tables: [{name: result}]}\n",
    "models/stg_thing.sql": "select thing_id from {{ source('raw', 'thing') }}",
    "models/known.sql": "{{ config(materialized='table') }} select * from {{ ref('names') }}",
    "models/things.sql": "{{ config(materialized='incremental') }} select thing_id from {{ ref('stg_thing') }}\n"
    "{% if is_incremental() %} where thing_id not in (select thing_id from {{ this }}) {% endif %}",
    "models/judged.sql": "{{ config(materialized='table') }} select thing_id from {{ ref('things') }}"
    " where thing_id in (select thing_id from {{ source('audit', 'result') }})",
    "seeds/names.csv": "thing_id,name\n1,một\n",
    "tests/things_are_small.sql": "select * from {{ ref('things') }} where thing_id > 100",
}
BEFORE = ("--exclude", "source:audit+")
AFTER = ("--select", "source:audit+")


class SmallProject(Settings):
    """Settings of a home with a dbt project of its own."""

    @property
    def dbt_project_path(self) -> Path:
        return self.home_path / "project"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = SmallProject(home=tmp_path)
    for name, text in FILES.items():
        path = settings.dbt_project_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings.warehouse_path.parent.mkdir(parents=True)
    _run(
        settings,
        "create schema raw; create schema audit; create table raw.thing (thing_id integer);"
        "create table raw.outcome (outcome_id integer, result varchar); create table audit.result (thing_id integer);"
        "insert into raw.thing values (1)",
    )
    _night(settings)
    return settings


def _run(settings: Settings, sql: str) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute(sql)


def _night(settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        dbt_build(settings, *BEFORE, is_after_gate=False),
        dbt_build(settings, *AFTER, is_after_gate=True),
    )


def _nodes(settings: Settings) -> tuple[int, int]:
    before, after = _night(settings)
    return before["nodes"], after["nodes"]


def _things(settings: Settings) -> list[tuple[int]]:
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        return connection.execute("select thing_id from things order by 1").fetchall()


def test_the_same_rows_and_models_are_not_built_again(settings: Settings) -> None:
    assert _nodes(settings) == (0, 0)


def test_new_rows_build_what_is_made_of_them_and_neither_seeds_nor_views(settings: Settings) -> None:
    _run(settings, "insert into raw.thing values (2)")
    assert _nodes(settings) == (2, 1)  # things and its test; judged
    assert _things(settings) == [(1,), (2,)]


def test_what_was_exported_for_another_dbt_is_not_for_this_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DBT_TARGET": "prod",
        "DBT_PROFILES_DIR": "/x",
        "DBT_VARS": "{a: 1}",
        "DBT_FULL_REFRESH": "1",
    }.items():
        monkeypatch.setenv(name, value)
    _run(settings, "insert into raw.thing values (2)")
    assert _nodes(settings) == (2, 1)
    assert os.environ["DBT_TARGET"] == "prod"


def test_rows_that_no_model_reads_build_nothing(settings: Settings) -> None:
    _run(settings, "insert into raw.outcome values (1, 'ok')")
    assert _nodes(settings) == (0, 0)


def test_dbt_is_not_started_where_sources_had_nothing_new(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cchc.transform.parse", lambda *_: pytest.fail("dbt was started"))
    _run(settings, "insert into raw.outcome values (1, 'unchanged')")
    assert _nodes(settings) == (0, 0)


def test_no_model_sees_rows_that_dbt_is_not_started_for() -> None:
    models = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
    texts = {path.name: path.read_text(encoding="utf-8") for path in models.rglob("*.sql")}
    for table, rows in READ_ROWS.items():
        schema, name = table.split(".")
        readers = [text for text in texts.values() if f"source('{schema}', '{name}')" in text]
        assert all(f"where {rows}\n" in text for text in readers), table
    assert f"where {READ_ROWS['raw.outcome']}\n" in texts["stg_raw__outcome.sql"]


def test_a_result_of_the_gate_builds_only_what_stands_behind_the_gate(settings: Settings) -> None:
    _run(settings, "insert into audit.result values (1)")
    assert _nodes(settings) == (0, 1)


def test_a_changed_seed_builds_everything_and_keeps_what_was_gathered(settings: Settings) -> None:
    _run(settings, "insert into things values (7)")
    (settings.dbt_project_path / "seeds" / "names.csv").write_text("thing_id,name\n1,hai\n", encoding="utf-8")
    assert _nodes(settings) == (5, 1)
    assert _things(settings) == [(1,), (7,)]


def test_a_changed_model_builds_every_table_anew(settings: Settings) -> None:
    _run(settings, "insert into things values (7)")
    model = settings.dbt_project_path / "models" / "known.sql"
    model.write_text(model.read_text(encoding="utf-8") + "\n-- changed", encoding="utf-8")
    assert _nodes(settings) == (5, 1)
    assert _things(settings) == [(1,)]


def test_a_build_that_failed_is_made_again_though_no_row_came_since(settings: Settings) -> None:
    _run(settings, "insert into raw.thing values (200)")
    with pytest.raises(StepError, match="things_are_small"):
        _night(settings)
    _run(settings, "delete from things where thing_id = 200; update raw.thing set thing_id = 3 where thing_id = 200")
    assert _nodes(settings) == (5, 1)
    assert _things(settings) == [(1,), (3,)]


def test_a_build_anew_that_failed_is_made_anew_again(settings: Settings) -> None:
    model = settings.dbt_project_path / "models" / "known.sql"
    sound = model.read_text(encoding="utf-8")
    model.write_text("select nothing from nowhere", encoding="utf-8")
    with pytest.raises(StepError, match="nowhere"):
        _night(settings)
    model.write_text(sound, encoding="utf-8")
    _run(settings, "delete from things; insert into things values (7)")
    assert _nodes(settings)[0] == 5
    assert _things(settings) == [(1,)]


def test_the_warehouse_is_free_for_others_after_a_build(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        assert connection.execute("select count(*) from known").fetchone() == (1,)
