"""The few words of a spreadsheet's formulas that are understood: arithmetic, comparison, and functions over numbers.

Own code, because the libraries that compute workbooks are under copyleft licences or no longer kept. Nothing is ever
called by its name: a function that is not in the table below makes the formula one that is not computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeAlias

MOST_NESTING = 60
MOST_LETTERS = 8192  # as in Excel

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<text>"(?:[^"]|"")*")
    | (?P<cells>(?:(?:'(?:[^'\[\]]|'')+'|[^\W\d][\w.]*)!)?\$?[A-Za-z]{1,3}\$?\d{1,7}(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?(?![\w(]))
    | (?P<name>[A-Za-z][A-Za-z.]*)
    | (?P<mark><>|<=|>=|[-+*/^&=<>(),;%])
    )""",
    re.VERBOSE,
)

Value: TypeAlias = Decimal | str | bool | None


class NotComputableError(Exception):
    """The formula is none of the simple ones, or its operands are no numbers."""


def compute(formula: str, cells: Callable[[str], list[Value]]) -> Value:
    """The result of ``formula`` (with or without its «=»); ``cells`` gives the values of a reference such as ``Sheet!A1:B2``.

    Raises ``NotComputableError`` or ``ArithmeticError``.
    """
    if len(formula) > MOST_LETTERS:
        raise NotComputableError("công thức quá dài")
    return _Formula(formula, cells).result()


class _Formula:
    """One formula, computed while it is read from left to right."""

    def __init__(self, text: str, cells: Callable[[str], list[Value]]) -> None:
        self._cells = cells
        self._tokens = _tokens(text.removeprefix("="))
        self._at = 0
        self._nesting = 0

    def result(self) -> Value:
        value = self._comparison()
        if self._at != len(self._tokens):
            raise NotComputableError("cú pháp")
        return _one(value)

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, *marks: str) -> str:
        token = self._peek()
        if token not in marks or self._tokens[self._at][0] != "mark":
            return ""
        self._at += 1
        return token

    def _comparison(self) -> Any:
        left = self._joined()
        while mark := self._take("=", "<>", "<", ">", "<=", ">="):
            left = _compare(_one(left), _one(self._joined()), mark)
        return left

    def _joined(self) -> Any:
        left = self._sum()
        while self._take("&"):
            left = _as_text(_one(left)) + _as_text(_one(self._sum()))
        return left

    def _sum(self) -> Any:
        left = self._product()
        while mark := self._take("+", "-"):
            right = _number(_one(self._product()))
            left = _number(_one(left)) + right if mark == "+" else _number(_one(left)) - right
        return left

    def _product(self) -> Any:
        left = self._power()
        while mark := self._take("*", "/"):
            right = _number(_one(self._power()))
            if mark == "/" and not right:
                raise NotComputableError("chia cho 0")
            left = _number(_one(left)) * right if mark == "*" else _number(_one(left)) / right
        return left

    def _power(self) -> Any:
        left = self._signed()
        while self._take("^"):
            exponent = _number(_one(self._signed()))
            if exponent != exponent.to_integral_value() or abs(exponent) > 20:
                raise NotComputableError("lũy thừa")
            left = _number(_one(left)) ** int(exponent)
        return left

    def _signed(self) -> Any:
        self._nesting += 1
        if self._nesting > MOST_NESTING:
            raise NotComputableError("lồng quá sâu")
        sign = self._take("-", "+")
        value = self._signed() if sign else self._single()
        self._nesting -= 1
        if sign:
            value = -_number(_one(value)) if sign == "-" else _number(_one(value))
        while self._take("%"):
            value = _number(_one(value)) / 100
        return value

    def _single(self) -> Any:
        if self._take("("):
            value = self._comparison()
            if not self._take(")"):
                raise NotComputableError("cú pháp")
            return value
        if self._at >= len(self._tokens):
            raise NotComputableError("cú pháp")
        kind, token = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return Decimal(token)
        if kind == "text":
            return token[1:-1].replace('""', '"')
        if kind == "cells":
            return self._cells(token)
        if kind == "name":
            return self._named(token.upper())
        raise NotComputableError("cú pháp")

    def _named(self, name: str) -> Any:
        if name in ("TRUE", "FALSE") and self._peek() != "(":
            return name == "TRUE"
        function = _FUNCTIONS.get(name)
        if function is None or not self._take("("):
            raise NotComputableError(name)
        arguments: list[Any] = []
        while not self._take(")"):
            arguments.append(None if self._peek() in (",", ";") else self._argument())
            if not self._take(",", ";") and self._peek() != ")":
                raise NotComputableError("cú pháp")
        return function(arguments)

    def _argument(self) -> Any:
        """A value, or why there is none: IF and IFERROR look at one of two only."""
        before = self._at
        try:
            return self._comparison()
        except (NotComputableError, InvalidOperation) as error:
            self._at = before
            self._skip()
            return error

    def _skip(self) -> None:
        depth = 0
        while self._at < len(self._tokens):
            token = self._peek()
            if depth == 0 and token in (",", ";", ")"):
                return
            depth += {"(": 1, ")": -1}.get(token, 0)
            self._at += 1


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotComputableError(text[at : at + 20])
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def _one(value: Any) -> Value:
    """A single value: a reference to one cell is that cell's."""
    if isinstance(value, Exception):
        raise value
    if isinstance(value, list):
        if len(value) != 1:
            raise NotComputableError("nhiều ô")
        value = value[0]
    return value  # type: ignore[no-any-return]


