"""The records of which the parts of an .xlsb are made ([MS-XLSB] 2.1.4)."""

from __future__ import annotations

from collections.abc import Iterator

# Record types of [MS-XLSB] 2.3.1.
ROW, FIRST_CELL, LAST_CELL = 0, 1, 11
SHEET = 156


def records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a part: type and length are written seven bits a byte; what is cut off at the end is left out."""
    at = 0
    while at < len(content):
        kind, at = _varying(content, at, 2)
        length, at = _varying(content, at, 4)
        yield kind, content[at : at + length]
        at += length


def _varying(content: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place in range(most):
        byte = content[at] if at < len(content) else 0
        value |= (byte & 0x7F) << (7 * place)
        at += 1
        if not byte & 0x80:
            break
    return value, at


def string(record: bytes, at: int) -> tuple[str, int]:
    """A text with its length in front, and where it ends."""
    length = int.from_bytes(record[at : at + 4], "little")
    end = at + 4 + 2 * min(length, len(record))
    return record[at + 4 : end].decode("utf-16-le", errors="replace"), end
