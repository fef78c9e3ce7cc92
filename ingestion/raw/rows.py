"""Rows of the raw tables, gathered in memory and written in bulk."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from ingestion.landing import Landed
from ingestion.model import Form, Problem
from state.warehouse import insert_rows

_EXACT = Decimal("0.000001")
MOST_GATHERED_LINES = 40_000


@dataclass
class RawRows:
    """Rows by table, each a mapping from column to value."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    written: Counter[str] = field(default_factory=Counter)

    def add(self, table: str, **columns: Any) -> None:
        self.tables[table].append(columns)

    def count(self, table: str) -> int:
        """How many rows were added, written ones among them."""
        return self.written[table] + len(self.tables[table])

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Insert what was gathered since the last time; the types are those of the tables."""
        for table, rows in self.tables.items():
            insert_rows(connection, f"raw.{table}", rows)
            self.written[table] += len(rows)
        self.tables.clear()

    def write_when_many(self, connection: duckdb.DuckDBPyConnection) -> None:
        """``write`` once so much was gathered that keeping it would cost more memory than a form is worth."""
        if len(self.tables["submission_line"]) >= MOST_GATHERED_LINES:
            self.write(connection)

    def add_problem(self, landed: Landed, problem: Problem, submission_id: str | None = None) -> None:
        self.add(
            "problem",
            landed_id=landed.landed_id,
            submission_id=submission_id,
            source=landed.source,
            severity=problem.severity,
            code=problem.code,
            message=problem.message,
            locator=problem.locator,
            night_on=landed.night_on,
        )

    def add_submission(
        self,
        landed: Landed,
        form: Form,
        *,
        submission_id: str,
        door_id: str,
        revision: int,
        received_at: datetime,
        locator: str,
        document_id: str | None = None,
        organ_id: str | None = None,
        submitted_at: datetime | None = None,
        updated_at: datetime | None = None,
        document_number: str | None = None,
        document_on: date | None = None,
    ) -> None:
        """A submission with its lines, cited documents and problems."""
        self.add(
            "submission",
            submission_id=submission_id,
            source=landed.source,
            door_id=door_id,
            document_id=document_id,
            organ_id=organ_id,
            agency_code=form.agency_code,
            form_code=form.form_code,
            period_code=form.period_code,
            revision=revision,
            reading=form.reading,
            document_number=form.document_number or document_number,
            document_on=form.document_date or document_on,
            submitted_at=submitted_at,
            updated_at=updated_at,
            received_at=received_at,
            night_on=landed.night_on,
            locator=locator,
            sha256=landed.sha256,
            content_sha256=content_sha256(form),
            landed_id=landed.landed_id,
        )
        for order, line in enumerate(form.lines, start=1):
            self.add(
                "submission_line",
                submission_id=submission_id,
                line_order=order,
                indicator_code=line.code,
                value_text=line.text,
                value=_decimal(line.value),
                unit=line.unit,
                note=line.note,
                observation_status=line.status,
                confidence=line.confidence,
                locator=line.locator,
                ratio_numerator=_decimal(line.ratio.numerator) if line.ratio else None,
                ratio_denominator=_decimal(line.ratio.denominator) if line.ratio else None,
            )
            for position, document in enumerate(line.documents, start=1):
                self.add(
                    "submission_document",
                    submission_id=submission_id,
                    indicator_code=line.code,
                    position=position,
                    document_number=document.number,
                    document_on=document.dated_on,
                    date_text=document.date_text,
                )
        for problem in form.problems:
            self.add_problem(landed, problem, submission_id)


def content_sha256(form: Form) -> str:
    """What a form says, as a hash: equal for the same figures and notes of the same agency and period."""
    said = hashlib.sha256()
    for part in (form.agency_code, form.form_code, form.period_code, form.document_number):
        said.update(f"{part}\x1f".encode())
    for line in form.lines:
        said.update(f"{line.code}\x1f{line.text}\x1f{line.note}\x1e".encode())
    return said.hexdigest()


def _decimal(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_EXACT)
