"""What one side of a rule means, as frozen records.

``grammar.py`` makes them, ``units.py`` checks them, ``relations.py`` and ``selections.py`` write them as SQL.

Positions are characters in the cell, from 1, for error messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

#: What a term takes from a report. ``value`` is the figure of the line; the ``…cited`` kinds come from the line's note;
#: ``source`` (a system of record), ``previous`` (the period before) and ``flow`` (every flow line of another period)
#: lie outside of one submission.
OperandKind = Literal[
    "value", "ratio_cited", "ratio_denominator_cited", "documents_cited", "dossiers_cited", "source", "previous", "flow"
]

Group = Literal[
    "closed percents",
    "closed percents with a known denominator",
    "flow indicators",
    "stock indicators",
    "all indicators",
    "documents",
]


@dataclass(frozen=True, slots=True)
class Operand:
    """``name`` is an indicator code, a measure of a system of record (``portal.dossiers_received``) or a period."""

    kind: OperandKind
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Term:
    """``coefficient × operand``; without an operand, the coefficient is a constant."""

    coefficient: Decimal
    operand: Operand | None


@dataclass(frozen=True, slots=True)
class Sum:
    """``2 * V.4.1``, ``III.2.3.a + III.2.3.b``, ``100``: one or more terms."""

    terms: tuple[Term, ...]

    @property
    def operands(self) -> tuple[Operand, ...]:
        return tuple(term.operand for term in self.terms if term.operand)

    @property
    def ratio(self) -> Term | None:
        """The term, where the side is nothing but a cited ratio times a constant."""
        only = self.terms[0]
        return only if len(self.terms) == 1 and only.operand and only.operand.kind == "ratio_cited" else None


@dataclass(frozen=True, slots=True)
class Range:
    """``0 .. 100``, both ends inside; ``of_last_year`` where the ends multiply last year's figure."""

    low: Decimal
    high: Decimal
    of_last_year: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Lines or documents chosen by what they are, not by code."""

    group: Group


@dataclass(frozen=True, slots=True)
class Deviation:
    """``within 6 deviations of peers, at least 10, scale from 5``: how far a rate may lie from the median of others.

    ``limit`` counts robust standard deviations (1.4826 × the median distance from the median), never taken smaller than
    ``scale``; with fewer than ``minimum`` others nothing is said.
    """

    limit: Decimal
    of: Literal["peers", "its own history"]
    minimum: int
    scale: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """``at most 60 percent of 20 figures``: nothing is said of fewer figures than ``minimum``."""

    percent: Decimal
    minimum: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What a selection is held against, in fixed words: ``previous submission of the agency``."""

    words: str


Side = Sum | Range | Selection | Deviation | Share | Condition
