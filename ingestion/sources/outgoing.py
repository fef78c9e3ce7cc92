"""The register of documents sent, ``GET /outgoing``: the record against which e-document indicators are reconciled.

The register is asked by day, not by change, and a document may still change after it was sent. So each night asks again
from ``outgoing_overlap_days`` before the newest document of the last complete walk, and lands the pages that hold a row not
landed yet. A change to a document older than that is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Literal, get_args

from ingestion.errors import ParseError
from ingestion.landing import LOCAL, Landing
from ingestion.model import Problem
from ingestion.sources.feed import Feed, Mark, landed_items, page_as_it_came
from ingestion.sources.http import SourceAccess, SourceClient
from ingestion.sources.notices import Refusal, shown_names
from ingestion.sources.paging import walk_feed
from ingestion.sources.payload import NotJsonError, read_json
from ingestion.sources.result import PullResult
from ingestion.sources.times import axis_date, axis_time

SentForm = Literal["electronic", "electronic_and_paper", "paper"]

_SENT_FORMS: dict[object, SentForm] = {form: form for form in get_args(SentForm)}
_FIELDS = frozenset(
    {"document_id", "organ_id", "code", "promulgated_on", "sent_form", "digitally_signed", "updated_at"}
)


@dataclass(frozen=True, slots=True)
class OutgoingDocument:
    """A row of the register. ``updated_at`` is local time without an offset."""

    document_id: str
    organ_id: str
    document_number: str
    promulgated_on: date
    sent_form: SentForm
    is_digitally_signed: bool
    updated_at: datetime
    locator: str


class _RowError(Exception):
    """A row can't be used; the text says why, in Vietnamese."""


def pull_outgoing(access: SourceAccess, landing: Landing, *, night: date, now: Callable[[], datetime]) -> PullResult:
    """Land every page of the register that holds something new. ``now`` returns aware time."""
    overlap = timedelta(days=access.outgoing_overlap_days)
    last_day = max(night, now().astimezone(LOCAL).date())

    def query(watermark: str | None) -> dict[str, str]:
        newest = axis_date(watermark)
        first_day = max(newest - overlap, access.edoc_first_day) if newest else access.edoc_first_day
        return {"from": first_day.isoformat(), "to": last_day.isoformat(), "limit": str(access.outgoing_limit)}

    def find(_: bytes, items: Sequence[Any]) -> tuple[Sequence[Refusal], frozenset[str]]:
        refusals: list[Refusal] = []
        unknown: set[str] = set()
        for index, item in enumerate(items):
            try:
                _read_row(item, "", unknown)
            except _RowError as error:
                refusals.append(Refusal(f"items[{index}]", f"{_row_name(item, index)}: {error}."))
        return refusals, frozenset(unknown)

    def mark_of(item: Any) -> Mark | None:
        return _mark_of(item, last_day)

    feed = Feed(
        resource="edoc.outgoing",
        path="/outgoing",
        source="edoc",
        kind="outgoing_page",
        is_ordered=False,
        overlap=overlap,
        query=query,
        read=partial(page_as_it_came, mark_of=mark_of, find=find),
        landed_rows=partial(landed_items, mark_of=mark_of),
        parse_mark=axis_time,
    )
    with SourceClient(access, source="edoc", now=now) as client:
        return walk_feed(feed, client, landing, night=night, now=now)


def parse_outgoing_page(content: bytes, *, locator: str) -> tuple[list[OutgoingDocument], list[Problem]]:
    """(the page's usable rows, what is wrong with it). Pure.

    A row with a missing or wrong field is left out and named by a problem ``row_refused``; unknown fields are tolerated and
    named once by ``field_unknown``. Raises ``ParseError`` when the bytes are no page.
    """
    try:
        page = read_json(content)
    except NotJsonError as error:
        raise ParseError(str(error), source="edoc", locator=locator) from error
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise ParseError("trang không có danh sách items", source="edoc", locator=locator)
    documents: dict[OutgoingDocument, None] = {}
    problems: list[Problem] = []
    unknown: set[str] = set()
    for index, item in enumerate(items):
        try:
            documents[_read_row(item, locator, unknown)] = None
        except _RowError as error:
            reason = f"{_row_name(item, index)}: {error}."
            problems.append(Problem("error", "row_refused", reason, f"{locator}#items[{index}]"))
    if unknown:
        problems.append(Problem("info", "field_unknown", f"Trường lạ, bỏ qua: {shown_names(unknown)}.", locator))
    return list(documents), problems


def _read_row(item: Any, locator: str, unknown: set[str]) -> OutgoingDocument:
    if not isinstance(item, dict):
        raise _RowError("không phải là một đối tượng JSON")
    unknown.update(item.keys() - _FIELDS)
    for name in ("document_id", "organ_id"):
        if not isinstance(item.get(name), str) or not item[name].strip():
            raise _RowError(f"{name} phải là chuỗi không rỗng")
    code = item.get("code")
    if code is not None and not isinstance(code, str):
        raise _RowError("code phải là chuỗi hoặc null")
    promulgated_on = axis_date(item.get("promulgated_on")) if isinstance(item.get("promulgated_on"), str) else None
    if promulgated_on is None:
        raise _RowError("promulgated_on không phải là ngày có thật")
    sent_form = item.get("sent_form")
    if not isinstance(sent_form, str) or sent_form not in _SENT_FORMS:
        raise _RowError("sent_form ngoài danh mục")
    if not isinstance(item.get("digitally_signed"), bool):
        raise _RowError("digitally_signed phải là đúng/sai")
    updated_at = axis_time(item.get("updated_at")) if isinstance(item.get("updated_at"), str) else None
    if updated_at is None:
        raise _RowError("updated_at không phải là thời điểm hợp lệ")
    document_id = item["document_id"].strip()
    return OutgoingDocument(
        document_id=document_id,
        organ_id=item["organ_id"].strip(),
        document_number=(code or "").strip(),
        promulgated_on=promulgated_on,
        sent_form=_SENT_FORMS[sent_form],
        is_digitally_signed=item["digitally_signed"],
        updated_at=updated_at,
        locator=f"{locator}#{document_id}",
    )


def _mark_of(item: Any, last_day: date) -> Mark | None:
    """A row's day of promulgation, or of its last change where that is earlier, as a mistyped day to come would otherwise
    move the window past the days between."""
    if not isinstance(item, dict):
        return None
    days = [axis_date(item.get(name)) for name in ("promulgated_on", "updated_at")]
    known = [day for day in days if day]
    if not known:
        return None
    day = min(*known, last_day)
    return datetime.combine(day, time()), day.isoformat()


def _row_name(item: Any, index: int) -> str:
    document_id = item.get("document_id") if isinstance(item, dict) else None
    return (
        f"Văn bản {document_id[:80]}" if isinstance(document_id, str) and document_id else f"Dòng {index + 1} của trang"
    )
