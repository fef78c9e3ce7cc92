"""Formulas of the binary workbooks, written as a person types them: the parsed tokens of .xls ([MS-XLS] 2.5.198) and .xlsb
([MS-XLSB] 2.2.2), which stand in the order in which they are computed. Only what ``arithmetic`` understands is written out.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.utils.cell import get_column_letter


class UnknownTokenError(Exception):
    """A token that is not written out: a name, a table, another workbook, a function nobody needs here."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How wide addresses and texts are written."""

    row_bytes: int
    most_rows: int
    most_columns: int
    is_text_always_wide: bool


XLS = Dialect(2, 1 << 16, 1 << 8, is_text_always_wide=False)
XLSB = Dialect(4, 1 << 20, 1 << 14, is_text_always_wide=True)

# Mark and how tightly it binds; tokens 3 to 14.
_BINARY = dict(enumerate(zip("+-*/^&", (3, 3, 4, 4, 5, 2), strict=True), start=3))
_BINARY |= {9: ("<", 1), 10: ("<=", 1), 11: ("=", 1), 12: (">=", 1), 13: (">", 1), 14: ("<>", 1)}
_SIGN, _PERCENT, _WHOLE = 6, 7, 9
# Number of a function: its name, and how many arguments it takes where that is not written beside it.
_FUNCTIONS = {
    0: ("COUNT", 0), 1: ("IF", 0), 4: ("SUM", 0), 5: ("AVERAGE", 0), 6: ("MIN", 0), 7: ("MAX", 0), 24: ("ABS", 1),
    27: ("ROUND", 2), 34: ("TRUE", 0), 35: ("FALSE", 0), 36: ("AND", 0), 37: ("OR", 0), 38: ("NOT", 1),
    169: ("COUNTA", 0), 183: ("PRODUCT", 0), 480: ("IFERROR", 2),
}  # fmt: skip


def written_out(tokens: bytes, row: int, column: int, dialect: Dialect, sheets: Sequence[str | None]) -> str:
    """The formula of the cell at (row, column), from 0, with its «=». ``sheets``: which sheet each outer reference means.

    Raises ``UnknownTokenError``, also for tokens that are cut off.
    """
    reading = _Reading(tokens, row, column, dialect, sheets)
    try:
        while reading.at < len(tokens):
            reading.step()
        ((text, _),) = reading.stack
    except (struct.error, IndexError, ValueError) as error:
        raise UnknownTokenError("thiếu") from error
    return f"={text}"


class _Reading:
    """Tokens taken one after the other; what was written so far stands on a stack, with how tightly it binds."""

    def __init__(self, tokens: bytes, row: int, column: int, dialect: Dialect, sheets: Sequence[str | None]) -> None:
        self._tokens, self._row, self._column, self._dialect, self._sheets = tokens, row, column, dialect, sheets
        self.at = 0
        self.stack: list[tuple[str, int]] = []

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self._tokens, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def step(self) -> None:
        token = self._take("B")[0]
        if token >= 0x20:
            self._operand((token & 0x1F) | 0x20)
        elif token in _BINARY:
            self._binary(*_BINARY[token])
        elif token in (0x12, 0x13):
            self.stack.append(("+-"[token - 0x12] + self._bound(_SIGN), _SIGN))
        elif token == 0x14:
            self.stack.append((self._bound(_PERCENT) + "%", _PERCENT))
        elif token == 0x15:
            self.stack.append((f"({self.stack.pop()[0]})", _WHOLE))
        elif token == 0x19:
            self._attribute()
        else:
            self.stack.append((self._constant(token), _WHOLE))

    def _bound(self, least: int) -> str:
        text, binding = self.stack.pop()
        return text if binding >= least else f"({text})"

    def _binary(self, mark: str, binding: int) -> None:
        right, left = self._bound(binding + 1), self._bound(binding)
        self.stack.append((left + mark + right, binding))

    def _constant(self, token: int) -> str:
        if token == 0x16:
            return ""
        if token == 0x17:
            return '"' + self._text().replace('"', '""') + '"'
        if token == 0x1D:
            return "TRUE" if self._take("B")[0] else "FALSE"
        if token == 0x1E:
            return str(self._take("H")[0])
        if token == 0x1F:
            return repr(self._take("d")[0])
        raise UnknownTokenError(f"{token:02x}")

    def _text(self) -> str:
        length = self._take("H" if self._dialect.is_text_always_wide else "B")[0]
        is_wide = self._dialect.is_text_always_wide or self._take("B")[0] & 1
        content = self._tokens[self.at : self.at + length * (2 if is_wide else 1)]
        self.at += len(content)
        return content.decode("utf-16-le" if is_wide else "latin-1")

    def _attribute(self) -> None:
        kind, _ = self._take("BH")
        if kind == 0x10:
            self.stack.append((f"SUM({self.stack.pop()[0]})", _WHOLE))
        elif kind & 0x04:
            raise UnknownTokenError("CHOOSE")

    def _operand(self, token: int) -> None:
        if token in (0x21, 0x22):
            self.stack.append((self._called(is_counted=token == 0x22), _WHOLE))
        elif token in (0x24, 0x25, 0x2C, 0x2D):
            self.stack.append((self._cells(is_area=token & 1 == 1, is_relative=token > 0x2B), _WHOLE))
        elif token in (0x3A, 0x3B):
            sheet = self._sheets[self._take("H")[0]]
            if sheet is None:
                raise UnknownTokenError("tệp khác")
            cells = self._cells(is_area=token == 0x3B, is_relative=False)
            self.stack.append(("'" + sheet.replace("'", "''") + "'!" + cells, _WHOLE))
        else:
            raise UnknownTokenError(f"{token:02x}")

    def _called(self, *, is_counted: bool) -> str:
        count = self._take("B")[0] & 0x7F if is_counted else None
        number = self._take("H")[0] & 0x7FFF
        if number not in _FUNCTIONS:
            raise UnknownTokenError(f"hàm {number}")
        name, fixed = _FUNCTIONS[number]
        count = fixed if count is None else count
        if count > len(self.stack):
            raise UnknownTokenError("thiếu")
        arguments = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return name if name in ("TRUE", "FALSE") else f"{name}({','.join(text for text, _ in arguments)})"

    def _cells(self, *, is_area: bool, is_relative: bool) -> str:
        row = "I" if self._dialect.row_bytes == 4 else "H"
        if is_area:
            top, bottom, left, right = self._take(row * 2 + "HH")
            return f"{self._cell(top, left, is_relative)}:{self._cell(bottom, right, is_relative)}"
        place = self._take(row + "H")
        return self._cell(place[0], place[1], is_relative)

    def _cell(self, row: int, column: int, is_relative: bool) -> str:
        """In formulas that cells share, what is not fixed is counted from the cell, round the edge of the sheet."""
        if is_relative and column & 0x8000:
            row += self._row
        if is_relative and column & 0x4000:
            column += self._column
        return f"{get_column_letter(column % self._dialect.most_columns + 1)}{row % self._dialect.most_rows + 1}"
