"""Official documents that agencies cite: numbers rise with the date within issuer, book and year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from stand_ins.province.reference import Agency


@dataclass(frozen=True, slots=True)
class Decree:
    """A legal normative document of the province, ``03/2021/QĐ-UBND`` of its date."""

    number: str
    dated_on: date


@dataclass(frozen=True, slots=True)
class Book:
    """An agency's book of outgoing documents, as far as it is cited: about ``per_day`` documents a day, at least one."""

    agency: Agency
    year: int
    per_day: float

    def serial(self, dated_on: date) -> int:
        """The running number of a day: it follows from the date, so that later ones are higher."""
        return 4 + int((dated_on - date(self.year, 1, 1)).days * self.per_day)

    def number(self, kind: str, dated_on: date) -> str:
        """``294/KH-STC``."""
        return f"{self.serial(dated_on)}/{kind}-{self.agency.doc_suffix}"

    def cite(self, kind: str, dated_on: date) -> str:
        """``294/KH-STC ngày 22/01/2021``."""
        return f"{self.number(kind, dated_on)} ngày {vietnamese(dated_on)}"

    def cite_letter(self, dated_on: date) -> str:
        """A letter has no kind: ``318/STC-VP ngày 31/7/2021``."""
        return f"{self.serial(dated_on)}/{self.agency.doc_suffix}-VP ngày {vietnamese(dated_on)}"


def vietnamese(day: date) -> str:
    """Days always with two digits, months 1 and 2 too: ``22/01/2021``, ``29/3/2021``."""
    return f"{day:%d}/{day:%m}/{day.year}" if day.month <= 2 else f"{day:%d}/{day.month}/{day.year}"


def decrees(year: int) -> list[Decree]:
    """The province's decrees of a year, one every six days from January."""
    return [
        Decree(f"{number:02d}/{year}/QĐ-UBND", date(year, 1, 6) + timedelta(days=6 * (number - 1)))
        for number in range(1, 58)
    ]


def share_out(all_decrees: list[Decree], agencies: int, rng: np.random.Generator) -> list[list[Decree]]:
    """Each decree was prepared by one agency, a few by none; in order of date for each."""
    owners = rng.integers(0, agencies + 3, len(all_decrees))
    return [
        [decree for decree, owner in zip(all_decrees, owners, strict=True) if owner == index]
        for index in range(agencies)
    ]


def cite_decrees(cited: list[Decree]) -> str:
    """``03/2021/QĐ-UBND ngày 22/01/2021; 07/… và 10/…``."""
    parts = [f"{decree.number} ngày {vietnamese(decree.dated_on)}" for decree in cited]
    if len(parts) < 2:
        return "".join(parts)
    return "; ".join(parts[:-1]) + " và " + parts[-1]
