"""A night by pandas and SQL scripts on DuckDB: requests, json_normalize, read_excel with openpyxl, then SQL, the whole star anew.
``dags/pandas_night.py`` wires it. Its settings stand in ``NIGHT_SETTINGS``, a JSON file."""

from __future__ import annotations

import json
import os
from datetime import datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from benchmarks.night.official import FIRST_ROW, Form, typed_submission, workbook_submission
from benchmarks.night.plain_fetch import DOSSIER_FIELDS, new_workbooks, pages, snake
from benchmarks.night.plain_rules import form_sql, read_rules, results_sql

TABLES = """
create schema if not exists raw;
create schema if not exists audit;
create schema if not exists seed;
create schema if not exists star;
create table if not exists raw.submission (submission_id varchar, source varchar, organ_id varchar, form_code varchar,
    period_code varchar, revision integer, reading varchar, received_at timestamp, updated_at varchar, night_on date,
    landed_id integer);
create table if not exists raw.submission_line (submission_id varchar, line_order integer, indicator_code varchar,
    value_text varchar, value decimal(20, 6), unit varchar, note varchar, observation_status varchar,
    confidence double, locator varchar, ratio_numerator decimal(20, 6), ratio_denominator decimal(20, 6));
create table if not exists raw.submission_document (submission_id varchar, indicator_code varchar);
create table if not exists raw.landed (landed_id integer, night_on date);
"""
_FIELDS = ", ".join(f"{snake(name)} varchar" for name in DOSSIER_FIELDS)
TABLES += f"create table if not exists raw.dossier ({_FIELDS}, night_on date)"
_ADD_ALL_DOSSIERS = "insert into raw.dossier by name from page"
#: The page asked for begins with the last second that is here already.
_ADD_DOSSIERS = (
    _ADD_ALL_DOSSIERS + " where (ma_ho_so, trang_thai_ho_so, updated_at) not in"
    " (select (ma_ho_so, trang_thai_ho_so, updated_at) from raw.dossier where updated_at >= (select min(updated_at) from page))"
)
_META = ["submission_id", "source", "organ_id", "form_code", "period_code", "revision", "received_at", "updated_at"]


def settings() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Path(os.environ["NIGHT_SETTINGS"]).read_text(encoding="utf-8"))
    return told


def pull_submissions() -> int:
    """New reports of the portal."""
    told = settings()
    form = Form(Path(told["seeds"]))
    with duckdb.connect(told["warehouse"]) as connection:
        connection.execute(TABLES)
        since = connection.execute("select max(updated_at) from raw.submission where source = 'portal'").fetchall()[0][
            0
        ]
        found = [typed_submission(row, form) for page in pages(told["portal"], "submissions", since) for row in page]
        return _add_submissions(connection, found, told["night"])


def pull_dossiers() -> int:
    """New states of dossiers."""
    told = settings()
    with duckdb.connect(told["warehouse"]) as connection:
        connection.execute(TABLES)
        since = connection.execute("select max(updated_at) from raw.dossier").fetchall()[0][0]
        count = 0
        for page in pages(told["portal"], "dossiers", since):
            frame = pd.json_normalize(page).rename(columns=snake)
            frame["night_on"] = told["night"]
            connection.register("page", frame)
            count += connection.execute(_ADD_DOSSIERS if since else _ADD_ALL_DOSSIERS).fetchall()[0][0]
        if count:
            _landed(connection, told["night"])
        return count


def read_workbooks() -> int:
    """New workbooks of the inbox."""
    told = settings()
    form = Form(Path(told["seeds"]))
    received_at = datetime.combine(datetime.fromisoformat(told["night"]), time(1))
    with duckdb.connect(told["warehouse"]) as connection:
        known = {row[0] for row in connection.execute("select submission_id from raw.submission").fetchall()}
        found = []
        for path in new_workbooks(Path(told["inbox"]), known):
            frame = pd.read_excel(path, header=None, skiprows=FIRST_ROW, usecols="A:E", engine="openpyxl", dtype=object)
            cells = list(frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None))
            found.append(workbook_submission(path, cells, form, received_at))
        return _add_submissions(connection, found, told["night"])


def check() -> int:
    """The relations of one form; how many failed."""
    told = settings()
    rules = read_rules(Path(told["rules"]))
    with duckdb.connect(told["warehouse"]) as connection:
        connection.execute(f"create or replace temp table form as {form_sql(rules)}")
        connection.execute(f"create or replace table audit.rule_result as {results_sql(rules, 'form')}")
        return int(
            connection.execute("select count(*) from audit.rule_result where outcome = 'failed'").fetchall()[0][0]
        )


def build_star() -> int:
    """Seeds and the star, every table anew."""
    told = settings()
    with duckdb.connect(told["warehouse"]) as connection:
        for name in ("agencies", "indicators", "periods", "series_breaks"):
            connection.execute(f"create or replace table seed.{name} as from read_csv('{told['seeds']}/{name}.csv')")
        for name, kind, text in told["star"]:
            connection.execute(f"create or replace {kind} star.{name} as {text}")
    return len(told["star"])


def _add_submissions(connection: duckdb.DuckDBPyConnection, found: list[dict[str, Any]], night: str) -> int:
    known = {row[0] for row in connection.execute("select submission_id from raw.submission").fetchall()}
    found = [one for one in found if one["submission_id"] not in known]
    if not found:
        return 0
    lines = pd.json_normalize(found, "lines", ["submission_id"])
    numbers = ["value", "ratio_numerator", "ratio_denominator"]
    lines[numbers] = lines[numbers].astype(float)
    reports = pd.DataFrame([{name: one[name] for name in _META} for one in found])
    connection.register("lines", lines)
    connection.register("reports", reports)
    connection.execute(
        "insert into raw.submission_line by name select *, '' as unit, 1.0 as confidence, '' as locator from lines"
    )
    connection.execute(
        "insert into raw.submission by name select * replace (cast(received_at as timestamp) as received_at),"
        " 'typed' as reading, $night::date as night_on, $night::date - date '2000-01-01' as landed_id from reports",
        {"night": night},
    )
    _landed(connection, night)
    return len(found)


def _landed(connection: duckdb.DuckDBPyConnection, night: str) -> None:
    connection.execute("insert into raw.landed select $night::date - date '2000-01-01', $night::date", {"night": night})
