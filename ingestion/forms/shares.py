"""Shares as workbooks store them: 1, 100 or 0.9989 for percent, and the ratio that Excel took for a date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from ingestion.forms.notes import read_ratio
from ingestion.forms.values import Reading
from ingestion.model import Ratio

# Up to here a stored share may be a fraction of one (plan shares may exceed the whole a little).
MOST_FRACTION = 3
# A percentage is typed with two decimals at the most.
DECIMALS_OF_A_FRACTION = 3
_LEAST_DIFFERENCE = Decimal("0.05")


def read_share(
    cell: float,
    text: str,
    note: str,
    is_percent_format: Callable[[], bool | None],
    are_fractions: Callable[[], bool | None] = lambda: None,
) -> Reading:
    """A share as stored (above zero): 0.9989 shown as a percentage is 99.89. Where the format doesn't tell, a ratio in the
    note may, then what the form's other shares are (``are_fractions``), then its decimals: nobody types 0.9989 %."""
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
    others = are_fractions()
    if others or (others is None and is_fraction_by_decimals(repr(cell))):
        return Reading(_plain(times_hundred), "reported")
    if others is False:
        return Reading(_plain(as_it_is), "doubtful", f"tỷ lệ ghi {text}, có thể là {_plain(times_hundred):f}%")
    return Reading(_plain(times_hundred), "doubtful", f"tỷ lệ ghi {text}, hiểu là {_plain(times_hundred):f}%")


def is_fraction_by_decimals(text: str) -> bool:
    """Whether a number below one has more decimals than a percentage is typed with."""
    whole, _, decimals = text.strip().replace(",", ".").partition(".")
    return whole == "0" and len(decimals) >= DECIMALS_OF_A_FRACTION


def are_fractions_of_one(shares: Sequence[float]) -> bool | None:
    """Whether the shares of a form (above zero, not shown as percentages) are written as fractions of one: some are, and
    none is more than a whole; None where there are too few to tell."""
    if any(share > MOST_FRACTION for share in shares):
        return False
    if all(share <= 1 for share in shares) and len(shares) >= (2 if any(share < 1 for share in shares) else 3):
        return True
    return None


def ratio_of_date(cell: date, value: Decimal | None, *, is_share: bool) -> Ratio | None:
    """The ratio that was typed where Excel stored a date (``8/8`` became 8 August): the one of day and month that fits the
    figure reported beside it, a share or one of the two counts; None where neither does, or both."""
    if value is None:
        return None
    ratios = {Ratio(Decimal(cell.day), Decimal(cell.month)), Ratio(Decimal(cell.month), Decimal(cell.day))}
    if is_share:
        fitting = [ratio for ratio in ratios if _fits(value, ratio)]
    else:
        fitting = [
            ratio
            for ratio in ratios
            if ratio.numerator <= ratio.denominator and value in (ratio.numerator, ratio.denominator)
        ]
    return fitting[0] if len(fitting) == 1 else None


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
