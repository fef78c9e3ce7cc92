"""The e-document axis: list what was received, fetch, land, and only then acknowledge.

**What is asked.** The list goes by ``created_time``, from the day of the watermark ``edoc.received`` less an overlap of some
days (a message may be listed late), page after page until one is empty or brings nothing new. A message that landed before
is not fetched again. The watermark moves at the end of a list that was read whole: to the newest message, or, where a
message could not be landed, to the oldest such, so that it is listed again the next night.

**What is kept.** The decoded bytes of the package, under the axis's ``docId``; ``meta`` has ``created_time`` (local, ISO;
absent when the axis gave none that can be read), ``created_time_text`` as given, ``from`` and ``to``. Status packages from
other organs (``messagetype: status``) are not fetched: nothing in the warehouse speaks of them.

**What is answered.** In the transaction that lands a message, its acknowledgement is owed; it is sent afterwards, and what
could not be sent is sent at the start of the next night.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from ingestion.errors import FetchError, IngestionError, ParseError
from ingestion.landing import LOCAL, Landing
from ingestion.model import EdocMessage
from ingestion.sources.acknowledgements import owe_acknowledgement, send_owed
from ingestion.sources.edxml import parse_package
from ingestion.sources.envelope import Listed, read_data, read_list
from ingestion.sources.http import AccessRefusedError, SourceAccess, SourceClient, TransientError
from ingestion.sources.outgoing import OutgoingDocument, parse_outgoing_page, pull_outgoing
from ingestion.sources.result import PullResult
from ingestion.sources.times import axis_date

__all__ = ["OutgoingDocument", "parse_outgoing_page", "pull_messages", "pull_outgoing"]

RESOURCE = "edoc.received"
Judge = Callable[[EdocMessage], str | None]


def pull_messages(
    access: SourceAccess, landing: Landing, *, night: date, now: Callable[[], datetime], judge: Judge
) -> PullResult:
    """Land and acknowledge every message not landed before. Never raises for what the axis does.

    ``judge`` says in Vietnamese why a message's report can't be read, None when it can or when there is none; the sender
    is told. ``now`` returns aware time. ``problem_count`` counts messages not landed and acknowledgements not sent.
    """
    with SourceClient(access, source="edoc", now=now) as client:
        return _Pull(access, client, landing, night, now, judge).run()


class _Pull:
    def __init__(
        self,
        access: SourceAccess,
        client: SourceClient,
        landing: Landing,
        night: date,
        now: Callable[[], datetime],
        judge: Judge,
    ) -> None:
        self.access = access
        self.client = client
        self.landing = landing
        self.night = night
        self.now = now
        self.judge = judge
        self.landed_count = self.unchanged_count = self.problem_count = 0
        self.not_landed: list[Listed] = []
        self.not_sent: set[str] = set()

    def run(self) -> PullResult:
        failure: str | None = None
        try:
            self._send_owed()
            listed, list_error = self._list()
            self._take_in(listed)
            if list_error:
                raise list_error
            self._move_watermark(listed)
            self._send_owed()
        except FetchError as error:
            failure = f"Không đọc được đến hết {error.locator}: {error.reason}."
            self._record(error.locator, "failed", error.reason)
            self._send_owed_after(error)
        return PullResult(
            landed_count=self.landed_count,
            unchanged_count=self.unchanged_count,
            item_count=self.landed_count,
            problem_count=self.problem_count,
            failure=failure,
        )

    # Listing -------------------------------------------------------------------------------------

    def _list(self) -> tuple[list[Listed], FetchError | None]:
        """Every message listed, once, in the order of the axis, and what ended the list early, if anything did."""
        newest = axis_date(self.landing.watermark(RESOURCE))
        first_day = newest - timedelta(days=self.access.edoc_overlap_days) if newest else self.access.edoc_first_day
        last_day = max(self.night, self.now().astimezone(LOCAL).date()) + timedelta(days=1)
        listed: dict[str, Listed] = {}
        stale_in_a_row = 0
        for page in range(1, self.access.pages_max + 1):
            locator = f"/getReceivedEdocList?fromdate={first_day:%Y/%m/%d}&todate={last_day:%Y/%m/%d}&page={page}"
            try:
                rows, nameless_count, row_count = self.client.fetch(
                    "POST",
                    "/getReceivedEdocList",
                    locator=locator,
                    read=partial(read_list, locator=locator),
                    headers={
                        "servicetype": "eDoc",
                        "messagetype": "edoc",
                        "fromdate": f"{first_day:%Y/%m/%d}",
                        "todate": f"{last_day:%Y/%m/%d}",
                        "page": str(page),
                        "pagesize": str(self.access.edoc_page_size),
                    },
                )
            except FetchError as error:
                return list(listed.values()), error
            if nameless_count:
                self.problem_count += nameless_count
                self._record(locator, "refused", f"{nameless_count} dòng của danh sách không có docId.")
            fresh = [row for row in rows if row.doc_id not in listed]
            listed.update((row.doc_id, row) for row in fresh)
            has_news = any(not self.landing.has_message(row.doc_id) for row in fresh)
            self._record(locator, "ok" if has_news else "unchanged", "", item_count=row_count)
            stale_in_a_row = 0 if fresh else stale_in_a_row + 1
            is_short = row_count < self.access.edoc_page_size
            if not row_count or (stale_in_a_row and is_short):
                return list(listed.values()), None
            if stale_in_a_row > self.access.stale_pages_max:
                reason = "danh sách lặp lại trang trước, không bao giờ hết"
                return list(listed.values()), FetchError(reason, source="edoc", locator=locator)
        reason = f"danh sách quá {self.access.pages_max} trang mà chưa hết"
        return list(listed.values()), FetchError(reason, source="edoc", locator="/getReceivedEdocList")

    # Taking in -----------------------------------------------------------------------------------

    def _take_in(self, listed: list[Listed]) -> None:
        """Fetch and land what is new. After a few failures in a row each message is asked for only once, so that a few
        broken messages do not keep the rest out; after many the axis counts as lost."""
        failures_in_a_row = 0
        for position, row in enumerate(listed):
            if self.landing.has_message(row.doc_id):
                self.unchanged_count += 1
                continue
            try:
                content, message = self._fetch(row, attempts=1 if failures_in_a_row >= 3 else None)
            except AccessRefusedError:
                raise
            except FetchError as error:
                failures_in_a_row += 1
                self.not_landed.append(row)
                self.problem_count += 1
                self._record(
                    f"/getEdoc#{row.doc_id}",
                    "failed",
                    f"Văn bản {row.doc_id} chưa lấy được, để lại đêm sau: {error.reason}.",
                )
                if failures_in_a_row >= self.access.failures_in_a_row_max:
                    self.not_landed.extend(
                        rest for rest in listed[position + 1 :] if not self.landing.has_message(rest.doc_id)
                    )
                    self._move_watermark(listed)
                    raise FetchError(
                        f"{failures_in_a_row} văn bản liên tiếp không lấy được; dừng lại đêm nay",
                        source="edoc",
                        locator="/getEdoc",
                    ) from error
                continue
            failures_in_a_row = 0
            self._land(row, content, message)

    def _fetch(self, row: Listed, attempts: int | None) -> tuple[bytes, EdocMessage | ParseError]:
        """The decoded package, and what it says. One that can't be read is fetched a second time, as it may have been cut
        on its way."""

        def fetch() -> bytes:
            return self.client.fetch(
                "POST",
                "/getEdoc",
                locator=f"/getEdoc#{row.doc_id}",
                read=partial(_decoded, locator=f"/getEdoc#{row.doc_id}"),
                headers={"docId": row.doc_id},
                attempts=attempts,
            )

        content = fetch()
        message = self._understood(row, content)
        if isinstance(message, ParseError) and (again := fetch()) != content:
            return again, self._understood(row, again)
        return content, message

    def _understood(self, row: Listed, content: bytes) -> EdocMessage | ParseError:
        try:
            return parse_package(content, locator=row.doc_id, limits=self.access.limits)
        except ParseError as error:
            return error

    def _land(self, row: Listed, content: bytes, message: EdocMessage | ParseError) -> None:
        if isinstance(message, ParseError):
            refusal: str | None = message.reason
        elif broken := _only_broken(message):
            refusal = broken
        else:
            try:
                refusal = self.judge(message)
            except IngestionError as error:
                refusal = error.reason
        with self.landing.transaction():
            landed, is_new = self.landing.land(
                content,
                source="edoc",
                kind="edoc_message",
                locator=row.doc_id,
                night_on=self.night,
                now=self.now(),
                meta=row.meta(),
            )
            owe_acknowledgement(
                self.landing,
                row,
                message if isinstance(message, EdocMessage) else None,
                refusal=refusal,
                own_organ_id=self.access.organ_id,
                night=self.night,
                at=self.now().astimezone(LOCAL),
            )
            self.landing.record(
                night_on=self.night,
                now=self.now(),
                source="edoc",
                step="land",
                locator=row.doc_id,
                result="ok" if is_new else "unchanged",
                reason=refusal or "",
                item_count=1,
                sha256=landed.sha256,
            )
        self.landed_count += is_new
        self.unchanged_count += not is_new

    def _move_watermark(self, listed: list[Listed]) -> None:
        """A message without a readable time that did not land keeps the watermark where it is."""
        if any(row.created_at is None for row in self.not_landed):
            return
        last_day = max(self.night, self.now().astimezone(LOCAL).date()) + timedelta(days=1)
        missing = [row.created_at for row in self.not_landed if row.created_at]
        times = missing or [row.created_at for row in listed if row.created_at and row.created_at.date() <= last_day]
        if not times:
            return
        text = (min(times) if missing else max(times)).isoformat(timespec="seconds")
        before = self.landing.watermark(RESOURCE)
        if before is None or text > before or missing:
            self.landing.set_watermark(RESOURCE, text)

    # Acknowledging -------------------------------------------------------------------------------

    def _send_owed(self) -> None:
        """Once a night for each: what failed at the start is not tried again at the end."""
        failed = send_owed(self.client, self.landing, night=self.night, now=self.now, passed_over=self.not_sent)
        self.not_sent |= failed
        self.problem_count += len(failed)

    def _send_owed_after(self, error: FetchError) -> None:
        """The list ended early; what landed is acknowledged all the same, unless the axis itself is lost."""
        if not self.landed_count or isinstance(error, AccessRefusedError):
            return
        try:
            self._send_owed()
        except FetchError as second:
            self._record(second.locator, "failed", second.reason)

    def _record(self, locator: str, result: Any, reason: str, item_count: int | None = None) -> None:
        self.landing.record(
            night_on=self.night,
            now=self.now(),
            source="edoc",
            step="fetch",
            locator=locator,
            result=result,
            reason=reason,
            item_count=item_count,
        )


def _only_broken(message: EdocMessage) -> str | None:
    """Why nothing of a message's attachments could be read; None where one could, or where it has none."""
    told = [problem.message for problem in message.problems if problem.code == "attachment_broken"]
    return " ".join(told) if told and not message.attachments else None


def _decoded(body: bytes, *, locator: str) -> bytes:
    data = read_data(body, locator=locator)
    if not isinstance(data, str) or not data.strip():
        raise TransientError("câu trả lời không có gói tin", source="edoc", locator=locator)
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise TransientError("gói tin base64 bị cắt cụt hoặc hỏng", source="edoc", locator=locator) from error
    if not content:
        raise TransientError("gói tin rỗng", source="edoc", locator=locator)
    return content
