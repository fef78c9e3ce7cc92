"""Walking a cursor-paged feed so that a crash, a lost cursor or a wrong order loses no row.

**The watermark** (``landing.watermark(feed.resource)``) is the time from which a feed is asked again, inclusive. It moves
in the transaction that lands a page, and only to a time below which every row has landed:

- While the pages keep the order that the contract promises, it follows one page behind: after page *k* it is the last time
  of page *k - 1*. So rows swapped between neighbouring pages are not skipped by a crash between the two.
- Once a row comes out of order, the watermark goes back to where the run began and stays until the walk is complete. When
  that walk itself had begun later (after a lost cursor), the feed is walked once more from where the run began.
- A feed without an order (``is_ordered`` False) moves its watermark only at the end of a complete walk.
- At the end of a complete walk it is the greatest time seen. A time in the future never moves it.

**Nothing twice.** Asking inclusively brings the last rows again. Beside the watermark a second mark names the landed pages
that hold rows at or after it, and the hashes of rows without a usable time. A walk reads those pages back, and lands a page
only if it holds a row that is not among them. A row that comes again inside a page with new ones lands again: whoever loads
the pages counts equal rows once.

**An end.** A walk ends with a failure when pages bring nothing new several times in a row, or once with a cursor that was
given before, or after ``pages_max`` pages. What landed stays, and the next night goes on from the watermark.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Literal

from ingestion.errors import FetchError
from ingestion.landing import LOCAL, Landing, sha256_hex
from ingestion.sources.feed import Feed, Mark, Page, page_locator
from ingestion.sources.http import CursorGoneError, SourceClient
from ingestion.sources.marks import Marks
from ingestion.sources.notices import Notices
from ingestion.sources.result import PullResult


@dataclass(frozen=True, slots=True)
class _Fetched:
    locator: str
    sha256: str  # of the body as it came
    page: Page


class _DisorderError(Exception):
    """A walk that began after the run did saw a row out of order."""


def walk_feed(
    feed: Feed, client: SourceClient, landing: Landing, *, night: date, now: Callable[[], datetime]
) -> PullResult:
    """Walk the feed from its watermark to its end, landing what is new. Never raises for what the source does."""
    return _Run(feed, client, landing, night, now).run()


class _Run:
    def __init__(
        self, feed: Feed, client: SourceClient, landing: Landing, night: date, now: Callable[[], datetime]
    ) -> None:
        self.feed = feed
        self.client = client
        self.landing = landing
        self.night = night
        self.now = now
        self.notices = Notices(landing, source=feed.source, night=night, now=now, limit=client.access.named_rows_max)
        self.marks = Marks(landing, feed.resource, feed.parse_mark, feed.overlap)
        self.began_at = self.marks.text
        self.latest = now().astimezone(LOCAL).replace(tzinfo=None)
        self.page_count = 0
        self.landed_count = self.unchanged_count = self.item_count = 0

    def run(self) -> PullResult:
        failure: str | None = None
        try:
            self._walk_to_the_end()
        except FetchError as error:
            failure = f"Không đọc được đến hết {error.locator}: {error.reason}."
            self.record("fetch", error.locator, "failed", reason=error.reason)
        self.notices.summarize(self.feed.path)
        return PullResult(
            landed_count=self.landed_count,
            unchanged_count=self.unchanged_count,
            item_count=self.item_count,
            problem_count=self.notices.refused_count,
            failure=failure,
        )

    def _walk_to_the_end(self) -> None:
        """Walks until one is complete; each restart that came no further counts against ``restarts_max``."""
        restarts = 0
        in_order = self.feed.is_ordered
        while True:
            walk = _Walk(self, follows_order=in_order)
            try:
                walk.run()
            except CursorGoneError as error:
                came_further = walk.keep_progress()
                restarts = 0 if came_further else restarts + 1
                if restarts > self.client.access.restarts_max:
                    raise
                self.record(
                    "fetch", error.locator, "skipped", reason="Con trỏ trang hết hạn (410): đọc lại từ mốc đã lưu."
                )
                in_order = in_order and not walk.is_disordered
            except _DisorderError:
                in_order = False
            else:
                return

    def see_unchanged(self, locator: str, item_count: int) -> None:
        self.unchanged_count += 1
        self.record("fetch", locator, "unchanged", item_count=item_count)

    def record(
        self,
        step: Literal["fetch", "land"],
        locator: str,
        result: Literal["ok", "unchanged", "skipped", "failed"],
        *,
        reason: str = "",
        item_count: int | None = None,
        sha256: str | None = None,
    ) -> None:
        self.landing.record(
            night_on=self.night,
            now=self.now(),
            source=self.feed.source,
            step=step,
            locator=locator,
            result=result,
            reason=reason,
            item_count=item_count,
            sha256=sha256,
        )


class _Walk:
    """One walk from the watermark: page after page, until there is no next cursor."""

    def __init__(self, run: _Run, *, follows_order: bool) -> None:
        self.run_state = run
        self.feed = run.feed
        self.marks = run.marks
        self.began_at = run.marks.text
        self.follows_order = follows_order
        self.is_disordered = False
        self.fingerprints: set[str] = set()
        self.known, self.known_until, damaged = self.marks.known_rows(self.feed.landed_rows, latest=run.latest)
        for sha256 in damaged:
            reason = "Trang đã nhận bị mất hoặc hỏng trong kho; các dòng của nó được nhận lại."
            run.record("fetch", self.feed.path, "failed", reason=reason, sha256=sha256)
        self.top: Mark | None = None
        self.confirmed: Mark | None = None  # the top one page ago

    def run(self) -> None:
        """While one page is taken in, the next is already asked for and read in a thread of its own."""
        run = self.run_state
        query = self.feed.query(self.began_at)

        def fetch(cursor: str | None) -> _Fetched:
            asked = {**query, "cursor": cursor} if cursor is not None else query
            locator = page_locator(self.feed.path, asked)

            def read(body: bytes) -> _Fetched:
                return _Fetched(locator, sha256_hex(body), self.feed.read(body))

            return run.client.fetch("GET", self.feed.path, locator=locator, params=asked, read=read)

        cursors: set[str] = set()
        stale_in_a_row = 0
        ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix=self.feed.resource)
        try:
            coming = ahead.submit(fetch, None)
            while True:
                if run.page_count >= run.client.access.pages_max:
                    raise self._endless(f"quá {run.client.access.pages_max} trang mà chưa hết")
                run.page_count += 1
                fetched = coming.result()
                next_cursor = fetched.page.next_cursor
                if next_cursor is not None and run.page_count < run.client.access.pages_max:
                    coming = ahead.submit(fetch, next_cursor)
                stale_in_a_row = 0 if self._take_page(fetched) else stale_in_a_row + 1
                if next_cursor is None:
                    self._complete()
                    return
                if stale_in_a_row > run.client.access.stale_pages_max or (stale_in_a_row and next_cursor in cursors):
                    raise self._endless("trang sau lặp lại trang trước, không bao giờ hết")
                cursors.add(next_cursor)
        finally:
            ahead.shutdown(cancel_futures=True)

    def keep_progress(self) -> bool:
        """After a lost cursor: when the walk came no further than it began, trust the last page too, so that a source
        that gives one page a cursor is read to its end. True when the watermark moved since the walk began."""
        if self.marks.text == self.began_at and self.follows_order and not self.is_disordered and self.top:
            with self.run_state.landing.transaction():
                self.marks.move_to(*self.top)
                self.marks.save()
        return self.marks.text != self.began_at

    # Inside --------------------------------------------------------------------------------------

    def _take_page(self, fetched: _Fetched) -> bool:
        """Land the page if it holds something new. False when it only repeats a page of this walk, or is empty."""
        run, page, locator = self.run_state, fetched.page, fetched.locator
        is_stale = not page.marks or page.fingerprint in self.fingerprints
        self.fingerprints.add(page.fingerprint)
        if is_stale:
            run.see_unchanged(locator, len(page.marks))
            return False
        marks, times = self._usable(page.marks)
        last = max(times, default=None)
        is_new = self._holds_new_rows(page, marks)
        turned = self._follow_order(marks, times, last)
        with run.landing.transaction():
            if is_new:
                self._land(fetched, marks, last)
            else:
                run.see_unchanged(locator, len(marks))
            if turned:
                run.record(
                    "fetch", locator, "ok", reason="Các dòng không theo thứ tự updated_at: chỉ dời mốc khi đọc hết."
                )
                self.marks.go_back_to(run.began_at)
            elif self.follows_order and not self.is_disordered and self.confirmed:
                self.marks.move_to(*self.confirmed)
            self.marks.save()
        return True

    def _usable(self, marks: Sequence[Mark | None]) -> tuple[Sequence[Mark | None], Sequence[datetime]]:
        """The marks without those in the future, and the times of those that are left."""
        times = [mark[0] for mark in marks if mark]
        if not times or max(times) <= self.run_state.latest:
            return marks, times
        usable = [mark if mark and self._is_usable(mark) else None for mark in marks]
        return usable, [mark[0] for mark in usable if mark]

    def _is_usable(self, mark: Mark) -> bool:
        """A time in the future, by a wrong clock or a mistake, must not move the watermark past rows that are still to
        change before it."""
        return mark[0] <= self.run_state.latest

    def _land(self, fetched: _Fetched, marks: Sequence[Mark | None], last: datetime | None) -> None:
        run, page = self.run_state, fetched.page
        row, is_new = run.landing.land(
            page.content,
            source=self.feed.source,
            kind=self.feed.kind,
            locator=fetched.locator,
            night_on=run.night,
            now=run.now(),
            original_sha256=fetched.sha256,
        )
        self.marks.add_page(row.sha256, last)
        self.marks.add_timeless(page.hash_of(position) for position, mark in enumerate(marks) if mark is None)
        if not is_new:
            run.see_unchanged(fetched.locator, len(marks))
            return
        run.landed_count += 1
        run.item_count += len(marks)
        run.record("land", fetched.locator, "ok", item_count=len(marks), sha256=row.sha256)
        run.notices.refuse(fetched.locator, page.refusals)
        run.notices.note_unknown(page.unknown_fields)

    def _holds_new_rows(self, page: Page, marks: Sequence[Mark | None]) -> bool:
        for position, mark in enumerate(marks):
            if mark and mark[0] > self.known_until:
                return True
            if page.hash_of(position) not in (self.known if mark else self.marks.timeless):
                return True
        return False

    def _follow_order(self, marks: Sequence[Mark | None], times: Sequence[datetime], last: datetime | None) -> bool:
        """Keep ``top``; True when this page is the first to break the order."""
        was_disordered = self.is_disordered
        self.confirmed = self.top
        if last:
            is_in_order = all(map(operator.le, times, islice(times, 1, None)))
            if not is_in_order or (self.top and times[0] < self.top[0]):
                self.is_disordered = True
            if self.top is None or last > self.top[0]:
                self.top = next(mark for mark in reversed(marks) if mark and mark[0] == last)
        return self.is_disordered and self.follows_order and not was_disordered

    def _complete(self) -> None:
        run = self.run_state
        if self.feed.is_ordered and self.is_disordered and self.began_at != run.began_at:
            raise _DisorderError
        if self.top:
            with run.landing.transaction():
                self.marks.move_to(*self.top)
                self.marks.save()

    def _endless(self, reason: str) -> FetchError:
        return FetchError(reason, source=self.feed.source, locator=self.feed.path)
