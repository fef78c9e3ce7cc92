"""The durable marks of a feed: its watermark, and which landed pages hold the rows at or after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson

from ingestion.landing import Landing, sha256_hex
from ingestion.sources.feed import Mark

_TIMELESS_MAX = 10_000


class Marks:
    """Two values beside each other in the landing zone: ``<resource>`` and ``<resource>.pages``.

    ``text`` is the watermark as the source spelled it, None before the first. The second value is JSON:
    ``{"pages": [[sha256, greatest time]], "timeless": [row hash]}``; it has only the pages with a row less than ``overlap``
    below the watermark or later. Changes reach the disk with ``save`` inside the caller's transaction.
    """

    def __init__(
        self, landing: Landing, resource: str, parse: Callable[[str], datetime | None], overlap: timedelta
    ) -> None:
        self._landing = landing
        self._resource = resource
        self._parse = parse
        self._overlap = overlap
        self.text = landing.watermark(resource) or None
        kept: dict[str, Any] = orjson.loads(landing.watermark(f"{resource}.pages") or "{}")
        self._pages: list[tuple[str, datetime]] = [
            (sha256, datetime.fromisoformat(last)) for sha256, last in kept.get("pages", [])
        ]
        self.timeless: set[str] = set(kept.get("timeless", []))
        self._is_saved = True

    @property
    def time(self) -> datetime | None:
        return self._parse(self.text) if self.text else None

    def move_to(self, time: datetime, text: str) -> None:
        """Forward only."""
        if self.time is None or time > self.time:
            self.text = text
            self._is_saved = False

    def go_back_to(self, text: str | None) -> None:
        if self.text != text:
            self.text = text
            self._is_saved = False

    def add_page(self, sha256: str, last: datetime | None) -> None:
        """``last`` is the greatest time of its rows, None where none has a usable one."""
        if last:
            self._pages.append((sha256, last))
            self._is_saved = False

    def add_timeless(self, hashes: Iterable[str]) -> None:
        """Rows without a usable time: remembered until ten thousand are."""
        for digest in hashes:
            if len(self.timeless) >= _TIMELESS_MAX:
                return
            self.timeless.add(digest)
            self._is_saved = False

    def save(self) -> None:
        if self._is_saved:
            return
        pages = [[sha256, last.isoformat()] for sha256, last in self._still_needed()]
        kept = {"pages": pages, "timeless": sorted(self.timeless)}
        self._landing.set_watermark(self._resource, self.text or "")
        self._landing.set_watermark(f"{self._resource}.pages", orjson.dumps(kept).decode())
        self._is_saved = True

    def known_rows(
        self, rows_of: Callable[[bytes], Iterable[tuple[Mark | None, str]]], *, latest: datetime
    ) -> tuple[set[str], datetime, list[str]]:
        """(hashes of the rows that landed at or after the watermark less the overlap, the last time among them, the hashes
        of landed pages that are gone or damaged). Rows later than ``latest`` are not among them."""
        known: set[str] = set()
        until = datetime.min  # noqa: DTZ901 - local times carry no offset here
        damaged: list[str] = []
        for sha256, _ in self._still_needed():
            try:
                content = self._landing.path(sha256).read_bytes()
            except OSError:
                content = b""
            if sha256_hex(content) != sha256:
                damaged.append(sha256)
                continue
            for mark, row_hash in rows_of(content):
                if mark and mark[0] <= latest:
                    known.add(row_hash)
                    until = max(until, mark[0])
        return known, until, damaged

    def _still_needed(self) -> list[tuple[str, datetime]]:
        time = self.time
        if time is None:
            return self._pages
        return [(sha256, last) for sha256, last in self._pages if last >= time - self._overlap]
