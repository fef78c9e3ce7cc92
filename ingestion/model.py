"""The records that leave the parsers: frozen, typed, the same for every door."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Source = Literal["portal", "edoc", "drop"]
Status = Literal["reported", "blank", "not_applicable", "unreadable", "doubtful"]
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know about a file, a page, a row or a cell.

    ``code`` is a stable word for programs (``value_unreadable``), ``message`` one Vietnamese sentence for officers.
    """

    severity: Severity
    code: str
    message: str
    locator: str


@dataclass(frozen=True, slots=True)
class Document:
    """An official document cited in a note: ``294/KH-STC`` of 22/01/2021; no date when it has none or an impossible one."""

    number: str
    dated_on: date | None
    date_text: str = ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """``529/529 hồ sơ`` in a note: both parts as counted."""

    numerator: Decimal
    denominator: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One answered line of the form: as typed (``text``), then as understood (``value``, ``status``).

    ``confidence`` runs from 0 to 1 and says how sure the line's place in the catalogue and its value are.
    """

    code: str
    text: str
    value: Decimal | None
    unit: str
    note: str
    status: Status
    confidence: float
    locator: str
    documents: tuple[Document, ...] = ()
    ratio: Ratio | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What one report says: a form of one agency and period, one ``Line`` for each answerable line of the catalogue.

    ``agency_code`` and ``period_code`` are None where the report does not tell them; ``reading`` is ``typed`` where cells
    were read and ``scanned`` where characters were recognised from a picture.
    """

    agency_code: str | None
    form_code: str | None
    period_code: str | None
    document_number: str | None
    document_date: date | None
    reading: Literal["typed", "scanned"]
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line as a door gave it, before the catalogue's understanding: code, text as typed, note."""

    code: str
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class PortalSubmission:
    """A row of the portal's ``/api/v1/submissions``. Times are local (Asia/Ho_Chi_Minh), without an offset."""

    submission_id: str
    organ_id: str
    form_code: str
    period_code: str
    revision: int
    status: Literal["submitted", "withdrawn"]
    document_number: str | None
    submitted_at: datetime
    updated_at: datetime
    lines: tuple[TypedLine, ...]
    locator: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment of an e-document, decoded. ``name`` is the sender's own, not to be trusted as a path."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class EdocMessage:
    """One edXML package, read by local name. ``business`` is new, recall, update or replace; ``targets`` the documents changed."""

    document_id: str
    sender_organ_id: str
    code_number: str
    code_notation: str
    promulgated_on: date | None
    subject: str
    business: Literal["new", "recall", "update", "replace"]
    targets: tuple[str, ...]
    reason: str
    attachments: tuple[Attachment, ...]
    problems: tuple[Problem, ...] = ()
