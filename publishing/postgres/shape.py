"""What a table looks like in PostgreSQL: column types, keys, indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from publishing.marts import Mart, PublishError

#: Who else than staff may read a table: agencies all of it, their own rows, or nothing.
Audience = Literal["all", "own", "none"]

_TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
}
#: Bytes of the types of a fixed width.
_WIDTHS = {
    "bigint": 8,
    "double precision": 8,
    "timestamp without time zone": 8,
    "integer": 4,
    "date": 4,
    "smallint": 2,
    "boolean": 1,
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
#: Codes and identifiers are compared byte by byte: their indexes are built and searched several times as fast as by a
#: language's order, which means nothing for them.
_CODE = re.compile(r".*(_code|_id|_key|_number|_scheme|scheme|identifier|sha256)")
_BYTEWISE = 'text collate "C"'
#: What dashboards ask by: a line of a period over all agencies, a period of an agency over all lines. The third column is no
#: part of either: with it rows differ in every entry, and the index is six times as large.
_ASKED_BY = (("period_code", "indicator_code"), ("agency_code", "period_code"))


@dataclass(frozen=True, slots=True)
class ForeignKey:
    column: str
    table: str
    table_column: str


@dataclass(frozen=True, slots=True)
class TableModel:
    """What is known of a table beside its rows. ``required`` columns are never null. ``agencies_see`` is None where the
    table's name and columns say it (``audience``); ``agencies_also_see`` is a condition in SQL for rows beside their own.
    The descriptions become comments, where the published file has none of its own.
    """

    name: str
    primary_key: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    agencies_see: Audience | None = None
    agencies_also_see: str = ""
    description: str = ""
    column_descriptions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PgColumn:
    """``data_type`` is PostgreSQL's, with its collation where it is not the database's."""

    name: str
    data_type: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides whether two nights' tables fit under one parent: columns in order, and who may read which rows."""

    columns: tuple[PgColumn, ...]
    audience: Audience
    agencies_also_see: str


def shape_of(mart: Mart, model: TableModel) -> Shape:
    """Raises ``PublishError`` naming a column whose type has no counterpart here."""
    columns = tuple(
        PgColumn(column.name, _pg_type(mart.name, column.name, column.data_type), column.name in model.required)
        for column in mart.columns
    )
    return Shape(columns, audience(mart, model), model.agencies_also_see)


def audience(mart: Mart, model: TableModel) -> Audience:
    """What its model says; else dimensions are open, facts and marts with an agency show an agency its own rows, and
    anything else is for staff."""
    if model.agencies_see:
        return model.agencies_see
    if mart.name.startswith("dim_"):
        return "all"
    has_owner = any(column.name == "agency_code" for column in mart.columns)
    return "own" if has_owner and mart.name.startswith(("fct_", "mart_")) else "none"


def has_primary_key(model: TableModel) -> bool:
    """Whether the key can be a primary key: no column of it may be null. Else it is a unique key by which two missing
    values are the same."""
    return bool(model.primary_key) and set(model.primary_key) <= set(model.required)


def indexes(mart: Mart, model: TableModel) -> list[tuple[str, ...]]:
    """Columns of each index beside the key's own: those of ``_ASKED_BY`` that the table has, where the key does not begin
    so."""
    held = {column.name for column in mart.columns}
    found: list[tuple[str, ...]] = []
    for asked in _ASKED_BY:
        wanted = tuple(name for name in asked if name in held)
        starts = [model.primary_key, *found]
        if wanted and asked[0] in held and not any(start[: len(wanted)] == wanted for start in starts):
            found.append(wanted)
    return found


def stored_order(columns: Iterable[PgColumn]) -> list[PgColumn]:
    """Columns as a row keeps them, which is nobody's business but the server's: those of a fixed width first, the widest
    before the others, so that none is padded; of these and of the rest such as are always there before such as may be missing."""
    return sorted(columns, key=lambda column: (-_WIDTHS.get(column.data_type, 0), not column.is_required))


def names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def converted(name: str, source: str | None, target: str) -> sql.Composable:
    """Column ``name`` of an older shape as a newer one has it: as it is, widened, or missing where that can't be."""
    as_target = sql.SQL(target)  # a type that this module wrote
    if source == target:
        return sql.Identifier(name)
    if source and (target.startswith("text") or (source, target) == ("integer", "bigint")):
        return sql.SQL("{}::{}").format(sql.Identifier(name), as_target)
    return sql.SQL("null::{}").format(as_target)


def _pg_type(table: str, column: str, data_type: str) -> str:
    if decimal := _DECIMAL.fullmatch(data_type):
        return f"numeric({decimal[1]},{decimal[2]})"
    if data_type == "VARCHAR" and _CODE.fullmatch(column):
        return _BYTEWISE
    if data_type not in _TYPES:
        raise PublishError(
            f"mart.{table}.{column} is a {data_type}, which is not published to PostgreSQL"
            f" (known: {', '.join(_TYPES)}, DECIMAL)"
        )
    return _TYPES[data_type]
