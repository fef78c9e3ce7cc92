"""Shares as workbooks store them: 1, 100 or 0.9989 for percent, and the ratio that Excel took for a date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from ingestion.forms.notes import read_ratio
from ingestion.forms.values import Reading
from ingestion.model import Ratio

# Up to here a stored share may be a fraction of one (plan shares may exceed the whole a little).
MOST_FRACTION = 3
_LEAST_DIFFERENCE = Decimal("0.05")


def read_share(cell: float, text: str, note: str, is_percent_format: Callable[[], bool | None]) -> Reading:
    """A share as stored (above zero): 0.9989 shown as a percentage is 99.89; where the format doesn't tell, a ratio in the
    note may."""
    as_it_is = Decimal(repr(cell))
    if cell > MOST_FRACTION:
        return Reading(_plain(as_it_is), "reported")
    times_hundred = as_it_is * 100
    is_shown_as_percent = is_percent_format()
    if is_shown_as_percent:
        return Reading(_plain(times_hundred), "reported")
    ratio = read_ratio(note)
    if ratio is not None:
        fitting = [value for value in (as_it_is, times_hundred) if _fits(value, ratio)]
        if len(fitting) == 1:
            return Reading(_plain(fitting[0]), "reported")
    if is_shown_as_percent is False and cell > 1:
        return Reading(_plain(as_it_is), "reported")
    if is_shown_as_percent is False:
        return Reading(_plain(as_it_is), "doubtful", f"tỷ lệ ghi {text}, có thể là {_plain(times_hundred):f}%")
    return Reading(_plain(times_hundred), "doubtful", f"tỷ lệ ghi {text}, hiểu là {_plain(times_hundred):f}%")


def ratio_of_date(cell: date, value: Decimal | None) -> Ratio | None:
    """The ratio that was typed where Excel stored a date (``8/8`` became 8 August): the one of day and month that fits the
    share reported beside it; None where neither does."""
    if value is None:
        return None
    for ratio in (Ratio(Decimal(cell.day), Decimal(cell.month)), Ratio(Decimal(cell.month), Decimal(cell.day))):
        if _fits(value, ratio):
            return ratio
    return None


def is_bare_date(cell: object) -> bool:
    """Whether a cell holds a day without a time, as a typed ratio becomes."""
    if isinstance(cell, datetime):
        return (cell.hour, cell.minute, cell.second) == (0, 0, 0)
    return isinstance(cell, date)


def _fits(value: Decimal, ratio: Ratio) -> bool:
    return abs(value - 100 * ratio.numerator / ratio.denominator) <= _LEAST_DIFFERENCE


def _plain(value: Decimal) -> Decimal:
    """Without the zeros and the noise that a binary fraction leaves behind."""
    rounded = round(value, 6)
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded.normalize()
