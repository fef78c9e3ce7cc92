"""A small province whose every row says of which generation it is, so that a mixed answer shows itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from publishing.embedded import PublishResult
from publishing.embedded import publish as publish_files
from publishing.manifest import Provenance
from publishing.postgres.pace import Pace
from publishing.postgres.publication import PostgresResult
from publishing.postgres.publication import publish as publish_postgres
from publishing.postgres.shape import ForeignKey, TableModel

AGENCIES = 10
MODELS = (
    TableModel(
        "dim_agency",
        primary_key=("agency_code",),
        required=("agency_code",),
        description="Cơ quan",
        column_descriptions=(("name_vi", "Tên"), ("gone", "of no such column")),
    ),
    TableModel(
        "fct_value",
        primary_key=("agency_code", "period_code", "indicator_code"),
        required=("agency_code", "period_code"),
        foreign_keys=(ForeignKey("agency_code", "dim_agency", "agency_code"),),
    ),
    TableModel("mart_summary", primary_key=("period_code",), required=("period_code",), agencies_see="all"),
    TableModel("mart_history", agencies_also_see="is_province"),
)
_TABLES = f"""
create table mart.dim_agency as
select 'H51.' || lpad(n::varchar, 2, '0') as agency_code, 'Sở số ' || n as name_vi, $generation as generation
from range({AGENCIES}) as made (n);
create table mart.fct_value as
select 'H51.' || lpad((n % {AGENCIES})::varchar, 2, '0') as agency_code, (2015 + n % 7)::varchar as period_code,
    'I.' || n as indicator_code, $generation::decimal(20, 6) as value, n / 8.0::double as confidence, $generation as generation,
    timestamp '2021-12-15 08:30:00.25' as received_at, n % 2 = 0 as is_current, date '2021-12-20' as night_on
from range($rows) as made (n);
create table mart.mart_summary as
select period_code, sum(value)::decimal(38, 6) as value, count(*) as value_count, $generation as generation
from mart.fct_value group by period_code;
create table mart.mart_history as
select agency_code, generation, false as is_province from mart.dim_agency
union all select 'H51', $generation, true;
create table mart.fct_outcome as select 'ok' as result, $generation as generation;
create view mart.mart_named as select agency_code, name_vi, generation from mart.dim_agency;
comment on table mart.fct_value is 'Số liệu, one row each; it''s a fact';
comment on column mart.fct_value.value is 'Giá trị';
comment on view mart.mart_named is 'Tên';
"""


def rows_of(generation: int) -> int:
    """Rows of the fact in a generation: every generation has another count."""
    return 300 + generation


def made_from(night: date = date(2021, 12, 20)) -> Provenance:
    return Provenance(
        night_on=night,
        published_at=datetime(2021, 12, 20, 1, 0),
        code_version="0.1.0",
        code_commit="",
        is_code_modified=False,
        project_sha256="p",
        seeds_sha256="s",
        landing_count=0,
        landing_sha256="l",
    )


@dataclass
class Province:
    """``say`` writes a generation's marts; ``publish`` brings what was said to the database."""

    folder: Path
    dsn: str
    models: tuple[TableModel, ...] = MODELS
    published: Path = field(init=False)

    def __post_init__(self) -> None:
        self.published = self.folder / "published" / "cchc.duckdb"

    def say(self, generation: int, *changes: str, rows: int | None = None) -> PublishResult:
        warehouse = self.folder / "warehouse.duckdb"
        warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("create schema mart")
            for statement in (*_TABLES.split(";\n"), *changes):
                if statement.strip():
                    given = {"generation": generation, "rows": rows or rows_of(generation)}
                    connection.execute(statement, {k: v for k, v in given.items() if f"${k}" in statement} or None)
        return publish_files(warehouse, self.published, made_from())

    def publish(self, *, kept: int = 7, pace: Pace = "auto", wait_seconds: float = 2) -> PostgresResult:
        return publish_postgres(self.published, self.dsn, self.models, kept=kept, pace=pace, wait_seconds=wait_seconds)

    def say_and_publish(self, generation: int, *changes: str, kept: int = 7) -> PostgresResult:
        self.say(generation, *changes)
        return self.publish(kept=kept)

    def ask(self, query: str, **options: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, **options) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]
