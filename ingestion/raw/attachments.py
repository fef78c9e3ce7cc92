"""The forms among an e-document's attachments, and whether there should be one."""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.errors import ParseError
from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits
from ingestion.forms.layouts import KnownLayouts
from ingestion.forms.reader import FormReading, read_bytes
from ingestion.forms.text import fold
from ingestion.model import Attachment, EdocMessage, Problem
from ingestion.reference import Agency, Catalogue

_REPORT_WORDS = ("cai cach hanh chinh", "cchc", "phu luc 2")


def judge(message: EdocMessage, catalogue: Catalogue, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Why a message's report can't be read, in Vietnamese; None when it can, and when the message is no report."""
    sender = catalogue.agency_of(message.sender_organ_id)
    readings, faults = read_attachments(message, message.document_id, catalogue, sender, limits=limits)
    return "; ".join(fault.message for fault in faults) if faults and not readings else None


def read_attachments(
    message: EdocMessage,
    locator: str,
    catalogue: Catalogue,
    sender: Agency | None,
    *,
    layouts: KnownLayouts | None = None,
    limits: Limits = DEFAULT_LIMITS,
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
                layouts=layouts,
                limits=limits,
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
