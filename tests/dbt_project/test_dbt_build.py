"""The two builds around the gate: on nothing, on data, again, and with a contract that does not hold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_project.dbt_warehouse import AFTER_GATE, BEFORE_GATE, NIGHT, PROJECT, Builds, Dbt, Warehouse


def _marts(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('mart', 'intermediate') order by all"
        ).fetchall()
        return {
            name: connection.execute(f"select * from {schema}.{name} order by all").fetchall()
            for schema, name in tables
        }


def test_a_warehouse_without_rows_builds_and_its_unit_tests_pass(empty_builds: Builds) -> None:
    assert empty_builds == [(True, []), (True, [])]


def test_a_warehouse_with_rows_builds_and_its_data_tests_pass(night_builds: tuple[Warehouse, Builds]) -> None:
    assert night_builds[1] == [(True, []), (True, [])]


def test_building_the_same_rows_twice_changes_nothing(built: Warehouse, dbt: Dbt) -> None:
    before = _marts(built.path)
    assert dbt("build", *BEFORE_GATE, *NIGHT).success
    assert dbt("build", *AFTER_GATE, *NIGHT).success
    assert len(before) == 40
    assert _marts(built.path) == before


def test_the_file_is_free_for_others_after_a_build(built: Warehouse) -> None:
    with duckdb.connect(str(built.path)) as connection:
        assert connection.execute("select count(*) from mart.dim_agency").fetchone() == (184,)


def test_a_model_that_breaks_its_contract_is_not_built(built: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    model = project / "models" / "marts" / "dim_period.sql"
    model.write_text(
        model.read_text(encoding="utf-8").replace("        periods.year,\n", "        'MMXXI' as year,\n", 1),
        encoding="utf-8",
    )
    copy = tmp_path / "warehouse.duckdb"
    shutil.copy(built.path, copy)

    result = dbt("run", "--select", "dim_period", project=project, warehouse=copy)

    assert not result.success
    (outcome,) = [node for node in result.result if node.node.resource_type == "model"]
    assert "This model has an enforced contract that failed" in outcome.message
    assert "year" in outcome.message


def test_every_published_column_is_described_and_stands_in_the_order_of_its_table(built: Warehouse, room: Path) -> None:
    manifest = json.loads((room / "target" / PROJECT.parent.name / "manifest.json").read_text(encoding="utf-8"))
    models = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "mart"
    }
    assert sorted(models) == [
        "agency_succession", "dim_agency", "dim_agency_identifier", "dim_date", "dim_document", "dim_indicator",
        "dim_period", "dim_procedure", "dim_rule", "dim_rule_indicator", "dim_source", "fct_citation", "fct_dossier",
        "fct_dossier_state", "fct_indicator_value", "fct_outcome", "fct_outgoing_document", "fct_repair_proposal",
        "fct_rule_result",
        "fct_submission", "fct_submission_state", "mart_agency_scorecard", "mart_channel_conflict",
        "mart_citation_check", "mart_figure_passport", "mart_indicator_history", "mart_province_summary",
        "mart_reconciliation", "mart_reconciliation_detail", "mart_reporting_rate", "mart_revision",
        "mart_revision_summary", "mart_rule_quality", "value_as_believed_on", "value_on_agencies_of",
        "value_on_todays_agencies", "value_restated",
    ]  # fmt: skip
    for name, model in models.items():
        is_function = model["config"]["materialized"] == "table_function"
        days = ", ".join("date '2021-12-22'" for _ in model["config"].get("parameters") or [])
        place = f"mart.{name}({days})" if is_function else f"mart.{name}"
        columns = [row[0] for row in built.query(f"select column_name from (describe from {place})")]
        assert list(model["columns"]) == columns
        assert is_function or model["config"]["contract"]["enforced"]
        assert model["description"]
        assert [column["name"] for column in model["columns"].values() if not column["description"]] == []


def test_what_the_gate_reads_is_built_before_the_gate(dbt: Dbt) -> None:
    listed = dbt("list", *BEFORE_GATE, "--resource-type", "model").result
    assert "cchc.intermediate.int_submission_line" in listed
    assert "cchc.marts.fct_dossier" in listed
    assert not [name for name in listed if "fct_submission" in name or "mart_" in name or "audit" in name]
