"""A small warehouse for tests: raw tables as the loader declares them, the gate's table, and rows told in a few words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunnerResult

from expectations.repair.tables import TABLES as REPAIR_TABLES

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
BEFORE_GATE = ("--exclude", "source:audit+")
AFTER_GATE = ("--select", "source:audit+")
NIGHT = ("--exclude-resource-type", "unit_test")

Builds = list[tuple[bool, list[tuple[str, str | None]]]]
Dbt = Callable[..., dbtRunnerResult]

AUDIT = """
create schema if not exists audit;
create table if not exists audit.rule_result (
    submission_id varchar, rule_id varchar, severity varchar, outcome varchar, left_value decimal(20, 6),
    right_value decimal(20, 6), left_text varchar, right_text varchar, rules_version varchar, night_on date
);
"""


class Warehouse:
    """Writes rows into the raw tables of the DuckDB file at ``path``; every call opens and closes the file."""

    def __init__(self, path: Path, *, first_landed: int = 0) -> None:
        self.path = path
        self._landed = first_landed
        self._rows: list[tuple[str, dict[str, Any]]] = []

    def create(self) -> None:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute((ROOT / "ingestion" / "raw" / "schema.sql").read_text(encoding="utf-8"))
            connection.execute(AUDIT + REPAIR_TABLES)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def row(self, table: str, **values: Any) -> None:
        """One row, written by the next ``flush``."""
        self._rows.append((table, values))

    def flush(self) -> None:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("begin")
            for table, values in self._rows:
                marks = ", ".join("?" for _ in values)
                connection.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", list(values.values()))
            connection.execute("commit")
        self._rows.clear()

    def landed(self, kind: str, source: str, night_on: date) -> int:
        self._landed += 1
        digest = f"{self._landed:064x}"
        self.row(
            "raw.landed",
            landed_id=self._landed,
            sha256=digest,
            original_sha256=digest,
            source=source,
            kind=kind,
            locator=f"{kind} {self._landed}",
            night_on=night_on,
            landed_at=datetime.combine(night_on, datetime.min.time()),
            size_bytes=1,
        )
        return self._landed

    def submission(
        self,
        submission_id: str,
        agency: str | None,
        *,
        period: str | None = "2021",
        source: str = "portal",
        reading: str = "typed",
        revision: int = 1,
        received: str = "2021-12-18 08:00:00",
        document: str | None = None,
        form: str = "so-2021",
        lines: dict[str, Any] | None = None,
    ) -> int:
        """A submission with its lines; ``lines`` gives a value by indicator, or (value, status, numerator, denominator)."""
        night = datetime.fromisoformat(received).date()
        landed_id = self.landed(
            {"portal": "submissions_page", "edoc": "edoc_message", "drop": "drop_file"}[source], source, night
        )
        self.row(
            "raw.submission",
            submission_id=submission_id,
            source=source,
            door_id=submission_id,
            document_id=document,
            organ_id=None if agency is None else f"000.00.{agency.split('.')[1]}.H51",
            agency_code=None,
            form_code=form,
            period_code=period,
            revision=revision,
            reading=reading,
            document_number="5686/BC-STC",
            submitted_at=None if source == "drop" else datetime.fromisoformat(received),
            updated_at=None if source == "drop" else datetime.fromisoformat(received),
            received_at=datetime.fromisoformat(received),
            night_on=night,
            locator=f"{source} {submission_id}",
            sha256=f"{landed_id:064x}",
            content_sha256=f"{landed_id:064x}",
            landed_id=landed_id,
        )
        for order, (code, given) in enumerate((lines or {"III.6.1": 1}).items(), start=1):
            value, status, numerator, denominator = given if isinstance(given, tuple) else (given, None, None, None)
            self.row(
                "raw.submission_line",
                submission_id=submission_id,
                line_order=order,
                indicator_code=code,
                value_text="" if value is None else str(value),
                value=None if value is None else Decimal(str(value)),
                unit="",
                note="",
                observation_status=status or ("blank" if value is None else "reported"),
                confidence=1.0,
                locator=f"dòng {order}",
                ratio_numerator=numerator,
                ratio_denominator=denominator,
            )
        return landed_id

    def event(self, submission_id: str, event: str, at: str) -> None:
        moment = datetime.fromisoformat(at)
        self.row(
            "raw.submission_event",
            submission_id=submission_id,
            event=event,
            event_at=moment,
            reason="",
            night_on=moment.date(),
            landed_id=self._landed,
        )

    def message_about(
        self, document: str, target: str, business: str, agency: str, at: str, landed_id: int | None = None
    ) -> None:
        """An e-document that recalls or replaces ``target``."""
        moment = datetime.fromisoformat(at)
        landed = landed_id or self.landed("edoc_message", "edoc", moment.date())
        self.row(
            "raw.edoc_message",
            door_id=document,
            document_id=document,
            organ_id=agency,
            subject="Báo cáo cải cách hành chính",
            business=business,
            created_at=moment,
            night_on=moment.date(),
            landed_id=landed,
        )
        self.row(
            "raw.edoc_target",
            document_id=document,
            target_document_id=target,
            business=business,
            reason="",
            event_at=moment,
            night_on=moment.date(),
            landed_id=landed,
        )

    def result(
        self,
        submission_id: str,
        rule_id: str,
        severity: str,
        outcome: str,
        version: str = "v1",
        night_on: date = date(2021, 12, 22),
    ) -> None:
        self.row(
            "audit.rule_result",
            submission_id=submission_id,
            rule_id=rule_id,
            severity=severity,
            outcome=outcome,
            left_value=Decimal(1),
            right_value=Decimal(2),
            left_text="III.6.1 = 1",
            right_text="III.6.2 = 2",
            rules_version=version,
            night_on=night_on,
        )

    def proposal(
        self,
        submission_id: str,
        rank: int,
        new_value: int,
        version: str = "v1",
        night_on: date = date(2021, 12, 22),
    ) -> None:
        self.row(
            "audit.repair_proposal",
            submission_id=submission_id,
            rank=rank,
            position=1,
            indicator_code="III.6.2",
            aspect="value",
            kind="corrected",
            old_value=Decimal(1),
            new_value=Decimal(new_value),
            other_code="",
            score=float(rank),
            rules_version=version,
            night_on=night_on,
        )

    def dossier(
        self, dossier_id: str, organ_id: str | None, state: str | None, received: str | None, **values: Any
    ) -> None:
        self.row(
            "raw.dossier",
            **{
                "dossier_id": dossier_id,
                "procedure_id": "1.004946.000.00.00.H51",
                "organ_id": organ_id,
                "state_code": state,
                "received_at": received,
                "channel_code": "1",
                "service_level": "2",
                "updated_at": "2021-12-20 00:00:00",
                "night_on": "2021-12-21",
                "landed_id": self._landed,
                **values,
            },
        )

    def citation(self, submission_id: str, number: str, day: str, position: int = 1) -> None:
        self.row(
            "raw.submission_document",
            submission_id=submission_id,
            indicator_code="I.3.5",
            position=position,
            document_number=number,
            document_on=day,
            date_text="",
        )

    def outgoing(
        self,
        document_id: str,
        organ_id: str,
        day: str,
        form: str,
        signed: bool,
        updated: str,
        number: str = "1/STC",
    ) -> None:
        self.row(
            "raw.outgoing_document",
            document_id=document_id,
            organ_id=organ_id,
            document_number=number,
            promulgated_on=day,
            sent_form=form,
            is_digitally_signed=signed,
            updated_at=updated,
            night_on="2021-12-21",
            landed_id=self._landed,
        )
