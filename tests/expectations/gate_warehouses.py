"""A warehouse file with what the gate reads, made by hand: seeds, raw tables, ``int_submission_line``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from expectations.gate import ensure_tables

ROOT = Path(__file__).resolve().parent.parent.parent
SEEDS = ROOT / "dbt_project" / "seeds"
RAW_SCHEMA = ROOT / "ingestion" / "raw" / "schema.sql"
NIGHT = date(2021, 12, 20)


@dataclass(frozen=True)
class Cell:
    """One line of a form as planted. ``text`` is what was typed; without it, the value as typed in Vietnam."""

    value: Decimal | int | str | None = None
    text: str | None = None
    note: str = ""
    status: str | None = None
    ratio: tuple[int | str, int | str] | None = None
    documents: int = 0

    def row(self) -> tuple[object, ...]:
        value = None if self.value is None else Decimal(self.value)
        text = self.text if self.text is not None else ("" if value is None else f"{value:f}".replace(".", ","))
        status = self.status or ("blank" if value is None else "reported")
        numerator, denominator = (Decimal(part) for part in self.ratio) if self.ratio else (None, None)
        return (value, text, self.note, status, numerator, denominator, self.documents)


@dataclass(frozen=True)
class Planted:
    """A submission: only the lines that matter; all others are blank."""

    submission_id: str
    cells: Mapping[str, Cell | int | str] = field(default_factory=dict)
    agency_code: str = "H51.03"
    period_code: str = "2021"
    source: str = "portal"
    revision: int = 1
    night: date = NIGHT


def answerable() -> list[str]:
    with (SEEDS / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file) if row["value_type"] != "heading"]


def make_warehouse(path: Path, submissions: list[Planted]) -> Path:
    """A warehouse file as it stands before the gate."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(RAW_SCHEMA.read_text(encoding="utf-8"))
        ensure_tables(connection)
        connection.execute("create schema seed; create schema intermediate; create schema mart; create schema staging")
        for seed in SEEDS.glob("*.csv"):
            connection.execute(
                f"create table seed.{seed.stem} as select * from read_csv('{seed}', header = true, all_varchar = true)"
            )
        connection.execute(
            """
            create table intermediate.int_submission_line (
                submission_id varchar, agency_code varchar, period_code varchar, form_code varchar, source varchar,
                revision integer, indicator_code varchar, value decimal(20, 6), value_text varchar, note varchar,
                observation_status varchar, ratio_numerator decimal(20, 6), ratio_denominator decimal(20, 6),
                document_count bigint, source_locator varchar
            )
            """
        )
        connection.execute(BUILT)
        add_submissions(connection, submissions)
    return path


#: What dbt builds besides, by the plainest SQL that will do.
BUILT = """
create view staging.stg_raw__submission_document as
    select * exclude (position), position as document_position from raw.submission_document;
create view intermediate.int_submission_placed as
select
    submission_id, coalesce(agency_code, 'unknown') as agency_code, coalesce(period_code, 'unknown') as period_code,
    form_code, source, reading, case source when 'portal' then 1 when 'edoc' then 2 else 3 end as precedence,
    document_id, received_at, landed_id, form_code = 'so-2021' as is_known_form,
    row_number() over (
        partition by agency_code, period_code, source, reading order by revision, received_at, landed_id
    ) as chain_position,
    submission_id in (select submission_id from raw.submission_event where event = 'withdrawn') as is_withdrawn_by_sender,
    document_id in (select target_document_id from raw.edoc_target where business = 'recall') as is_recalled,
    (
        select count(*) from raw.problem
        where problem.submission_id = submission.submission_id and severity = 'error'
    ) as error_problem_count
from raw.submission as submission;
create table intermediate.int_recorded_measure (
    agency_code varchar, period_code varchar, indicator_code varchar, measure_name varchar,
    recorded_value decimal(20, 6), numerator bigint, denominator bigint
);
create table intermediate.int_outgoing_document_latest (
    document_id varchar, agency_code varchar, document_number varchar, promulgated_on date
);
"""


def add_submissions(connection: duckdb.DuckDBPyConnection, submissions: list[Planted]) -> None:
    for order, planted in enumerate(submissions, start=1):
        connection.execute(
            """
            insert into raw.submission by name select
                ? as submission_id, ? as source, ? as door_id, ? as agency_code, 'so-2021' as form_code,
                ? as period_code, ? as revision, 'typed' as reading, '5686/BC-STC' as document_number,
                timestamp '2021-12-17 09:30:00' as received_at, ? as night_on, ? as locator,
                repeat('0', 64) as sha256, repeat('0', 64) as content_sha256, ? as landed_id
            """,
            [
                planted.submission_id, planted.source, planted.submission_id, planted.agency_code,
                planted.period_code, planted.revision, planted.night, f"page-{order}", order,
            ],
        )  # fmt: skip
        rows = []
        for code in answerable():
            cell = planted.cells.get(code, Cell())
            cell = cell if isinstance(cell, Cell) else Cell(cell)
            value, text, note, status, numerator, denominator, documents = cell.row()
            rows.append(
                (planted.submission_id, planted.agency_code, planted.period_code, "so-2021", planted.source,
                 planted.revision, code, value, text, note, status, numerator, denominator, documents,
                 f"page-{order}#/items/{order}/{code}")
            )  # fmt: skip
        connection.executemany(
            "insert into intermediate.int_submission_line values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
