"""The data package: read back, and refused when it does not hold."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from publishing.datapackage import TABLES, check_data_package, write_data_package
from publishing.province_table import ExportError

MADE_AT = datetime(2022, 7, 1, 8)
KEYS = {
    "dim_agency": ("agency_code",),
    "dim_indicator": ("indicator_code",),
    "dim_period": ("period_code",),
    "fct_submission": ("submission_id",),
    "fct_indicator_value": ("submission_id", "line_order"),
    "mart_province_summary": ("period_code", "indicator_code"),
    "mart_reporting_rate": ("agency_code", "period_code"),
}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "cchc.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            create schema mart;
            create table mart.dim_agency as select 'H51.03' as agency_code, 'Sở «Tài chính», 1' as name_vi,
                date '2004-01-01' as valid_from;
            comment on column mart.dim_agency.name_vi is 'Tên';
            create table mart.dim_indicator as select 'III.6.1' as indicator_code, true as is_answerable;
            create table mart.dim_period as select '2021' as period_code, 2021 as year;
            create table mart.fct_submission as
            select 's1' as submission_id, 'H51.03' as agency_code, '2021' as period_code,
                timestamp '2021-12-18 08:00' as received_at;
            create table mart.fct_indicator_value as
            select 's1' as submission_id, line_order, 'H51.03' as agency_code, '2021' as period_code, 'III.6.1' as indicator_code,
                value::decimal(20, 6) as value, 0.5::double as confidence
            from (values (1, 529), (2, null)) as told (line_order, value);
            create table mart.mart_province_summary as select '2021' as period_code, 'III.6.1' as indicator_code,
                529::bigint as value;
            create table mart.mart_reporting_rate as select 'H51.03' as agency_code, '2021' as period_code;
        """)
    return path


def test_the_package_holds_the_marts_rows_with_types_keys_and_relations(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    counts = write_data_package(published, folder, MADE_AT, KEYS)
    assert counts == dict.fromkeys(TABLES, 1) | {"fct_indicator_value": 2}
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    schemas = {resource["name"]: resource["schema"] for resource in descriptor["resources"]}
    assert schemas["dim_agency"]["fields"][1] == {"name": "name_vi", "type": "string", "description": "Tên"}
    assert schemas["fct_indicator_value"]["primaryKey"] == ["submission_id", "line_order"]
    assert {key["reference"]["resource"] for key in schemas["fct_indicator_value"]["foreignKeys"]} == {
        "fct_submission", "dim_agency", "dim_period", "dim_indicator",
    }  # fmt: skip
    rows = list(csv.DictReader((folder / "data" / "fct_indicator_value.csv").open(encoding="utf-8")))
    assert [row["value"] for row in rows] == ["529.000000", ""]
    write_data_package(published, folder, MADE_AT, KEYS)  # an earlier package is replaced
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cchc.duckdb", "package"]


def test_a_relation_that_leads_nowhere_or_a_wrong_type_is_refused(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    write_data_package(published, folder, MADE_AT, KEYS)
    period = folder / "data" / "dim_period.csv"
    period.write_text(period.read_text(encoding="utf-8").replace(",2021", ",soon"), encoding="utf-8")
    with pytest.raises(ExportError, match="does not hold"):
        check_data_package(folder)
    with duckdb.connect(str(published)) as connection:
        connection.execute("update mart.fct_submission set agency_code = 'H51.99'")
    kept = (folder / "datapackage.json").read_bytes()
    with pytest.raises(ExportError, match=r"does not hold.*Foreign"):
        write_data_package(published, folder, datetime(2023, 1, 1), KEYS)
    assert (folder / "datapackage.json").read_bytes() == kept
    assert not list(tmp_path.glob(".package*"))


def test_a_folder_with_other_files_is_left_alone(published: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="holds other files"):
        write_data_package(published, tmp_path, MADE_AT, KEYS)
    assert published.exists()


def test_a_table_that_states_no_key_is_refused(published: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"mart\.fct_submission states no primary key"):
        write_data_package(published, tmp_path / "package", MADE_AT, KEYS | {"fct_submission": ()})
