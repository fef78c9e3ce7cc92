"""A generated province in a warehouse file: the stand-ins' submissions through the real loader, what dbt builds by plain SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.gate import ensure_tables
from ingestion.landing import Landing
from ingestion.raw.load import load_raw
from ingestion.reference import load_catalogue
from stand_ins.province.figures import percent
from stand_ins.province.plan import Plan, make_plan
from tests.expectations.gate_warehouses import BUILT, SEEDS

NIGHT = date(2021, 12, 20)
_LINES = """
create or replace table intermediate.int_submission_line as
select
    line.submission_id, placed.agency_code, placed.period_code, placed.form_code, line.indicator_code, line.value,
    line.value_text, line.note, line.observation_status, line.ratio_numerator, line.ratio_denominator,
    (
        select count(*) from raw.submission_document as document
        where document.submission_id = line.submission_id and document.indicator_code = line.indicator_code
    ) as document_count,
    line.locator as source_locator
from raw.submission_line as line
inner join intermediate.int_submission_placed as placed on line.submission_id = placed.submission_id
"""
_AGENCIES = """
update raw.submission set agency_code = (
    select agency_code from seed.agencies where organ_id = submission.organ_id or agency_code = submission.organ_id
) where agency_code is null
"""

Lines = dict[str, dict[str, Any]]
Plant = Callable[[Callable[[str, str], Lines]], None]


def make_province(folder: Path, *, seed: int, plant: Plant | None = None) -> Path:
    """The clean province of ``seed``, as it stands before the gate. ``plant`` may change the portal's submissions before
    they are sent: it is given a function from (agency, period) to the lines of the last one, by code."""
    plan = make_plan(SEEDS, seed=seed, dossiers=6_000, errors=False)
    submissions = plan.submissions
    agencies = {one.organ_id: one.code for one in plan.reference.agencies}

    def lines(agency_code: str, period_code: str) -> Lines:
        found = [
            one
            for one in submissions
            if agencies[one["agency_organ_id"]] == agency_code and one["period_code"] == period_code
        ]
        return {line["code"]: line for line in found[-1]["lines"]}

    if plant:
        plant(lines)
    warehouse = folder / "warehouse.duckdb"
    with Landing(folder / "landing") as landing:
        moment = datetime(2021, 12, 20, 11, tzinfo=UTC)
        page = json.dumps({"items": submissions, "next_cursor": None}, ensure_ascii=False).encode()
        landing.land(page, source="portal", kind="submissions_page", locator="page", night_on=NIGHT, now=moment)
        load_raw(
            landing,
            warehouse=warehouse,
            catalogue=load_catalogue(SEEDS),
            refused=folder / "refused",
            night=NIGHT,
            now=lambda: moment,
        )
    with duckdb.connect(str(warehouse)) as connection:
        ensure_tables(connection)
        connection.execute("create schema seed; create schema intermediate; create schema mart; create schema staging")
        for path in SEEDS.glob("*.csv"):
            connection.execute(
                f"create table seed.{path.stem} as select * from read_csv('{path}', header = true, all_varchar = true)"
            )
        connection.execute(_AGENCIES)
        connection.execute(BUILT)
        connection.execute(_LINES)
        connection.executemany(
            "insert into intermediate.int_recorded_measure values (?, ?, ?, ?, ?, ?, ?)", _recorded(plan)
        )
    return warehouse


def _recorded(plan: Plan) -> list[tuple[object, ...]]:
    """What dossiers and register come to, by the definitions of the reporting guide."""
    rows: list[tuple[object, ...]] = []
    for period, measured in plan.measures.items():
        for index, agency in enumerate(plan.reference.agencies):
            on_time, due = int(measured.on_time[index]), int(measured.on_time_of[index])
            electronic, documents = int(measured.documents_electronic[index]), int(measured.documents[index])
            for code, name, value in (
                ("III.6.1", "portal.dossiers_received", int(measured.received[index])),
                ("III.6.2", "portal.dossiers_returned", int(measured.returned[index])),
                ("III.6.3", "portal.on_time_percent", percent(on_time, due)),
                ("VII.3.4", "portal.dossiers_received_by_post", int(measured.by_post[index])),
                ("VII.1.1", "edoc.outgoing_documents", documents),
                ("VII.1.1.a", "edoc.wholly_electronic_percent", percent(electronic, documents)),
            ):
                rows.append((agency.code, period, code, name, value, None, None))
    return rows
