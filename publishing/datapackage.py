"""A data package (frictionless ``datapackage.json``) over the published star: CSV files with types, keys and relations."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from frictionless import Package, system

from publishing.province_table import ExportError

#: The published tables of a package: what a person needs to reckon with figures.
TABLES = (
    "dim_agency",
    "dim_indicator",
    "dim_period",
    "fct_submission",
    "fct_indicator_value",
    "mart_province_summary",
    "mart_reporting_rate",
)
#: The columns of each table's primary key.
Keys = Mapping[str, Sequence[str]]
_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}


def write_data_package(published: Path, folder: Path, made_at: datetime, keys: Keys) -> dict[str, int]:
    """Write ``datapackage.json`` and ``data/*.csv``; rows by table. ``folder`` must be new or hold an earlier package.

    ``keys`` are the published tables' own. A column named as the whole key of another table is a relation to it.

    The package is read and checked whole (types, keys, relations) before it takes its place; raises ``ExportError`` where
    it does not hold, or where nothing is published.
    """
    if not published.exists():
        raise ExportError(f"nothing is published yet: {published} comes with the first night (make nightly)")
    if folder.exists() and any(folder.iterdir()) and not (folder / "datapackage.json").exists():
        raise ExportError(f"{folder} holds other files; name a new folder")
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "data").mkdir(parents=True)
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            resources = [_resource(connection, table, fresh, keys) for table in TABLES]
        descriptor = {
            "name": "cchc",
            "title": "Thống kê cải cách hành chính (Public administration reform statistics)",
            "created": made_at.isoformat(timespec="seconds"),
            "resources": [resource for resource, _ in resources],
        }
        text = json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n"
        (fresh / "datapackage.json").write_text(text, encoding="utf-8")
        check_data_package(fresh)
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return {resource["name"]: count for resource, count in resources}


def check_data_package(folder: Path) -> None:
    """Hold every row against the descriptor; ``ExportError`` naming the first fault."""
    with system.use_context(trusted=True):  # the folder is our own, and may be named by an absolute path
        report = Package.from_descriptor(str(folder / "datapackage.json")).validate()
    if not report.valid:
        faults = report.flatten(["title", "rowNumber", "fieldName", "note"])
        raise ExportError(f"the data package does not hold: {faults[0] if faults else report.errors}")


def _resource(
    connection: duckdb.DuckDBPyConnection, table: str, folder: Path, keys: Keys
) -> tuple[dict[str, Any], int]:
    columns = connection.execute(
        "select column_name, data_type, coalesce(comment, '') from duckdb_columns()"
        " where schema_name = 'mart' and table_name = ? order by column_index",
        [table],
    ).fetchall()
    if not columns:
        raise ExportError(f"the published file has no table mart.{table}")
    if not keys.get(table):
        raise ExportError(f"mart.{table} states no primary key")
    parents = {keys[name][0]: name for name in TABLES if len(keys.get(name, ())) == 1}
    place = f"data/{table}.csv"
    target = str(folder / place).replace("'", "''")
    order = ", ".join(f'"{name}"' for name in keys[table])
    connection.execute(
        f"copy (from mart.{table} order by {order}) to '{target}' (header, timestampformat '%Y-%m-%dT%H:%M:%S')"
    )
    names = [name for name, *_ in columns]
    relations = [
        {"fields": [name], "reference": {"resource": parent, "fields": [name]}}
        for name in names
        if (parent := parents.get(name, table)) != table
    ]
    schema: dict[str, Any] = {
        "fields": [
            {"name": name, "type": _type(table, name, kind)} | ({"description": told} if told else {})
            for name, kind, told in columns
        ],
        "primaryKey": list(keys[table]),
    }
    if relations:
        schema["foreignKeys"] = relations
    resource = {"name": table, "type": "table", "path": place, "format": "csv", "encoding": "utf-8", "schema": schema}
    return resource, connection.execute(f"select count(*) from mart.{table}").fetchall()[0][0]


def _type(table: str, column: str, kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return "number"
    if kind not in _TYPES:
        raise ExportError(f"mart.{table}.{column} is a {kind}, which a data package has no type for")
    return _TYPES[kind]
