"""Times as the sources spell them, read as local time (Asia/Ho_Chi_Minh) without an offset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from ingestion.landing import LOCAL

_CLOCK = r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})" + _CLOCK)
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})" + _CLOCK)
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_PLAIN = "0000-00-00T00:00:00"
_OFFSET = "+07:00"
_TO_ZEROS = str.maketrans("123456789", "000000000")
_EPOCH = re.compile(r"\d{10}|\d{13}")


def local_time(value: object) -> datetime | None:
    """A date-time of RFC 3339, with or without offset, ``Z`` and fraction; None for anything else, a bare date included.

    A time without an offset is local already.
    """
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value.strip()):
        return None
    try:
        return _to_local(datetime.fromisoformat(value.strip().upper()))
    except ValueError:
        return None


def local_times(texts: Sequence[str]) -> list[datetime] | None:
    """``local_time`` of each, many at once; None when one has none."""
    for pattern in (_PLAIN, _PLAIN + _OFFSET.translate(_TO_ZEROS)):
        if "".join(texts).translate(_TO_ZEROS) == pattern * len(texts):
            is_local = pattern == _PLAIN or all(text.endswith(_OFFSET) for text in texts)
            if is_local:
                try:
                    return [datetime.fromisoformat(text[: len(_PLAIN)]) for text in texts]
                except ValueError:
                    return None
    found = [local_time(text) for text in texts]
    return None if None in found else [time for time in found if time]


def axis_time(value: object) -> datetime | None:
    """A time as the e-document axis spells it: RFC 3339, ``yyyy/MM/dd HH:mm:ss``, ``dd/MM/yyyy HH:mm:ss``, a bare date of
    either order, or seconds or milliseconds since 1970; None for anything else or an impossible date."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if moment := local_time(text):
        return moment
    if _EPOCH.fullmatch(text):
        return _to_local(datetime.fromtimestamp(int(text[:10]), LOCAL))
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.group(1, 2, 3)
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.group(1, 2, 3)
    else:
        return None
    hour, minute, second = (int(part or 0) for part in match.group(4, 5, 6))
    try:
        return datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001 - local by contract
    except ValueError:
        return None


def axis_date(value: object) -> date | None:
    """The day of ``axis_time``; None where there is none."""
    moment = axis_time(value)
    return moment.date() if moment else None


def _to_local(moment: datetime) -> datetime | None:
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(LOCAL).replace(tzinfo=None)
    except OverflowError:
        return None
