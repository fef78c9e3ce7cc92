"""The files of the dashboards, without Superset: their queries say the same of the DuckDB file and of PostgreSQL."""

from __future__ import annotations

import csv
import stat
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from pydantic import SecretStr

from cchc.kept_secret import kept_secret
from cchc.settings import ROOT, Settings
from dashboards.start import HERE, SupersetError, marts_address
from tests.dashboards.conftest import asked

ASSETS = HERE / "assets"


def files(kind: str) -> dict[str, Any]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((ASSETS / kind).rglob("*.yaml"))
    }


@pytest.mark.parametrize("name", files("datasets"))
def test_a_datasets_query_gives_its_columns_and_the_same_rows_from_either_database(
    marts: tuple[str, Path], name: str
) -> None:
    dsn, published = marts
    dataset = files("datasets")[name]
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(dataset["sql"])
        columns = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    assert columns == [column["column_name"] for column in dataset["columns"]]
    assert rows
    assert sorted(map(repr, rows)) == sorted(map(repr, asked(dsn, dataset["sql"])))
    metrics = ", ".join(metric["expression"] for metric in dataset["metrics"])
    query = f"select {metrics} from ({dataset['sql']}) as rows"
    with duckdb.connect(str(published), read_only=True) as connection:
        one = connection.execute(query).fetchone()
    assert one is not None
    assert [_plain(value) for value in one] == [pytest.approx(_plain(value)) for value in asked(dsn, query)[0]]


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, date) else float(str(value))


def test_every_chart_stands_on_a_dashboard_and_names_columns_and_metrics_that_there_are() -> None:
    datasets = {dataset["uuid"]: dataset for dataset in files("datasets").values()}
    charts = files("charts")
    shown = {
        part["meta"]["uuid"]
        for dashboard in files("dashboards").values()
        for key, part in dashboard["position"].items()
        if key.startswith("CHART-")
    }
    assert shown == {chart["uuid"] for chart in charts.values()}
    for name, chart in charts.items():
        dataset, params = datasets[chart["dataset_uuid"]], chart["params"]
        columns = {column["column_name"] for column in dataset["columns"]}
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        named = {*params.get("groupby", ()), *params.get("all_columns", ())}
        named |= {params["x_axis"]} if "x_axis" in params else set()
        assert named <= columns, name
        assert {*params.get("metrics", ()), *([params["metric"]] if "metric" in params else ())} <= metrics, name


def test_filters_stand_on_columns_of_every_chart_that_they_reach_and_start_from_lines_of_the_catalogue() -> None:
    datasets = {dataset["uuid"]: dataset for dataset in files("datasets").values()}
    charts = {chart["uuid"]: chart for chart in files("charts").values()}
    with (ROOT / "dbt_project" / "seeds" / "indicators.csv").open(encoding="utf-8") as seed:
        lines = {f"{line['code']} {line['label_vi']}" for line in csv.DictReader(seed)}
    for dashboard in files("dashboards").values():
        shown = {
            part["meta"]["chartId"]: charts[part["meta"]["uuid"]]
            for key, part in dashboard["position"].items()
            if key.startswith("CHART-")
        }
        for told in dashboard["metadata"]["native_filter_configuration"]:
            [target] = told["targets"]
            assert target["datasetUuid"] in datasets
            reached = set(shown) - set(told["scope"]["excluded"])
            assert reached
            assert set(told["scope"]["excluded"]) <= set(shown)
            for chart in reached:
                columns = {column["column_name"] for column in datasets[shown[chart]["dataset_uuid"]]["columns"]}
                assert target["column"]["name"] in columns
            assert set(told["defaultDataMask"]["filterState"].get("value", ())) <= lines


def _asked_and_written_to(environment: Path, address: str, question: str) -> subprocess.CompletedProcess[str]:
    """In Superset's own environment: print what a question gives, then try to make a table."""
    code = (
        "import sys, sqlalchemy; engine = sqlalchemy.create_engine(sys.argv[1])\n"
        "print(*engine.execute(sys.argv[2]).one())\n"
        "engine.execute('create table mart.mine (n int)')"
    )
    return subprocess.run(  # noqa: S603
        [environment / "bin" / "python", "-W", "ignore", "-c", code, address, question],
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_postgresql_superset_reads_the_published_file_and_can_not_write_it(
    marts: tuple[str, Path], environment: Path
) -> None:
    _, published = marts
    address = marts_address(Settings(_env_file=None, home=published.parents[1]))
    done = _asked_and_written_to(environment, address, "select count(*) from mart.dim_agency")
    assert done.stdout == "4\n"
    assert "read-only" in done.stderr


def test_with_postgresql_superset_reads_by_a_log_in_that_can_not_write(
    marts: tuple[str, Path], environment: Path
) -> None:
    dsn, published = marts
    address = marts_address(Settings(_env_file=None, home=published.parents[1], publish_postgres=SecretStr(dsn)))
    done = _asked_and_written_to(environment, address, "select current_user, count(*) from mart.dim_agency")
    assert done.stdout == "cchc_superset 4\n"
    assert "read-only" in done.stderr


def test_without_anything_published_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SupersetError, match="make nightly first"):
        marts_address(Settings(_env_file=None, home=tmp_path))


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    made = kept_secret(path)
    assert len(made) > 30
    assert kept_secret(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
