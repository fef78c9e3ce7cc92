"""Files and e-documents to raw rows: the forms that they hold, numbered in order of arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

import duckdb

from ingestion.errors import ParseError
from ingestion.forms.reader import FormReading, read_bytes
from ingestion.forms.text import fold
from ingestion.landing import Landed
from ingestion.model import Attachment, EdocMessage, Form, Problem
from ingestion.raw.rows import RawRows
from ingestion.reference import Agency, Catalogue
from ingestion.sources.edxml import parse_package
from ingestion.sources.times import axis_time

# A night begins at 01:00; what it finds in the drops folder was received then.
NIGHT_BEGINS = time(1)
_REPORT_WORDS = ("cai cach hanh chinh", "cchc", "phu luc 2")


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


def load_drop(landed: Landed, content: bytes, rows: RawRows, catalogue: Catalogue, revisions: Revisions) -> int:
    """Add the forms of a file; their count. Raises ``ParseError`` when it holds none."""
    readings = read_bytes(landed.locator, content, catalogue)
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


def load_message(landed: Landed, content: bytes, rows: RawRows, catalogue: Catalogue, revisions: Revisions) -> int:
    """Add an e-document: the message, what it recalls or replaces, the forms among its attachments; the forms' count.

    Raises ``ParseError`` when it is no edXML package. A message that holds no form is no report and no problem.
    """
    message = parse_package(content, locator=landed.locator)
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
    sender = catalogue.agency_of(message.sender_organ_id)
    readings, faults = read_attachments(message, landed.locator, catalogue, sender)
    for fault in faults:
        rows.add_problem(landed, fault)
    for position, reading in enumerate(readings, start=1):
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
    return len(readings)


def judge(message: EdocMessage, catalogue: Catalogue) -> str | None:
    """Why a message's report can't be read, in Vietnamese; None when it can, and when the message is no report."""
    readings, faults = read_attachments(
        message, message.document_id, catalogue, catalogue.agency_of(message.sender_organ_id)
    )
    return "; ".join(fault.message for fault in faults) if faults and not readings else None


def read_attachments(
    message: EdocMessage, locator: str, catalogue: Catalogue, sender: Agency | None
) -> tuple[list[FormReading], list[Problem]]:
    """The forms among a message's attachments; and where it speaks of a report and none is found, why not."""
    readings: list[FormReading] = []
    reasons: list[tuple[str, str]] = []
    for attachment in message.attachments:
        try:
            readings += read_bytes(
                attachment.name,
                attachment.content,
                catalogue,
                source="edoc",
                agency_hint=sender.code if sender else None,
            )
        except ParseError as error:
            reasons.append((error.locator, error.reason))
    if readings or message.business == "recall" or not _speaks_of_a_report(message.subject, message.attachments):
        return readings, []
    if not reasons:
        return [], [Problem("warning", "edoc_without_form", "Văn bản không kèm biểu thống kê", locator)]
    return [], [
        Problem("warning", "edoc_form_unreadable", f"Không đọc được «{name}»: {reason}", f"{locator}/{name}")
        for name, reason in reasons
    ]


def _speaks_of_a_report(subject: str, attachments: Sequence[Attachment]) -> bool:
    said = fold(" ".join([subject, *(attachment.name.replace("_", " ") for attachment in attachments)]))
    return any(words in said for words in _REPORT_WORDS)


def _of_unknown_sender(form: Form, message: EdocMessage) -> Form:
    """A form whose sender is no agency of ours speaks for nobody, whatever its title says."""
    problem = Problem(
        "error", "agency_unknown", f"Không có cơ quan mã «{message.sender_organ_id}» (nơi gửi)", message.document_id
    )
    return replace(form, agency_code=None, problems=(problem, *form.problems))
