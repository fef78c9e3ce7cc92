"""The columns of a PDF's table without drawn lines: told by the words of its head, parted where the fewest words of the
body are in the way.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median

from ingestion.forms.containers.found import Cell
from ingestion.forms.containers.words import Word, height_of, lines_of, middle_of, text_of
from ingestion.forms.text import fold

_MOST_HEAD_LINES = 6
#: Between two words of one cell, in heights of a letter; a font's own blank is a quarter to a third of it.
_MOST_BLANK = 0.4
_LABEL = re.compile(r"\b(?:chi tieu|noi dung|tieu chi|danh muc)\b")
_OTHERS = (
    re.compile(r"\b(?:don vi|dvt)\b"),
    re.compile(r"\b(?:so lieu|ket qua|gia tri|thuc hien|so luong)\b"),
    re.compile(r"\b(?:ghi chu|dien giai|giai trinh|thuyet minh|tai lieu kiem chung)\b"),
)
_OVER_ALL = re.compile(r"\bket qua(?: thong ke| thuc hien| bao cao)?\b")
_FIGURES = re.compile(r"so(?: lieu)?|gia tri|thuc hien|so luong")
#: With what a head begins, however close it stands to its neighbour.
_BEGINNINGS = frozenset(("chi", "don", "so", "ghi", "dvt"))
_HEAD_WORDS = frozenset(
    (
        "tt", "stt", "so", "thu", "tu", "muc", "ma", "chi", "tieu", "thong", "ke", "noi", "dung", "danh", "ten", "don",
        "vi", "tinh", "dvt", "lieu", "ket", "qua", "gia", "tri", "thuc", "hien", "luong", "ghi", "chu", "dien", "giai",
        "trinh", "thuyet", "minh", "tai", "kiem", "chung", "hoach", "ky", "nam", "truoc", "nay", "bao", "cao", "trong",
        "den", "luy", "cot",
    )
)  # fmt: skip
_FIGURE = re.compile(r"[-–]|[-+]?\d[\d.,]*%?")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: from where to where its words stand."""

    left: float
    right: float
    is_of_figures: bool

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def head_of(lines: Sequence[Sequence[Word]]) -> range | None:
    """The lines of the head: around the one with «chỉ tiêu», as far as they say nothing but words of heads."""
    for number, line in enumerate(lines):
        if not _LABEL.search(text_of(line)) or not _is_of_head(line):
            continue
        start, stop = number, number + 1
        while start > 0 and number - start < _MOST_HEAD_LINES and _is_near(lines[start - 1], lines[start]):
            start -= 1
        while stop < len(lines) and stop - number < _MOST_HEAD_LINES and _is_near(lines[stop], lines[stop - 1]):
            stop += 1
        said = " ".join(text_of(each) for each in lines[start:stop])
        if sum(bool(kind.search(said)) for kind in _OTHERS) >= 2:
            return range(start, stop)
    return None


def _is_of_head(line: Sequence[Word]) -> bool:
    said = [token for token in text_of(line).split() if not token.isdigit()]
    return bool(said) and all(token in _HEAD_WORDS for token in said)


def _is_near(line: Sequence[Word], beside: Sequence[Word]) -> bool:
    height = beside[0]["bottom"] - beside[0]["top"]
    return _is_of_head(line) and abs(middle_of(line[0]) - middle_of(beside[0])) < 3 * height


def anchors_of(words: Sequence[Word]) -> tuple[list[Head], int] | None:
    """The head of each column from left to right, and which of them is the labels'."""
    cells = _head_cells(words)
    names = [fold(" ".join(word["text"] for word in cell)) for cell in cells]
    labels = [number for number, name in enumerate(names) if _LABEL.search(name)]
    kinds = [sum(bool(kind.search(name)) for kind in (_LABEL, *_OTHERS)) for name in names]
    has_figures = any(_OTHERS[1].search(name) for name in names)
    if len(labels) != 1 or sum(kinds) < 3 or max(kinds) > 1 or not has_figures:
        return None
    heads = [
        Head(min(word["x0"] for word in cell), max(word["x1"] for word in cell), _OTHERS[1].search(name) is not None)
        for cell, name in zip(cells, names, strict=True)
    ]
    return heads, labels[0]


