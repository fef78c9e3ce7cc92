"""``cchc query``: SQL against the published file, printed whole."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any


class QueryError(Exception):
    """The query can't be answered; the message is DuckDB's own."""


class NothingPublishedError(Exception):
    """There is no published file yet."""


def ask(published: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows. The file is opened read-only; ``mart.`` may be left out before a table's name."""
    import duckdb

    if not published.exists():
        raise NothingPublishedError(f"nothing is published yet: {published} comes with the first night (make nightly)")
    try:
        with duckdb.connect(
            str(published), read_only=True, config={"autoinstall_known_extensions": "false"}
        ) as connection:
            connection.execute("set search_path = 'mart'")
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description or ()]
            return names, answer.fetchall() if names else []
    except duckdb.Error as error:
        raise QueryError(str(error)) from error


def as_csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """RFC 4180 with a head; a missing value is empty, a time is ISO."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["" if value is None else plain(value) for value in row] for row in rows])
    return text.getvalue()


def as_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table for the eye: every row, every column at its full width, numbers to the right, NULL where nothing is."""
    cells = [["NULL" if value is None else plain(value).replace("\n", "⏎") for value in row] for row in rows]
    widths = [max([width(name), *(width(row[at]) for row in cells)]) for at, name in enumerate(names)]
    right = [
        any(row[at] is not None for row in rows)
        and all(
            row[at] is None or (isinstance(row[at], int | float | Decimal) and not isinstance(row[at], bool))
            for row in rows
        )
        for at in range(len(names))
    ]
    lines = [
        "  ".join(_padded(name, widths[at], to_right=right[at]) for at, name in enumerate(names)).rstrip(),
        "  ".join("─" * size for size in widths),
    ]
    lines += [
        "  ".join(_padded(cell, widths[at], to_right=right[at]) for at, cell in enumerate(row)).rstrip()
        for row in cells
    ]
    lines.append(f"({len(rows)} row{'' if len(rows) == 1 else 's'})")
    return "\n".join(lines) + "\n"


def plain(value: Any) -> str:
    """A value as a person types it: no exponent, no zeros behind the last decimal, true and false in lower case, ISO times."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def width(text: str) -> int:
    """Columns that a text takes on a terminal: combining marks take none, wide characters two."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _padded(text: str, size: int, *, to_right: bool) -> str:
    gap = " " * (size - width(text))
    return gap + text if to_right else text + gap
