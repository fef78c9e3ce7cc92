"""What the formulas of a spreadsheet reckon with: numbers, texts and truths, and the few functions over them (``arithmetic``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeAlias

Value: TypeAlias = Decimal | str | bool | None


class NotComputableError(Exception):
    """The formula is none of the simple ones, or its operands are no numbers."""


def single(value: Any) -> Value:
    """A single value: a reference to one cell is that cell's."""
    if isinstance(value, Exception):
        raise value
    if isinstance(value, list):
        if len(value) != 1:
            raise NotComputableError("nhiều ô")
        value = value[0]
    return value  # type: ignore[no-any-return]


def number_of(value: Value) -> Decimal:
    if value is None:
        return Decimal(0)
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    try:
        number = Decimal(value.strip().replace(",", "."))
    except InvalidOperation as error:
        raise NotComputableError(value[:20]) from error
    if not number.is_finite():
        raise NotComputableError(value[:20])
    return number


def text_of(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value.to_integral_value() if value == value.to_integral_value() else value:f}"
    return "" if value is None else str(value)


def compare(left: Value, right: Value, mark: str) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        first: Any = text_of(left).lower()
        second: Any = text_of(right).lower()
    else:
        first, second = number_of(left), number_of(right)
    results: dict[str, bool] = {
        "=": first == second, "<>": first != second, "<": first < second,
        ">": first > second, "<=": first <= second, ">=": first >= second,
    }  # fmt: skip
    return results[mark]


def _figures(arguments: Sequence[Any]) -> list[Decimal]:
    """The numbers among arguments: of a range only its numbers count, as in a spreadsheet."""
    figures: list[Decimal] = []
    for argument in arguments:
        if isinstance(argument, list):
            if any(isinstance(value, Exception) for value in argument):
                raise NotComputableError("ô lỗi")
            figures.extend(value for value in argument if isinstance(value, Decimal))
        else:
            figures.append(number_of(single(argument)))
    return figures


def _sum(arguments: Sequence[Any]) -> Decimal:
    return sum(_figures(arguments), Decimal(0))


def _average(arguments: Sequence[Any]) -> Decimal:
    figures = _figures(arguments)
    if not figures:
        raise NotComputableError("không có số")
    return sum(figures, Decimal(0)) / len(figures)


def _rounded(arguments: Sequence[Any]) -> Decimal:
    number = number_of(single(arguments[0]))
    places = int(number_of(single(arguments[1]))) if len(arguments) > 1 else 0
    if not -15 <= places <= 15:
        raise NotComputableError("ROUND")
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _if(arguments: Sequence[Any]) -> Value:
    if not 2 <= len(arguments) <= 3:
        raise NotComputableError("IF")
    condition = single(arguments[0])
    if isinstance(condition, str):
        raise NotComputableError("IF")
    if number_of(condition):
        return single(arguments[1])
    return single(arguments[2]) if len(arguments) == 3 else False


def _iferror(arguments: Sequence[Any]) -> Value:
    if len(arguments) != 2:
        raise NotComputableError("IFERROR")
    try:
        return single(arguments[0])
    except NotComputableError as error:
        if str(error) != "chia cho 0":
            raise  # an error of ours is none of the spreadsheet's
        return single(arguments[1])


FUNCTIONS: Mapping[str, Callable[[Sequence[Any]], Value]] = {
    "SUM": _sum,
    "AVERAGE": _average,
    "PRODUCT": lambda arguments: _product_of(_figures(arguments)),
    "MIN": lambda arguments: min(_figures(arguments), default=Decimal(0)),
    "MAX": lambda arguments: max(_figures(arguments), default=Decimal(0)),
    "COUNT": lambda arguments: Decimal(sum(isinstance(v, Decimal) for a in arguments for v in _values(a))),
    "COUNTA": lambda arguments: Decimal(sum(v is not None for a in arguments for v in _values(a))),
    "ABS": lambda arguments: abs(number_of(single(arguments[0]))) if len(arguments) == 1 else _refuse("ABS"),
    "ROUND": lambda arguments: _rounded(arguments) if arguments else _refuse("ROUND"),
    "IF": _if,
    "IFERROR": _iferror,
    "AND": lambda arguments: all(number_of(v) for a in arguments for v in _values(a)),
    "OR": lambda arguments: any(number_of(v) for a in arguments for v in _values(a)),
    "NOT": lambda arguments: not number_of(single(arguments[0])) if len(arguments) == 1 else _refuse("NOT"),
}


def _values(argument: Any) -> list[Value]:
    return argument if isinstance(argument, list) else [single(argument)]


def _product_of(figures: Sequence[Decimal]) -> Decimal:
    product = Decimal(1)
    for figure in figures:
        product *= figure
    return product


def _refuse(name: str) -> Value:
    raise NotComputableError(name)
