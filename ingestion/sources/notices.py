"""Outcome records for the rows of a page that were left out, and for fields that no contract names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.landing import Landing

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was left out: its place inside the page, and why, in Vietnamese, without any personal value."""

    place: str
    reason: str


class Notices:
    """Names refused rows one by one up to ``limit`` in a pull, counts the rest, and names unknown fields once."""

    def __init__(self, landing: Landing, *, source: str, night: date, now: Callable[[], datetime], limit: int) -> None:
        self._landing = landing
        self._source = source
        self._night = night
        self._now = now
        self._limit = limit
        self._unknown: set[str] = set()
        self.refused_count = 0

    def refuse(self, locator: str, refusals: Sequence[Refusal]) -> None:
        for refusal in refusals:
            self.refused_count += 1
            if self.refused_count <= self._limit:
                self._record(f"{locator}#{refusal.place}", "refused", refusal.reason)

    def note_unknown(self, names: Iterable[str]) -> None:
        self._unknown.update(names)

    def summarize(self, locator: str) -> None:
        """The last words of a pull: how many rows went unnamed, which fields are new."""
        if self.refused_count > self._limit:
            self._record(
                locator, "refused", f"Còn {self.refused_count - self._limit} dòng khác bị loại, không nêu từng dòng."
            )
        if self._unknown:
            self._record(locator, "ok", f"Trường lạ, bỏ qua: {shown_names(self._unknown)}.")

    def _record(self, locator: str, result: str, reason: str) -> None:
        self._landing.record(
            night_on=self._night,
            now=self._now(),
            source=self._source,
            step="parse",
            locator=locator,
            result="refused" if result == "refused" else "ok",
            reason=reason,
        )


def shown_names(names: Iterable[str]) -> str:
    """Field names fit to be written down: a name that is no plain identifier may hold anything, and is only counted."""
    plain = sorted(name for name in names if _PLAIN_NAME.fullmatch(name))
    odd_count = sum(1 for name in names if not _PLAIN_NAME.fullmatch(name))
    words = plain[:_NAMES_SHOWN]
    if len(plain) > _NAMES_SHOWN:
        words.append(f"và {len(plain) - _NAMES_SHOWN} trường nữa")
    if odd_count:
        words.append(f"{odd_count} trường có tên không hợp lệ")
    return ", ".join(words)
