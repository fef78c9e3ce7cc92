"""The forms among an e-document's attachments, and whether there should be one."""

from __future__ import annotations

import re

from ingestion.errors import ParseError
from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits
from ingestion.forms.layouts import KnownLayouts
from ingestion.forms.reader import FormReading, read_bytes
from ingestion.forms.text import fold
from ingestion.model import EdocMessage, Problem
from ingestion.reference import Agency, Catalogue

_SUBJECT = re.compile(r"\b(?:cai cach hanh chinh|cchc)\b")
_REPORT = re.compile(r"\b(?:bao cao|bc|bieu|phu luc|thong ke|so lieu)\b")


def judge(message: EdocMessage, catalogue: Catalogue, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Why a message's report can't be read, in Vietnamese; None when it can, and when the message is no report: then its
    attachments are not even opened."""
    sender = catalogue.agency_of(message.sender_organ_id)
    if not _owes_a_form(message, sender):
        return None
    _, faults = read_attachments(message, message.document_id, catalogue, sender, limits=limits)
    return "; ".join(fault.message for fault in faults) or None


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
    if readings or not _owes_a_form(message, sender):
        return readings, []
    if not reasons:
        return [], [Problem("warning", "edoc_without_form", "Văn bản không kèm biểu thống kê", locator)]
    return [], [
        Problem("warning", "edoc_form_unreadable", f"Không đọc được «{name}»: {reason}", f"{locator}/{name}")
        for name, reason in reasons
    ]


def _owes_a_form(message: EdocMessage, sender: Agency | None) -> bool:
    """Whether an agency of ours says that it reports on administrative reform. A plan for it, an invitation to a meeting on
    it, a ministry's letter about it are no reports: most messages are none."""
    if sender is None or message.business == "recall":
        return False
    said = fold(" ".join([message.subject, *(each.name.replace("_", " ") for each in message.attachments)]))
    return "phu luc 2" in said or (_SUBJECT.search(said) is not None and _REPORT.search(said) is not None)
