"""What a cursor-paged feed is, and what its pages are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from ingestion.landing import Kind
from ingestion.sources.notices import Refusal
from ingestion.sources.payload import NotJsonError, read_json

Mark = tuple[datetime, str]
Find = Callable[[bytes, Sequence[Any]], tuple[Sequence[Refusal], frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page read whole and made ready for the disk.

    ``content`` is what lands and ``fingerprint`` is equal for equal rows, whatever stands around them. ``marks`` has each
    row's place in time and how the watermark spells it, None where the row has none; ``hash_of`` tells one row's content
    from another's by its position. ``next_cursor`` is None at the end.
    """

    content: bytes
    fingerprint: str
    marks: Sequence[Mark | None]
    hash_of: Callable[[int], str]
    refusals: Sequence[Refusal]
    unknown_fields: frozenset[str]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What tells one feed from another. ``query`` makes the parameters of a walk from the watermark; ``overlap`` is how
    far below the watermark they reach; ``read`` reads a body (``NotJsonError`` when it is no page); ``landed_rows`` gives
    the mark and hash of each row of a landed page; ``parse_mark`` reads a watermark's spelling."""

    resource: str
    path: str
    source: Literal["portal", "edoc"]
    kind: Kind
    is_ordered: bool
    overlap: timedelta
    query: Callable[[str | None], dict[str, str]]
    read: Callable[[bytes], Page]
    landed_rows: Callable[[bytes], Iterable[tuple[Mark | None, str]]]
    parse_mark: Callable[[str], datetime | None]


def read_items(body: bytes) -> tuple[list[Any], str | None]:
    """(items, the next cursor or None at the end). Raises ``NotJsonError`` when the body is no page."""
    page = read_json(body)
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise NotJsonError("trang không có danh sách items")
    cursor = page.get("next_cursor")
    if isinstance(cursor, int) and not isinstance(cursor, bool):
        cursor = str(cursor)
    if cursor is not None and not isinstance(cursor, str):
        raise NotJsonError("next_cursor không phải là chuỗi")
    return items, cursor or None


def page_as_it_came(body: bytes, *, mark_of: Callable[[Any], Mark | None], find: Find) -> Page:
    """A page that lands as it came. ``find`` gives the rows that can't be used and the names of unknown fields."""
    items, next_cursor = read_items(body)
    refusals, unknown = find(body, items)
    return Page(
        content=body,
        fingerprint=hashlib.blake2b(stable_bytes(items)).hexdigest(),
        marks=[mark_of(item) for item in items],
        hash_of=lambda position: row_hash(items[position]),
        refusals=refusals,
        unknown_fields=unknown,
        next_cursor=next_cursor,
    )


def landed_items(content: bytes, *, mark_of: Callable[[Any], Mark | None]) -> Iterable[tuple[Mark | None, str]]:
    """The mark and hash of each row of a page that landed as it came."""
    return ((mark_of(item), row_hash(item)) for item in read_items(content)[0])


def page_locator(path: str, asked: dict[str, str]) -> str:
    """Where a page came from: path and query. A cursor is the source's own and may hold anything, a person's name too: it
    is told from others by eight digits of its hash."""
    shown = {
        name: f"~{hash_of_bytes(value.encode())[:8]}" if name == "cursor" else value for name, value in asked.items()
    }
    query = "&".join(f"{name}={value}" for name, value in shown.items())
    return f"{path}?{query}" if query else path


def row_hash(item: Any) -> str:
    """Sixteen hex digits that tell one row's content from another's, whatever the order of its fields."""
    return hash_of_bytes(stable_bytes(item))


def hash_of_bytes(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def stable_bytes(value: Any) -> bytes:
    """The same bytes for equal JSON values; of a row nested too deep to be written, its plain fields."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        if isinstance(value, list):
            return b",".join(stable_bytes(item) for item in value)
        fields = value.items() if isinstance(value, dict) else ()
        return repr(sorted((name, field) for name, field in fields if isinstance(field, str))).encode()
