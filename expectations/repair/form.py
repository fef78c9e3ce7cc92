"""One failed form as error localisation sees it: its figures and what its notes cite, by slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple

#: The figure of a line, or one part of the ratio that its note cites.
Aspect = Literal["value", "numerator", "denominator"]

#: Why a change is thought of; the seed ``repair_causes`` has the words of each.
MoveKind = Literal[
    "digits_swapped",
    "ten_times",
    "tenth",
    "many_times",
    "many_parts",
    "digit_lost",
    "swapped_with",
    "row_too_low",
    "row_too_high",
    "recorded",
    "as_before",
    "blank_filled",
    "unread_filled",
    "cleared",
    "note_corrected",
    "missing_part",
    "corrected",
]


class Slot(NamedTuple):
    """A place in the form that may be changed."""

    code: str
    aspect: Aspect = "value"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as read. ``is_unread``: something was typed that is no figure."""

    code: str
    value: Decimal | None
    text: str = ""
    is_unread: bool = False
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    is_percent: bool = False
    measure: str = ""


@dataclass(frozen=True)
class Form:
    """A submission: its lines in the form's order, what the systems of record hold, and the agency's other accepted figures.

    ``history`` holds per code the figures of other periods, the likest period first.
    """

    submission_id: str
    lines: tuple[Line, ...]
    failed: frozenset[str]
    recorded: Mapping[str, Decimal] = field(default_factory=dict)
    history: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)

    def observed(self, slot: Slot) -> Decimal | None:
        line = self.by_code.get(slot.code)
        return None if line is None else getattr(line, slot.aspect)

    @cached_property
    def by_code(self) -> dict[str, Line]:
        return {line.code: line for line in self.lines}


class Open:
    """A figure that the move leaves open: the solver chooses one that the rules allow, from ``low`` to ``high``."""

    def __init__(self, low: Decimal | None = None, high: Decimal | None = None, *, may_be_blank: bool = False) -> None:
        self.low = low
        self.high = high
        self.may_be_blank = may_be_blank


@dataclass(frozen=True, slots=True)
class Move:
    """New figures by slot: a number, None (blank) or ``Open``."""

    kind: MoveKind
    changes: dict[Slot, Decimal | Open | None]
    cost: int
    other_code: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One slot's new figure (None: left blank). ``low`` and ``high`` are the ends of what the rules allow there, where the
    cause does not fix the figure."""

    slot: Slot
    kind: MoveKind
    old: Decimal | None
    new: Decimal | None
    old_text: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    other_code: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A set of changes after which every error rule holds, and the moves that they came of. The smaller the ``score``, the more
    plausible."""

    submission_id: str
    changes: tuple[Change, ...]
    score: float
    moves: tuple[Move, ...] = ()

    @property
    def result(self) -> frozenset[tuple[Slot, Decimal | None]]:
        return frozenset((change.slot, change.new) for change in self.changes)
