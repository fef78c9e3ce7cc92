"""Where an agency's mail goes: ``agency_contacts.csv``, which the department keeps."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Contacts:
    """Addresses by agency code; where an agency has none of its own, ``<code>@<domain>``, if there is a domain."""

    by_agency: Mapping[str, str] = field(default_factory=dict)
    domain: str = ""

    def of(self, agency_code: str) -> str:
        """The agency's address; empty where it can't be written to."""
        return self.by_agency.get(agency_code) or (f"{agency_code.lower()}@{self.domain}" if self.domain else "")


def read_contacts(path: Path, *, domain: str = "") -> Contacts:
    """The contacts of a file with the columns ``agency_code`` and ``mail``; an empty mail is none. OSError without a file."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = {row["agency_code"]: (row["mail"] or "").strip() for row in csv.DictReader(lines)}
    return Contacts({code: mail for code, mail in rows.items() if mail}, domain)
