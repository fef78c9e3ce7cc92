"""Files and e-documents to raw rows: the forms that they hold, numbered in order of arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

import duckdb

from ingestion.forms.reader import FormReading
from ingestion.landing import Landed
from ingestion.model import EdocMessage, Form, Problem
from ingestion.raw.reading import MessageReading
from ingestion.raw.rows import RawRows
from ingestion.reference import Catalogue
from ingestion.sources.times import axis_time

# A night begins at 01:00; what it finds in the drops folder was received then.
NIGHT_BEGINS = time(1)


class Revisions:
    """Counts the reports of an agency and period by one door, where the door itself gives no revision."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute(
            "select source, agency_code, form_code, period_code, max(revision) from raw.submission"
            " where source <> 'portal' group by all"
        ).fetchall()
        self._last = Counter({(source, *key): last for source, *key, last in rows})

    def next(self, source: str, form: Form) -> int:
        key = (source, form.agency_code, form.form_code, form.period_code)
        self._last[key] += 1
        return self._last[key]


def add_drop(landed: Landed, readings: Sequence[FormReading], rows: RawRows, revisions: Revisions) -> int:
    """Add the forms of a file; their count."""
    for number, reading in enumerate(readings, start=1):
        form = reading.form
        rows.add_submission(
            landed,
            form,
            submission_id=f"drop:{landed.sha256[:16]}" + (f":{number}" if number > 1 else ""),
            door_id=landed.locator,
            revision=revisions.next("drop", form),
            received_at=datetime.combine(landed.night_on, NIGHT_BEGINS),
            locator=reading.locator,
        )
    return len(readings)


def add_message(
    landed: Landed, found: MessageReading, rows: RawRows, catalogue: Catalogue, revisions: Revisions
) -> int:
    """Add an e-document: the message, what it recalls or replaces, the forms among its attachments; the forms' count.

    A message that holds no form is no report and no problem.
    """
    message = found.message
    created_at = axis_time(landed.meta.get("created_time"))
    received_at = created_at or datetime.combine(landed.night_on, NIGHT_BEGINS)
    number = f"{message.code_number}/{message.code_notation}" if message.code_number else None
    rows.add(
        "edoc_message",
        door_id=landed.locator,
        document_id=message.document_id,
        organ_id=message.sender_organ_id,
        document_number=number,
        promulgated_on=message.promulgated_on,
        subject=message.subject,
        business=message.business,
        created_at=created_at,
        night_on=landed.night_on,
        landed_id=landed.landed_id,
    )
    for target in message.targets:
        rows.add(
            "edoc_target",
            document_id=message.document_id,
            target_document_id=target,
            business=message.business,
            reason=message.reason,
            event_at=received_at,
            night_on=landed.night_on,
            landed_id=landed.landed_id,
        )
    for problem in message.problems:
        rows.add_problem(landed, problem)
    for fault in found.faults:
        rows.add_problem(landed, fault)
    sender = catalogue.agency_of(message.sender_organ_id)
    for position, reading in enumerate(found.readings, start=1):
        form = reading.form if sender else _of_unknown_sender(reading.form, message)
        rows.add_submission(
            landed,
            form,
            submission_id=f"edoc:{landed.locator}" + (f":{position}" if position > 1 else ""),
            door_id=landed.locator,
            revision=revisions.next("edoc", form),
            received_at=received_at,
            locator=f"{landed.locator}/{reading.locator}",
            document_id=message.document_id,
            organ_id=message.sender_organ_id,
            submitted_at=created_at,
            document_number=number,
            document_on=message.promulgated_on,
        )
    return len(found.readings)


def _of_unknown_sender(form: Form, message: EdocMessage) -> Form:
    """A form whose sender is no agency of ours speaks for nobody, whatever its title says."""
    problem = Problem(
        "error", "agency_unknown", f"Không có cơ quan mã «{message.sender_organ_id}» (nơi gửi)", message.document_id
    )
    return replace(form, agency_code=None, problems=(problem, *form.problems))
