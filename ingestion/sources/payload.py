"""Reading JSON that strangers send.

orjson reads what is right JSON in UTF-8. What it refuses is read a second time, tolerantly, so that one row with a broken
letter (a lone surrogate, a byte that is no UTF-8) or with ``NaN`` does not cost the page that it stands in.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

_BOM = b"\xef\xbb\xbf"


class NotJsonError(ValueError):
    """The bytes are no JSON, or not all of it; the text says which, in Vietnamese, and never quotes the body."""


def read_json(content: bytes) -> Any:
    """The value that the bytes hold. Raises ``NotJsonError`` for an empty, cut or foreign body."""
    body = content.removeprefix(_BOM)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read_tolerantly(body)


def read_json_as_spelled(content: bytes) -> Any:
    """As ``read_json``, but every number with a fraction or an exponent, or too long for 18 digits, comes as ``Spelled``:
    the characters that the source wrote."""
    body = content.removeprefix(_BOM)
    try:
        text = body.decode("utf-8", errors="replace")
        return _without_surrogates(
            json.loads(text, parse_float=Spelled, parse_int=_spelled_int, parse_constant=Spelled), "\\u" in text
        )
    except (ValueError, RecursionError) as error:
        raise NotJsonError(_what_is_wrong(body)) from error


class Spelled(str):
    """A JSON number as its source spelled it."""

    __slots__ = ()


def _spelled_int(text: str) -> int | Spelled:
    return int(text) if len(text) <= 18 else Spelled(text)


def _bounded_int(text: str) -> int | float:
    """As orjson reads them: what is too long for 64 bits is a float."""
    return int(text) if len(text) <= 18 else float(text)


def _read_tolerantly(body: bytes) -> Any:
    try:
        return _without_surrogates(json.loads(body.decode("utf-8", errors="replace"), parse_int=_bounded_int), True)
    except (ValueError, RecursionError) as error:
        raise NotJsonError(_what_is_wrong(body)) from error


def _what_is_wrong(body: bytes) -> str:
    head = body[:200].lstrip()
    if not head:
        return "nội dung rỗng"
    if head[:1] == b"<":
        return "nhận được trang HTML hoặc XML thay vì JSON"
    return "JSON không trọn vẹn hoặc sai cú pháp"


def _without_surrogates(value: Any, needed: bool) -> Any:
    """Lone surrogates can't be written as UTF-8; each becomes the replacement letter."""
    if not needed:
        return value
    if isinstance(value, Spelled):
        return value
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item, True) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key, True): _without_surrogates(item, True) for key, item in value.items()}
    return value
