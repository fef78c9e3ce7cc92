"""How dbt opens the warehouse file: ``dbt_project/profiles.yml`` on a small project of its own."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.dbt_project.dbt_warehouse import PROJECT, Dbt

MODELS = {
    "large": "select numbers.n, md5(cast(numbers.n as varchar)) as told from range(2000000) as numbers(n) order by told",
    "next_to_it": "select count(*) as row_count from {{ ref('large') }}",
    "last": "select * from {{ ref('next_to_it') }}",
}


def test_what_does_not_fit_into_memory_goes_beside_the_file_and_the_build_goes_on(dbt: Dbt, tmp_path: Path) -> None:
    project, warehouse = tmp_path / "small" / "project", tmp_path / "warehouse.duckdb"
    for name, sql in MODELS.items():
        path = project / "models" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{{ config(materialized='table') }} " + sql, encoding="utf-8")
    (project / "dbt_project.yml").write_text("name: small\nversion: 1.0.0\nprofile: cchc\n", encoding="utf-8")
    profile = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    assert "memory_limit: 5GB" in profile
    (project / "profiles.yml").write_text(profile.replace("memory_limit: 5GB", "memory_limit: 60MB"), encoding="utf-8")

    done = dbt("run", project=project, warehouse=warehouse)

    assert [(result.status, result.message) for result in done.result if result.status == "error"] == []
    assert done.success, done.exception
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select row_count from last").fetchall() == [(2_000_000,)]
    assert not list(warehouse.parent.glob("*.wal"))
