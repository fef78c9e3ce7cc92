"""Reporting windows of a year (guidance 581/BNV-CCHC) and the four quarters that they are sums of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A period: data from ``first`` to ``last``, both included, reported by ``due``; ``quarters`` are indexes."""

    code: str
    first: date
    last: date
    due: date
    quarters: tuple[int, ...]
    title: str


def quarters(year: int) -> tuple[tuple[date, date], ...]:
    """The four stretches, both days included, of which every window is a sum."""
    return (
        (date(year - 1, 12, 15), date(year, 3, 14)),
        (date(year, 3, 15), date(year, 6, 14)),
        (date(year, 6, 15), date(year, 9, 14)),
        (date(year, 9, 15), date(year, 12, 14)),
    )


def windows(year: int) -> tuple[Window, ...]:
    """The year's four periods in order of their due days."""
    start = date(year - 1, 12, 15)
    return (
        Window(f"{year}-Q1", start, date(year, 3, 14), date(year, 3, 20), (0,), f"quý I năm {year}"),
        Window(f"{year}-H1", start, date(year, 6, 14), date(year, 6, 20), (0, 1), f"6 tháng đầu năm {year}"),
        Window(f"{year}-Q3", date(year, 6, 15), date(year, 9, 14), date(year, 9, 20), (2,), f"quý III năm {year}"),
        Window(f"{year}", start, date(year, 12, 14), date(year, 12, 20), (0, 1, 2, 3), f"năm {year}"),
    )


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def to_date(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def to_datetime(seconds: int) -> datetime:
    """Local wall time, counted in seconds since 1970-01-01 local, without an offset."""
    return datetime(1970, 1, 1) + timedelta(seconds=int(seconds))  # noqa: DTZ001 local wall time has no offset here


def to_seconds(moment: datetime) -> int:
    """The reverse of ``to_datetime``, for a time without an offset."""
    return int((moment - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001 as above
