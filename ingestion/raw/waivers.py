"""Waivers: what an officer decided about one submission's failed rule, landed like everything else that the warehouse is
rebuilt from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from ingestion.errors import ParseError
from ingestion.landing import LOCAL, Landed, Landing
from ingestion.raw.rows import RawRows


@dataclass(frozen=True, slots=True)
class Waiver:
    """``is_in_force`` is False where a waiver is taken back; ``decided_at`` is local time, without an offset."""

    submission_id: str
    rule_id: str
    is_in_force: bool
    reason: str
    decided_by: str
    decided_at: datetime


def land_waiver(landing: Landing, waiver: Waiver, *, night: date) -> Landed:
    """Keep a waiver in the landing zone; it counts from the next load on."""
    told = asdict(waiver) | {"decided_at": waiver.decided_at.isoformat(timespec="microseconds")}
    row, _ = landing.land(
        json.dumps(told, ensure_ascii=False, sort_keys=True).encode(),
        source="officer",
        kind="waiver",
        locator=_locator(waiver.submission_id, waiver.rule_id),
        night_on=night,
        now=waiver.decided_at.replace(tzinfo=LOCAL),
    )
    return row


def has_waiver(landing: Landing, submission_id: str, rule_id: str) -> bool:
    """Whether a waiver of that rule was ever landed, loaded yet or not."""
    return landing.has_landed("waiver", _locator(submission_id, rule_id))


def _locator(submission_id: str, rule_id: str) -> str:
    return f"{submission_id} {rule_id}"


def load_waiver(landed: Landed, content: bytes, rows: RawRows) -> int:
    """One landed waiver as a row of ``raw.waiver``. Raises ``ParseError`` for a body that is none."""
    try:
        told = json.loads(content)
        waiver = Waiver(**told | {"decided_at": datetime.fromisoformat(told["decided_at"])})
    except (ValueError, TypeError, KeyError) as error:
        raise ParseError(
            f"không phải quyết định bỏ qua: {error}", source=landed.source, locator=landed.locator
        ) from error
    rows.add("waiver", **asdict(waiver), night_on=landed.night_on, landed_id=landed.landed_id)
    return 1
