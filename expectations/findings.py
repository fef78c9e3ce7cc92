"""What one night's quality report speaks of, as frozen records; ``gather.py`` reads them from the warehouse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """One line that a broken rule speaks of: as typed (``text``), as read (``value``), and where it stands."""

    code: str
    label_vi: str
    label_en: str
    text: str
    value: Decimal | None
    status: str
    note: str
    locator: str


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A failed rule with its two sides; ``left`` and ``right`` are the rule's own expressions."""

    rule_id: str
    severity: str
    message_vi: str
    message_en: str
    left: str
    right: str
    left_value: Decimal | None
    right_value: Decimal | None
    left_text: str
    right_text: str
    figures: tuple[Figure, ...]

    @property
    def cases(self) -> tuple[tuple[str, str], ...]:
        """Both sides' texts case by case, where the rule tells of several; else as they are."""
        lefts, rights = self.left_text.split("; "), self.right_text.split("; ")
        return (
            tuple(zip(lefts, rights, strict=True))
            if len(lefts) == len(rights)
            else ((self.left_text, self.right_text),)
        )

    def cases_of(self, code: str) -> tuple[tuple[str, str], ...]:
        """Those that name the line; all where none does."""
        named = re.compile(rf"(?<![\w.]){re.escape(code)}(?!\w|\.\w)")
        return tuple(case for case in self.cases if any(map(named.search, case))) or self.cases


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem of reading: in a submission, or in a body of which no submission came."""

    source: str
    severity: str
    code: str
    message: str
    locator: str


@dataclass(frozen=True, slots=True)
class Holding:
    """The submission that is published for an agency and period."""

    submission_id: str
    source: str
    revision: int
    received_at: datetime
    document_number: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One submission of the night of which something is to be said. ``holding`` is what is published in its place."""

    submission_id: str
    agency_code: str
    agency_name: str
    period_label: str
    source: str
    door_id: str
    document_number: str | None
    document_on: date | None
    revision: int
    received_at: datetime
    locator: str
    status: str
    errors: tuple[BrokenRule, ...]
    warnings: tuple[BrokenRule, ...]
    faults: tuple[Fault, ...]
    holding: Holding | None

    @property
    def error_faults(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.severity == "error")

    @property
    def is_quarantined(self) -> bool:
        return self.status == "quarantined"

    @property
    def is_replaced(self) -> bool:
        """Whether what is published came after it: the agency has corrected itself already."""
        return self.holding is not None and self.holding.received_at > self.received_at


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a period's reporting has come, over all agencies that owe a report."""

    period_label: str
    expected_count: int
    received_count: int
    on_time_count: int
    accepted_count: int


@dataclass(frozen=True, slots=True)
class Findings:
    """One night: findings in order of agency, then what never became a submission, then totals."""

    night: date
    findings: tuple[Finding, ...]
    refused: tuple[Fault, ...]
    lost: tuple[Fault, ...]
    structural_failures: tuple[str, ...]
    received_count: int
    accepted_count: int
    quarantined_count: int
    coverage: tuple[Coverage, ...]

    @property
    def quarantined(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_quarantined)

    @property
    def warning_count(self) -> int:
        return sum(len(finding.warnings) for finding in self.findings)

    @property
    def is_clean(self) -> bool:
        """Nothing failed: no report is due. Remarks of reading alone are no failure."""
        return not (self.quarantined or self.warning_count or self.refused or self.lost or self.structural_failures)


def place(locator: str) -> str:
    """Where something stands, without the address of the portal's page: ``PS2021-000058/r1, III.6.1``."""
    page, _, within = locator.partition("#")
    return within.replace("#", ", ") if within and page.startswith("/api/") else locator
