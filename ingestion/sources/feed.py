"""What a cursor-paged feed is, and what its pages are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from ingestion.landing import Kind
from ingestion.sources.notices import Refusal
from ingestion.sources.payload import NotJsonError, read_json

Mark = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page made ready for the disk: ``items`` are the rows of ``content``."""

    content: bytes
    items: Sequence[Any]
    refusals: Sequence[Refusal]
    unknown_fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Feed:
    """What tells one feed from another. ``query`` makes the parameters of a walk from the watermark; ``overlap`` is how
    far below the watermark they reach; ``mark_of`` gives a row's place in time and how the watermark spells it, None where
    the row has none; ``parse_mark`` reads that spelling."""

    resource: str
    path: str
    source: Literal["portal", "edoc"]
    kind: Kind
    is_ordered: bool
    overlap: timedelta
    query: Callable[[str | None], dict[str, str]]
    prepare: Callable[[bytes, Sequence[Any]], Prepared]
    mark_of: Callable[[Any], Mark | None]
    parse_mark: Callable[[str], datetime | None]


def read_page(body: bytes) -> tuple[bytes, list[Any], str | None]:
    """(body, its items, the next cursor or None at the end). Raises ``NotJsonError`` when the body is no page."""
    page = read_json(body)
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise NotJsonError("trang không có danh sách items")
    cursor = page.get("next_cursor")
    if isinstance(cursor, int) and not isinstance(cursor, bool):
        cursor = str(cursor)
    if cursor is not None and not isinstance(cursor, str):
        raise NotJsonError("next_cursor không phải là chuỗi")
    return body, items, cursor or None


def page_locator(path: str, asked: Mapping[str, str]) -> str:
    """Where a page came from: path and query, a long cursor cut."""
    query = "&".join(f"{name}={value if len(value) <= 64 else value[:61] + '...'}" for name, value in asked.items())
    return f"{path}?{query}" if query else path


def row_hash(item: Any) -> str:
    """Sixteen hex digits that tell one row's content from another's, whatever the order of its fields."""
    return hashlib.blake2b(stable_bytes(item), digest_size=8).hexdigest()


def stable_bytes(value: Any) -> bytes:
    """The same bytes for equal JSON values; of a row nested too deep to be written, its plain fields."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        if isinstance(value, list):
            return b",".join(stable_bytes(item) for item in value)
        fields = value.items() if isinstance(value, dict) else ()
        return repr(sorted((name, field) for name, field in fields if isinstance(field, str))).encode()