def _head_cells(words: Sequence[Word]) -> list[list[Word]]:
    """The words of each lowest cell of the head, from left to right; a cell that spans several below it is left out."""
    pieces: list[list[Word]] = []
    blank = _MOST_BLANK * median(map(height_of, words))
    for line in lines_of(words):
        for word in line:
            begins = fold(word["text"]) in _BEGINNINGS
            if pieces and pieces[-1][-1] in line and word["x0"] - pieces[-1][-1]["x1"] < blank and not begins:
                pieces[-1].append(word)
            else:
                pieces.append([word])
    has_figures = any(_FIGURES.fullmatch(text_of(piece)) for piece in pieces)
    wide = [
        piece
        for piece in pieces
        if (has_figures and _OVER_ALL.fullmatch(text_of(piece)))
        or sum(_overlap(piece, other) > 0.15 and other[0]["top"] > piece[0]["top"] for other in pieces) >= 2
    ]
    cells: list[list[Word]] = []
    for piece in sorted((piece for piece in pieces if piece not in wide), key=lambda piece: piece[0]["top"]):
        over = next((cell for cell in cells if _overlap(piece, cell) > 0.3), None)
        if over is None:
            cells.append(list(piece))
        else:
            over.extend(piece)
    return sorted(cells, key=lambda cell: min(word["x0"] for word in cell))


def _overlap(one: Sequence[Word], other: Sequence[Word]) -> float:
    """How much two pieces stand above each other: the shared width as a part of the narrower."""
    left, right = min(word["x0"] for word in one), max(word["x1"] for word in one)
    other_left, other_right = min(word["x0"] for word in other), max(word["x1"] for word in other)
    shared = min(right, other_right) - max(left, other_left)
    narrower = min(right - left, other_right - other_left)
    return float(shared / narrower) if narrower > 0 else 0.0


def edges_of(body: Sequence[Sequence[Word]], heads: Sequence[Head]) -> tuple[list[float], bool]:
    """Where neighbouring columns part, and whether that is certain: at the places between their heads over which the
    fewest words stand; beside the figures' column, at the one of them that has all figures on its side."""
    words = [word for line in body for word in line]
    edges, is_certain = [], True
    for left, right in pairwise(heads):
        runs = _open_runs(words, min(left.right, right.left), max(left.right, right.left))
        if len(runs) > 1 and (left.is_of_figures or right.is_of_figures):
            pieces = _pieces(body, left.middle, right.middle)
            wrong = [_misplaced(pieces, (start + stop) / 2, left.is_of_figures) for start, stop in runs]
            fitting = [run for run, count in zip(runs, wrong, strict=True) if count == min(wrong)]
            is_certain = is_certain and min(wrong) * 20 <= len(pieces)
            runs = fitting
        start, stop = max(runs, key=lambda run: run[1] - run[0])
        edges.append((start + stop) / 2)
    return edges, is_certain


def _open_runs(words: Sequence[Word], left: float, right: float) -> list[tuple[float, float]]:
    """The stretches from ``left`` to ``right`` over which the fewest words stand."""
    points = [left + 0.5 * step for step in range(int((right - left) * 2) + 1)]
    changes = [0] * (len(points) + 1)
    for word in words:
        first, stop = bisect_right(points, word["x0"]), bisect_left(points, word["x1"])
        if first < stop:
            changes[first] += 1
            changes[stop] -= 1
    over = list(accumulate(changes[:-1]))
    least = min(over)
    runs: list[tuple[float, float]] = []
    start = None
    for point, count in zip([*points, right], [*over, least + 1], strict=True):
        if count == least:
            start = point if start is None else start
        elif start is not None:
            runs.append((start, point))
            start = None
    return runs


def _pieces(body: Sequence[Sequence[Word]], left: float, right: float) -> list[tuple[float, bool]]:
    """What stands between two heads' middles: the middle of each piece of a line, and whether it is a figure alone."""
    pieces = []
    for line in body:
        piece: list[Word] = []
        for word in [*line, None]:
            if word and (not piece or word["x0"] - piece[-1]["x1"] < _MOST_BLANK * height_of(word)):
                piece.append(word)
                continue
            middle = (piece[0]["x0"] + piece[-1]["x1"]) / 2
            if left < middle < right:
                pieces.append((middle, len(piece) == 1 and _FIGURE.fullmatch(piece[0]["text"]) is not None))
            piece = [word] if word else []
    return pieces


def _misplaced(pieces: Sequence[tuple[float, bool]], edge: float, are_figures_left: bool) -> int:
    return sum(is_figure != ((middle < edge) == are_figures_left) for middle, is_figure in pieces)


def column_of(word: Word, edges: Sequence[float]) -> int:
    middle = (word["x0"] + word["x1"]) / 2
    return sum(1 for edge in edges if edge < middle)


def head_row(lines: Sequence[Sequence[Word]], edges: Sequence[float]) -> list[Cell]:
    words: list[list[str]] = [[] for _ in range(len(edges) + 1)]
    lowest = {id(word) for cell in _head_cells([word for line in lines for word in line]) for word in cell}
    for line in lines:
        for word in line:
            if id(word) in lowest:
                words[column_of(word, edges)].append(word["text"])
    return [" ".join(own) or None for own in words]
