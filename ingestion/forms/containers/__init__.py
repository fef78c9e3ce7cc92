"""From a file's bytes to tables and text: what kind of file it is by its content, never by its name.

``open_file`` is the door. Archives are unpacked here, in memory; a small ordinary workbook is read at once (``quick``);
everything else is opened in a process of its own under limits (``sandbox``, ``worker``), since the libraries that read
office files were not made for hostile ones.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ingestion.errors import ParseError
from ingestion.forms.containers import sandbox
from ingestion.forms.containers.archives import open_archive
from ingestion.forms.containers.formats import percent_cells
from ingestion.forms.containers.found import Table, Text
from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits, RefusedError
from ingestion.forms.containers.names import safe_path
from ingestion.forms.containers.quick import read_quickly
from ingestion.forms.containers.sniffing import Kind, kind_of
from ingestion.model import Problem

if TYPE_CHECKING:
    from ingestion.forms.grid import Grid

__all__ = ["DEFAULT_LIMITS", "Content", "Limits", "Text", "open_file"]

Content: TypeAlias = "tuple[Grid, ...] | Text"
PercentCells: TypeAlias = "dict[str, set[tuple[int, int]]] | None"


def open_file(
    name: str,
    content: bytes,
    *,
    source: str = "drop",
    limits: Limits = DEFAULT_LIMITS,
    problems: list[Problem] | None = None,
) -> Iterator[tuple[str, Content]]:
    """The tables or the text of each file in ``content``: one for most, several for an archive; (its name, what it holds).

    What could not be read beside them (an entry of an archive, the far end of a sheet) is added to ``problems``. Raises
    ``ParseError`` with a Vietnamese reason when nothing at all can be made of it.
    """
    told: list[Problem] = [] if problems is None else problems
    count = len(told)
    is_anything = False
    deadline = time.monotonic() + limits.most_seconds
    for found in _open(safe_path(name) or "tệp không tên", content, source, limits, told, deadline, nesting=0):
        is_anything = True
        yield found
    if not is_anything and len(told) > count:
        first, *others = told[count:]
        more = f" (và {len(others)} tệp khác trong đó)" if others else ""
        del told[count:]
        raise ParseError(first.message + more, source=source, locator=first.locator)


def _open(
    name: str, content: bytes, source: str, limits: Limits, problems: list[Problem], deadline: float, nesting: int
) -> Iterator[tuple[str, Content]]:
    ordinary = read_quickly(content, limits)
    if ordinary is not None:
        yield name, _grids(ordinary.tables, functools.partial(percent_cells, ordinary.package, limits))
        return
    try:
        kind = _checked_kind(content, limits, deadline, nesting)
        if kind != "archive":
            yield name, _read(name, kind, content, limits, problems, deadline)
            return
    except RefusedError as error:
        if nesting == 0:
            raise ParseError(str(error), source=source, locator=name) from error
        problems.append(Problem("warning", "file_unreadable", str(error), name))
        return
    for path, unpacked in open_archive(content, limits):
        locator = f"{name}/{path}"
        if isinstance(unpacked, RefusedError):
            problems.append(Problem("warning", "file_unreadable", str(unpacked), locator))
        else:
            yield from _open(locator, unpacked, source, limits, problems, deadline, nesting + 1)


def _checked_kind(content: bytes, limits: Limits, deadline: float, nesting: int) -> Kind:
    if len(content) > limits.most_bytes:
        raise RefusedError(f"tệp quá lớn ({len(content) // 2**20} MB, nhiều nhất {limits.most_bytes // 2**20} MB)")
    if time.monotonic() > deadline:
        raise RefusedError("các tệp trước trong tệp nén đọc quá lâu; xin gửi riêng tệp này")
    kind = kind_of(content, limits)
    if kind == "archive" and nesting >= limits.most_nesting:
        raise RefusedError("tệp nén lồng nhau quá sâu")
    return kind


def _read(name: str, kind: Kind, content: bytes, limits: Limits, problems: list[Problem], deadline: float) -> Content:
    answer = sandbox.ask(("read", kind, content), limits, deadline)
    problems.extend(Problem("warning", "file_read_in_part", remark, name) for remark in answer[-1])
    if answer[0] == "text":
        return Text(answer[1], is_recognised=answer[2])
    ask = functools.partial(_ask_for_percent_cells, content, limits) if "workbook" in kind else None
    return _grids([Table(*told) for told in answer[1]], ask)


def _ask_for_percent_cells(content: bytes, limits: Limits) -> PercentCells:
    deadline = time.monotonic() + limits.most_seconds / 4
    cells: PercentCells = sandbox.ask(("percent", content), limits, deadline)[1]
    return cells


def _grids(tables: Sequence[Table], percent_cells_of: Callable[[], PercentCells] | None) -> tuple[Grid, ...]:
    # The reading process imports this package too, and must not pay for what a Grid's module brings.
    from ingestion.forms.grid import Grid

    formats = _Formats(percent_cells_of)
    return tuple(
        Grid(
            table.name,
            table.rows,
            table.first_row,
            table.first_column,
            is_hidden=table.is_hidden,
            doubtful_rows=None if table.doubtful_rows is None else frozenset(table.doubtful_rows),
            is_percent_format=functools.partial(formats.is_percent, table.name),
        )
        for table in tables
    )


class _Formats:
    """How cells of a workbook are shown; looked for only when a figure can't be understood without it."""

    def __init__(self, percent_cells_of: Callable[[], PercentCells] | None) -> None:
        self._percent_cells_of = percent_cells_of
        self._percent: PercentCells = None

    def is_percent(self, sheet: str, row: int, column: int) -> bool | None:
        if self._percent_cells_of is not None:
            try:
                self._percent = self._percent_cells_of()
            except RefusedError:
                self._percent = None  # the cells themselves were read: their formats only stay untold
            self._percent_cells_of = None
        if self._percent is None:
            return None
        return (row, column) in self._percent.get(sheet, ())
