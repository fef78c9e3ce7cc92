"""The few words of a spreadsheet's formulas that are understood: arithmetic, comparison, and functions over numbers.

Own code, because the libraries that compute workbooks are under copyleft licences or no longer kept. Nothing is ever
called by its name: a function that is not in the table of ``functions`` makes the formula one that is not computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from ingestion.forms.containers.functions import (
    FUNCTIONS,
    NotComputableError,
    Value,
    compare,
    number_of,
    single,
    text_of,
)

__all__ = ["NotComputableError", "Value", "compute"]

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
        return single(value)

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
            left = compare(single(left), single(self._joined()), mark)
        return left

    def _joined(self) -> Any:
        left = self._sum()
        while self._take("&"):
            left = text_of(single(left)) + text_of(single(self._sum()))
        return left

    def _sum(self) -> Any:
        left = self._product()
        while mark := self._take("+", "-"):
            right = number_of(single(self._product()))
            left = number_of(single(left)) + right if mark == "+" else number_of(single(left)) - right
        return left

    def _product(self) -> Any:
        left = self._power()
        while mark := self._take("*", "/"):
            right = number_of(single(self._power()))
            if mark == "/" and not right:
                raise NotComputableError("chia cho 0")
            left = number_of(single(left)) * right if mark == "*" else number_of(single(left)) / right
        return left

    def _power(self) -> Any:
        left = self._signed()
        while self._take("^"):
            exponent = number_of(single(self._signed()))
            if exponent != exponent.to_integral_value() or abs(exponent) > 20:
                raise NotComputableError("lũy thừa")
            left = number_of(single(left)) ** int(exponent)
        return left

    def _signed(self) -> Any:
        self._nesting += 1
        if self._nesting > MOST_NESTING:
            raise NotComputableError("lồng quá sâu")
        sign = self._take("-", "+")
        value = self._signed() if sign else self._single()
        self._nesting -= 1
        if sign:
            value = -number_of(single(value)) if sign == "-" else number_of(single(value))
        while self._take("%"):
            value = number_of(single(value)) / 100
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
        function = FUNCTIONS.get(name)
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