def _number(value: Value) -> Decimal:
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


def _as_text(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value.to_integral_value() if value == value.to_integral_value() else value:f}"
    return "" if value is None else str(value)


def _compare(left: Value, right: Value, mark: str) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        first: Any = _as_text(left).lower()
        second: Any = _as_text(right).lower()
    else:
        first, second = _number(left), _number(right)
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
            figures.append(_number(_one(argument)))
    return figures


def _sum(arguments: Sequence[Any]) -> Decimal:
    return sum(_figures(arguments), Decimal(0))


def _average(arguments: Sequence[Any]) -> Decimal:
    figures = _figures(arguments)
    if not figures:
        raise NotComputableError("không có số")
    return sum(figures, Decimal(0)) / len(figures)


def _rounded(arguments: Sequence[Any]) -> Decimal:
    number = _number(_one(arguments[0]))
    places = int(_number(_one(arguments[1]))) if len(arguments) > 1 else 0
    if not -15 <= places <= 15:
        raise NotComputableError("ROUND")
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _if(arguments: Sequence[Any]) -> Value:
    if not 2 <= len(arguments) <= 3:
        raise NotComputableError("IF")
    condition = _one(arguments[0])
    if isinstance(condition, str):
        raise NotComputableError("IF")
    if _number(condition):
        return _one(arguments[1])
    return _one(arguments[2]) if len(arguments) == 3 else False


def _iferror(arguments: Sequence[Any]) -> Value:
    if len(arguments) != 2:
        raise NotComputableError("IFERROR")
    try:
        return _one(arguments[0])
    except NotComputableError as error:
        if str(error) != "chia cho 0":
            raise  # an error of ours is none of the spreadsheet's
        return _one(arguments[1])


_FUNCTIONS: Mapping[str, Callable[[Sequence[Any]], Value]] = {
    "SUM": _sum,
    "AVERAGE": _average,
    "PRODUCT": lambda arguments: _product_of(_figures(arguments)),
    "MIN": lambda arguments: min(_figures(arguments), default=Decimal(0)),
    "MAX": lambda arguments: max(_figures(arguments), default=Decimal(0)),
    "COUNT": lambda arguments: Decimal(sum(isinstance(v, Decimal) for a in arguments for v in _values(a))),
    "COUNTA": lambda arguments: Decimal(sum(v is not None for a in arguments for v in _values(a))),
    "ABS": lambda arguments: abs(_number(_one(arguments[0]))) if len(arguments) == 1 else _refuse("ABS"),
    "ROUND": lambda arguments: _rounded(arguments) if arguments else _refuse("ROUND"),
    "IF": _if,
    "IFERROR": _iferror,
    "AND": lambda arguments: all(_number(v) for a in arguments for v in _values(a)),
    "OR": lambda arguments: any(_number(v) for a in arguments for v in _values(a)),
    "NOT": lambda arguments: not _number(_one(arguments[0])) if len(arguments) == 1 else _refuse("NOT"),
}


def _values(argument: Any) -> list[Value]:
    return argument if isinstance(argument, list) else [_one(argument)]


def _product_of(figures: Sequence[Decimal]) -> Decimal:
    product = Decimal(1)
    for figure in figures:
        product *= figure
    return product


def _refuse(name: str) -> Value:
    raise NotComputableError(name)
