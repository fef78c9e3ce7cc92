"""A table of a PDF without drawn lines and without a head that tells its columns: cut where no word stands over the whole
height. Which line a figure belongs to is not certain then, and every row is doubtful.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ingestion.forms.containers.found import Cell
from ingestion.forms.containers.unruled import Cut
from ingestion.forms.containers.words import Word, said_in

LEAST_ROWS = 8
LEAST_GAP_POINTS = 5.0


def cut_at_gaps(lines: Sequence[Sequence[Word]]) -> Cut | None:
    """The rows of a table without drawn lines: cut at the gaps that go down through nearly all lines of all pages."""
    edges = _gaps(lines)
    if len(edges) < 2:
        return None
    rows: list[list[Cell]] = []
    for line in lines:
        cells: list[Cell] = [None] * (len(edges) + 1)
        if _crosses(line, edges):
            cells[0] = said_in(line)  # a line over the whole page: title, signature
        else:
            for column, words in itertools.groupby(line, key=lambda word: _column(word, edges)):
                cells[column] = said_in(list(words))
        rows.append(cells)
    filled = sum(sum(cell is not None for cell in row) >= 2 for row in rows)
    return Cut(rows, frozenset(range(len(rows)))) if filled >= LEAST_ROWS * 2 else None


def _gaps(lines: Sequence[Sequence[Word]]) -> list[float]:
    """Where columns part: points over which at most one line in twenty-five has a word, wide enough to be no blank."""
    if len(lines) < LEAST_ROWS * 2:
        return []
    right = int(max(word["x1"] for line in lines for word in line)) + 2
    if not 0 < right < 5000:
        return []
    covered = [0] * (right + 1)
    for line in lines:
        if len(line) > 1 and line[0]["x0"] < right:
            for word in line:
                for point in range(max(int(word["x0"]), 0), min(int(word["x1"]) + 1, right)):
                    covered[point] += 1
    most = max(1, len(lines) // 25)
    edges, start = [], None
    for point, count in enumerate(covered):
        if count <= most:
            start = point if start is None else start
            continue
        if start is not None and start > 0 and point - start >= LEAST_GAP_POINTS:
            edges.append((start + point) / 2)
        start = None
    first = min(point for point, count in enumerate(covered) if count > most) if any(c > most for c in covered) else 0
    return [edge for edge in edges if edge > first]


def _crosses(line: Sequence[Word], edges: Sequence[float]) -> bool:
    return any(word["x0"] + 1 < edge < word["x1"] - 1 for word in line for edge in edges)


def _column(word: Word, edges: Sequence[float]) -> int:
    middle = (word["x0"] + word["x1"]) / 2
    return sum(edge < middle for edge in edges)
