"""A table of a PDF without drawn lines, put together again from where its words stand.

Columns part between the words of the head, where the fewest words of the body are in the way. Lines of one cell stand one
pitch apart, rows a little further; the cells of a row share their top, their middle or their foot. Where a piece fits none
of this, its row and the ones beside it are named as doubtful: no figure moves to another line unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from statistics import median, mode

from ingestion.forms.containers.found import Cell
from ingestion.forms.containers.heads import anchors_of, column_of, edges_of, head_of, head_row
from ingestion.forms.containers.words import (
    Word,
    height_of,
    lines_of,
    middle_of,
    said_in,
    text_of,
    without_page_numbers,
)

#: Ways between lines that differ by no more points are the same way.
_SAME_WAY = 0.2
#: Pages are laid one below the other, further apart than any page is high.
_PAGE = 20_000.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows of a table, and which of them are doubtful."""

    rows: list[list[Cell]]
    doubtful: frozenset[int]


@dataclass
class _Block:
    """The lines of one cell, as far as they stand close together; whole before it is asked where it stands."""

    lines: list[list[Word]]

    @cached_property
    def top(self) -> float:
        return float(min(word["top"] for word in self.lines[0]))

    @cached_property
    def bottom(self) -> float:
        return float(max(word["bottom"] for word in self.lines[-1]))

    @property
    def text(self) -> str:
        return "\n".join(" ".join(word["text"] for word in line) for line in self.lines)


@dataclass(slots=True)
class _Row:
    label: _Block
    cells: dict[int, list[_Block]] = field(default_factory=dict)
    is_doubtful: bool = False


def cut_by_places(pages: Sequence[Sequence[Word]]) -> Cut | None:
    """The table on these pages' words; None where it has no head that tells its columns, or no rows that stand apart."""
    words = [
        {**word, "top": word["top"] + number * _PAGE, "bottom": word["bottom"] + number * _PAGE}
        for number, page in enumerate(pages)
        for word in without_page_numbers(page)
    ]
    lines = lines_of(words)
    head = head_of(lines)
    if head is None:
        return None
    anchors = anchors_of([word for line in lines[head.start : head.stop] for word in line])
    if anchors is None:
        return None
    heads, label_column = anchors
    said_in_head = {text_of(line) for line in lines[head.start : head.stop]}
    body = [line for line in lines[head.stop :] if text_of(line) not in said_in_head]
    edges, is_certain = edges_of(body, heads)
    table: list[list[Cell]] = [[said_in(line)] for line in lines[: head.start]]
    table.append(head_row(lines[head.start : head.stop], edges))
    rows = _rows(body, edges, label_column, next(n for n, head in enumerate(heads) if head.is_of_figures))
    if rows is None:
        first = len(table)
        table.extend(_cells_of_line(line, edges) for line in body)
        is_sure = is_certain and _begin_with_their_figures(body, edges, label_column)
        return Cut(table, frozenset() if is_sure else frozenset(range(first, len(table))))
    doubtful = set()
    for row in rows:
        if row.is_doubtful or not is_certain:
            doubtful.add(len(table))
        cells: list[Cell] = [None] * (len(edges) + 1)
        cells[label_column] = row.label.text
        for column, blocks in row.cells.items():
            own = "\n".join(block.text for block in blocks)
            cells[column] = f"{cells[column]}\n{own}" if cells[column] else own
        table.append(cells)
    return Cut(table, frozenset(doubtful))


def _rows(
    body: Sequence[Sequence[Word]], edges: Sequence[float], label_column: int, figures_column: int
) -> list[_Row] | None:
    """The rows of the table; None where rows stand no further apart than the lines of a cell."""
    columns: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    for line in body:
        for word in line:
            columns[column_of(word, edges)].append(word)
    label_lines = lines_of(columns[label_column])
    if not label_lines:
        return None
    height = median(map(height_of, columns[label_column]))
    pitch = _pitch(label_lines, height)
    if pitch is None:
        return None
    blocks = [_blocks(lines_of(own), pitch) for own in columns]
    rows = [_Row(block) for block in blocks[label_column]]
    others = [(column, block) for column, own in enumerate(blocks) if column != label_column for block in own]
    if not others or len(rows) < len(lines_of(columns[figures_column])):
        return None
    place = min(_ALIGNMENTS, key=lambda place: sum(min(_distance(rows, block, place), height) for _, block in others))
    for column, block in others:
        _give(rows, column, block, place, height * 0.3)
    for number, row in enumerate(rows):
        if _may_be_two(row) or any(map(_is_printed_over, row.label.lines)):
            _doubt(rows, number)
    return rows


