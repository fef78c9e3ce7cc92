"""Repair proposals as a person reads them: read from ``audit.repair_proposal``, said in Vietnamese or English. What a cause is
called stands in the seed ``repair_causes``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from expectations.wording import Language, Wording

_PLACES: dict[Language, dict[str, str]] = {
    "vi": {"numerator": "tử số ở ghi chú ", "denominator": "mẫu số ở ghi chú "},
    "en": {"numerator": "numerator in the note of ", "denominator": "denominator in the note of "},
}


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """One cell's change; ``low`` and ``high`` where the rules allow more than one figure."""

    code: str
    aspect: str
    kind: str
    old: Decimal | None
    new: Decimal | None
    low: Decimal | None
    high: Decimal | None
    cause_vi: str
    cause_en: str

    @property
    def is_open(self) -> bool:
        return self.kind in ("corrected", "blank_filled", "unread_filled", "missing_part") and self.low != self.high


@dataclass(frozen=True, slots=True)
class Repair:
    """One proposal: its changes in order of the cause."""

    rank: int
    changes: tuple[ProposedChange, ...]


def read_repairs(connection: duckdb.DuckDBPyConnection, submission_ids: Iterable[str]) -> dict[str, tuple[Repair, ...]]:
    """By submission its proposals under the rules that judged it last, the most plausible first; none before there are any."""
    known = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'audit' and table_name = 'repair_proposal'"
    ).fetchone()
    if not known:
        return {}
    rows = connection.execute(
        """
        select
            submission_id, rank, indicator_code, aspect, kind, old_value, new_value, low_value, high_value, name_vi, name_en
        from audit.repair_proposal
        inner join seed.repair_causes on kind = cause
        where submission_id in (select unnest(?))
        qualify rank() over (partition by submission_id order by night_on desc, rules_version) = 1
        order by submission_id, rank, position
        """,
        [sorted(submission_ids)],
    ).fetchall()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for submission_id, *row in rows:
        found.setdefault(submission_id, []).append(tuple(row))
    return {submission_id: repairs_of(of_one) for submission_id, of_one in found.items()}


def repairs_of(rows: Iterable[tuple[Any, ...]]) -> tuple[Repair, ...]:
    """One submission's proposals from rows of rank, then a change's fields, in order of rank and position."""
    found: dict[int, list[ProposedChange]] = {}
    for rank, *change in rows:
        found.setdefault(rank, []).append(ProposedChange(*change))
    return tuple(Repair(rank, tuple(changes)) for rank, changes in found.items())


def say_repair(repair: Repair, wording: Wording) -> str:
    """``III.6.1: 592 → 529 (hai chữ số gõ đảo nhau)``; changes of one cause share it."""
    parts: list[str] = []
    for index, change in enumerate(repair.changes):
        last_of_cause = index + 1 == len(repair.changes) or repair.changes[index + 1].kind != change.kind
        place = _PLACES[wording.language].get(change.aspect, "") + change.code
        figures = f"{place}: {figure(change.old, wording)} → {say_new(change, wording)}"
        parts.append(figures + (f" ({say_cause(change, wording.language)})" if last_of_cause else ""))
    return "; ".join(parts)


def say_cause(change: ProposedChange, language: Language) -> str:
    return change.cause_vi if language == "vi" else change.cause_en


def say_new(change: ProposedChange, wording: Wording) -> str:
    """The proposed figure, with the ends of what the rules allow where nothing tells which."""
    if not change.is_open:
        return figure(change.new, wording)
    if change.low is not None and change.high is not None:
        word = "từ {} đến {}" if wording.language == "vi" else "from {} to {}"
        return word.format(wording.number(change.low), wording.number(change.high))
    word = "từ {} trở lên" if wording.language == "vi" else "{} or more"
    return word.format(wording.number(change.low)) if change.low is not None else figure(change.new, wording)


def figure(value: Decimal | None, wording: Wording) -> str:
    blank = "(trống)" if wording.language == "vi" else "(blank)"
    return blank if value is None else wording.number(value)