def _doubt(rows: Sequence[_Row], number: int) -> None:
    """A row, and those beside it: what it has may be theirs."""
    for near in rows[max(number - 1, 0) : number + 2]:
        near.is_doubtful = True


def _is_printed_over(line: Sequence[Word]) -> bool:
    """Whether words stand upon each other: a row too low for what is written in it."""
    return any(after["x0"] < before["x1"] - 0.1 * height_of(before) for before, after in pairwise(line))


def _may_be_two(row: _Row) -> bool:
    """Whether a line of the label, not the first, begins as a label does and stands level with a unit or a figure."""
    beside = [line[0] for blocks in row.cells.values() for block in blocks for line in block.lines]
    return any(
        line[0]["text"][:1].isupper()
        and any(abs(middle_of(line[0]) - middle_of(word)) < 0.25 * height_of(word) for word in beside)
        for line in row.label.lines[1:]
    )


_ALIGNMENTS: tuple[Callable[[_Block], float], ...] = (
    lambda block: block.top,
    lambda block: (block.top + block.bottom) / 2,
    lambda block: block.bottom,
)


def _distance(rows: Sequence[_Row], block: _Block, place: Callable[[_Block], float]) -> float:
    return min(abs(place(row.label) - place(block)) for row in rows)


def _give(rows: Sequence[_Row], column: int, block: _Block, place: Callable[[_Block], float], most: float) -> None:
    """Put a block into the row that it is level with; where there is none, into the nearest, which is doubtful then."""
    number = min(range(len(rows)), key=lambda number: abs(place(rows[number].label) - place(block)))
    row = rows[number]
    is_level = abs(place(row.label) - place(block)) <= most
    if not is_level or column in row.cells:
        _doubt(rows, number)
    row.cells.setdefault(column, []).append(block)


def _pitch(lines: Sequence[Sequence[Word]], height: float) -> float | None:
    """The way from line to line above which a new row begins; None where rows stand no further apart than lines of a cell."""
    ways = sorted(middle_of(below[0]) - middle_of(above[0]) for above, below in pairwise(lines))
    ways = [way for way in ways if 0.95 * height <= way < 4 * height]
    groups: list[list[float]] = []
    for way in ways:
        if groups and way - groups[-1][-1] < _SAME_WAY:
            groups[-1].append(way)
        else:
            groups.append([way])
    frequent = [group for group in groups if len(group) >= 3]
    if not frequent:
        return None
    return mode([round(way, 1) for way in frequent[0]]) + _SAME_WAY


def _blocks(lines: Sequence[list[Word]], pitch: float) -> list[_Block]:
    blocks: list[_Block] = []
    for line in lines:
        if blocks and middle_of(line[0]) - middle_of(blocks[-1].lines[-1][0]) < pitch:
            blocks[-1].lines.append(line)
        else:
            blocks.append(_Block([line]))
    return blocks


# Line by line ---------------------------------------------------------------------------------------------------------


def _cells_of_line(line: Sequence[Word], edges: Sequence[float]) -> list[Cell]:
    columns = [column_of(word, edges) for word in line]
    return [
        said_in([word for word, own in zip(line, columns, strict=True) if own == column]) or None
        for column in range(len(edges) + 1)
    ]


def _begin_with_their_figures(body: Sequence[Sequence[Word]], edges: Sequence[float], label_column: int) -> bool:
    """Whether each row begins with the line in which its unit and figure stand: such lines hold a label, and it begins
    with a capital or a dash, as a label does and its second line does not."""
    begun = [_cells_of_line(line, edges) for line in body]
    told = [cells for cells in begun if any(cells[label_column + 1 :]) or any(cells[:label_column])]
    figures = [cells[label_column] for cells in begun if any(cells[label_column + 1 : -1])]
    if len(figures) < 8 or not all(figures):
        return False
    starts = sum(str(cell)[0].isupper() or not str(cell)[0].isalpha() for cell in figures)
    return starts >= 0.97 * len(figures) and len(told) > 0
