"""A table of cells to lines of the form: find the columns by meaning, lay the rows on the catalogue, read each figure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

import numpy as np
from rapidfuzz import fuzz, process

from ingestion.forms.align import align
from ingestion.forms.likeness import Matrix, score_windows
from ingestion.forms.lines import line_problems, make_line
from ingestion.forms.notes import read_ratio
from ingestion.forms.text import fold, tidy
from ingestion.forms.values import Reading, read_answer
from ingestion.model import Line, Problem
from ingestion.reference import Indicator

CellValue: TypeAlias = str | int | float | bool | date | time | datetime | timedelta | None

LEAST_LIKENESS = 0.62
EXACT = 1.2
MOST_ROWS_OF_A_LABEL = 3
LEAST_FORM_ROWS = 12
HEAD_DEPTH = 60
# Up to here a stored share may be a fraction of one (plan shares may exceed the whole a little).
MOST_FRACTION = 3

_LABEL_HEADS = ("chi tieu thong ke", "chi tieu", "noi dung", "ten chi tieu", "noi dung chi tieu")
_UNIT_HEADS = ("don vi tinh", "dvt", "don vi")
_VALUE_HEADS = ("so lieu", "ket qua", "gia tri", "so lieu bao cao", "thuc hien", "ket qua thong ke", "so luong")
_NOTE_HEADS = ("ghi chu", "dien giai", "giai trinh")
_NUMBER_HEADS = ("tt", "stt", "so tt", "so thu tu")
_BULLET = re.compile(r"^\s*[-–—+*•]\s*")


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet or table. ``rows[i][j]`` is the cell at row ``first_row + i`` and column ``first_column + j`` (from 0)."""

    name: str
    rows: Sequence[Sequence[CellValue]]
    first_row: int = 0
    first_column: int = 0
    is_hidden: bool = False
    #: Whether the cell at (row, column) of the sheet, from 0, is shown as a percentage; None where the file doesn't tell.
    is_percent_format: Callable[[int, int], bool | None] = lambda _row, _column: None

    def address(self, row: int, column: int) -> str:
        return f"{self.name}!{_letters(self.first_column + column)}{self.first_row + row + 1}"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; a label may stand in several columns side by side. ``head_row`` is the last row of the head."""

    label: tuple[int, ...]
    unit: int | None
    value: int
    note: int | None
    head_row: int


@dataclass(frozen=True, slots=True)
class GridForm:
    """A form found in a grid: its answered rows that were found, the words above it, what to know about it."""

    lines: tuple[Line, ...]
    title: str
    problems: tuple[Problem, ...]
    found_rows: int


def read_grid(grid: Grid, rows: Sequence[Indicator]) -> GridForm | None:
    """Read ``grid`` as a form of the catalogue's ``rows``; None when it holds none."""
    columns = find_columns(grid, rows)
    if columns is None:
        return None
    body = range(columns.head_row + 1, len(grid.rows))
    label_texts = [_label(grid.rows[index], columns.label) for index in body]
    placed = align(_scores(label_texts, rows), LEAST_LIKENESS)
    if len(placed) < LEAST_FORM_ROWS:
        return None
    lines: list[Line] = []
    problems: list[Problem] = []
    for place in placed:
        indicator = rows[place.row]
        if indicator.is_answered:
            line, found = _line(
                grid, columns, [body[index] for index in range(place.start, place.stop)], indicator, place.score
            )
            lines.append(line)
            problems.extend(found)
    problems.extend(_unplaced(grid, columns, body, label_texts, {i for p in placed for i in range(p.start, p.stop)}))
    first = body[placed[0].start]
    head = grid.rows[: min(first, columns.head_row + 1 if columns.head_row >= 0 else first)]
    title = "\n".join(filter(None, (" ".join(filter(None, map(cell_text, row))) for row in head)))
    return GridForm(tuple(lines), title, tuple(problems), len(placed))


def find_columns(grid: Grid, rows: Sequence[Indicator]) -> Columns | None:
    """The columns by their head, and where the head says nothing, by what stands in them."""
    head = _head(grid)
    by_content = None if "label" in head else _by_content(grid, rows)
    label = head.get("label")
    if label is None:
        if by_content is None:
            return None
        label = _first_of_label(grid, by_content)
    last_head_row = max((row for row, _ in _head_cells(grid).values()), default=-1)
    unit = head.get("unit")
    value = head.get("value")
    note = head.get("note")
    if value is None:
        value = _value_by_content(grid, label, unit, note, rows)
        if value is None:
            return None
    if unit is None:
        unit = _unit_by_content(grid, range(label + 1, value), rows)
    right = min([column for column in (unit, value, note) if column is not None and column > label], default=label + 1)
    return Columns(tuple(range(label, right)), unit, value, note, last_head_row)


def cell_text(value: CellValue) -> str:
    """A cell as a person typed it: whole numbers without a point, dates as yyyy-mm-dd."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return tidy(str(value))


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _label(row: Sequence[CellValue], columns: Sequence[int]) -> str:
    text = " ".join(filter(None, (cell_text(row[column]) for column in columns if column < len(row))))
    return _BULLET.sub("", text)


def _head_cells(grid: Grid) -> dict[str, tuple[int, int]]:
    """Where each role's head stands (row, column): the row with the label's head, and the two below it for the others."""
    kinds = {"label": _LABEL_HEADS, "unit": _UNIT_HEADS, "value": _VALUE_HEADS, "note": _NOTE_HEADS}
    for index, row in enumerate(grid.rows[:HEAD_DEPTH]):
        folded = [fold(cell_text(cell)) for cell in row]
        label = next((column for column, text in enumerate(folded) if text in _LABEL_HEADS), None)
        if label is None:
            continue
        found = {"label": (index, label)}
        for below in (index, index + 1, index + 2):
            if below >= len(grid.rows):
                break
            for column, cell in enumerate(grid.rows[below]):
                text = fold(cell_text(cell))
                for kind in ("unit", "value", "note"):
                    # A wide head ("Kết quả thống kê") stands above the narrow ones: the lower row is nearer to the figures.
                    is_nearer = kind not in found or found[kind][0] < below
                    if column > label and text in kinds[kind] and is_nearer:
                        found[kind] = (below, column)
        if len(found) >= 2:
            return found
    return {}


def _head(grid: Grid) -> dict[str, int]:
    cells = _head_cells(grid)
    head = {kind: column for kind, (_, column) in cells.items()}
    if "value" in head and head.get("unit") == head["value"]:
        del head["value"]
    return head


def _by_content(grid: Grid, rows: Sequence[Indicator]) -> int | None:
    """The column in which most cells are labels of the catalogue."""
    labels = {fold(row.label_vi) for row in rows}
    width = max((len(row) for row in grid.rows), default=0)
    best, most = None, LEAST_FORM_ROWS - 1
    for column in range(min(width, 40)):
        texts = [fold(_BULLET.sub("", cell_text(row[column]))) for row in grid.rows if column < len(row)]
        said = sum(text in labels for text in texts)
        if said <= most and len(texts) >= LEAST_FORM_ROWS:
            likeness = process.cdist(
                [text for text in texts if text], sorted(labels), scorer=fuzz.ratio, score_cutoff=75
            )
            said = int((likeness.max(axis=1) > 0).sum()) if likeness.size else 0
        if said > most:
            best, most = column, said
    return best


def _first_of_label(grid: Grid, column: int) -> int:
    """The first of the columns over which a label runs: those left of ``column`` that hold words too."""
    while column > 0:
        texts = [cell_text(row[column - 1]) for row in grid.rows if column <= len(row)]
        filled = [text for text in texts if text]
        if len(filled) < LEAST_FORM_ROWS or sum(" " in text for text in filled) * 3 < len(filled) * 2:
            break
        column -= 1
    return column


def _value_by_content(
    grid: Grid, label: int, unit: int | None, note: int | None, rows: Sequence[Indicator]
) -> int | None:
    """The column right of the label with most numbers."""
    units = {fold(row.unit_vi) for row in rows if row.unit_vi}
    width = max((len(row) for row in grid.rows), default=0)
    best, most = None, 0
    for column in range(label + 1, width):
        if column in (unit, note):
            continue
        cells = [row[column] for row in grid.rows if column < len(row)]
        texts = [cell_text(cell) for cell in cells]
        numbers = sum(bool(re.fullmatch(r"\d[\d.,]*\s?%?", text)) for text in texts)
        if numbers > most and sum(fold(text) in units for text in texts if text) * 2 < len([t for t in texts if t]) + 1:
            best, most = column, numbers
    return best


def _unit_by_content(grid: Grid, columns: range, rows: Sequence[Indicator]) -> int | None:
    """The column in which most of what stands is a unit of the catalogue."""
    units = {fold(row.unit_vi) for row in rows if row.unit_vi}
    for column in columns:
        texts = [fold(cell_text(row[column])) for row in grid.rows if column < len(row)]
        if sum(text in units for text in texts) * 2 > len([text for text in texts if text]):
            return column
    return None


def _scores(label_texts: Sequence[str], rows: Sequence[Indicator]) -> list[Matrix]:
    """Likeness of runs of rows to the catalogue's labels: shared words and spelling, and more where they are the same."""
    folded = [fold(text) for text in label_texts]
    labels = [fold(row.label_vi) for row in rows]
    by_words = score_windows(
        [text.split() for text in folded], tuple(tuple(label.split()) for label in labels), MOST_ROWS_OF_A_LABEL
    )
    scores = []
    for further, words in enumerate(by_words):
        runs = [" ".join(filter(None, folded[start : start + further + 1])) for start in range(len(folded) - further)]
        spelling = process.cdist(runs, labels, scorer=fuzz.ratio, dtype=np.float64) / 100
        score = (words[: len(runs)] + spelling) / 2
        score[spelling == 1] = EXACT
        scores.append(np.vstack([score, words[len(runs) :]]))
    return scores


def _line(
    grid: Grid, columns: Columns, own: Sequence[int], indicator: Indicator, score: float
) -> tuple[Line, list[Problem]]:
    def cells(column: int | None) -> list[tuple[int, CellValue]]:
        if column is None:
            return []
        return [(row, grid.rows[row][column]) for row in own if column < len(grid.rows[row])]

    filled = [(row, cell) for row, cell in cells(columns.value) if cell_text(cell)]
    row, cell = filled[0] if filled else (own[0], None)
    text = cell_text(cell)
    after = columns.note if columns.note is not None else columns.value + 1
    note = tidy(
        " ".join(
            cell_text(grid.rows[index][column])
            for index in own
            for column in range(after, len(grid.rows[index]))
            if column != columns.value
        )
    )
    unit = next((cell_text(cell) for _, cell in cells(columns.unit) if cell_text(cell)), "")
    is_percent = lambda: grid.is_percent_format(grid.first_row + row, grid.first_column + columns.value)  # noqa: E731
    reading = _reading(cell, text, note, indicator, is_percent)
    locator = grid.address(row, columns.value)
    if len(filled) > 1:
        reading = Reading(reading.value, "doubtful", "hai ô số liệu cho một dòng")
    line = make_line(indicator, reading, text=text, note=note, locator=locator, unit=unit, likeness=score)
    return line, line_problems(indicator, reading, line)


def _reading(
    cell: CellValue, text: str, note: str, indicator: Indicator, is_percent_format: Callable[[], bool | None]
) -> Reading:
    if isinstance(cell, (datetime, date, time, timedelta)):
        return Reading(None, "unreadable", f"ô có kiểu ngày giờ ({text}), không phải số")
    if indicator.value_type == "percent" and isinstance(cell, float | int) and cell > 0:
        return _share(float(cell), text, note, is_percent_format() if cell <= MOST_FRACTION else False)
    return read_answer(text, note, indicator)


def _share(cell: float, text: str, note: str, is_percent_format: bool | None) -> Reading:
    """A share as stored: 0.9989 shown as a percentage is 99.89; where the format doesn't tell, a ratio in the note may."""
    as_it_is = Decimal(repr(cell))
    times_hundred = as_it_is * 100
    if is_percent_format:
        return Reading(_plain(times_hundred), "reported")
    if is_percent_format is False and cell >= 1:
        return Reading(_plain(as_it_is), "reported")
    ratio = read_ratio(note)
    if ratio is not None:
        cited = 100 * ratio.numerator / ratio.denominator
        fitting = [value for value in (as_it_is, times_hundred) if abs(value - cited) <= Decimal("0.05")]
        if len(fitting) == 1:
            return Reading(_plain(fitting[0]), "reported")
    if is_percent_format is False:
        return Reading(_plain(as_it_is), "doubtful", f"tỷ lệ ghi {text}, có thể là {_plain(times_hundred):f}%")
    return Reading(_plain(times_hundred), "doubtful", f"tỷ lệ ghi {text}, hiểu là {_plain(times_hundred):f}%")


def _plain(value: Decimal) -> Decimal:
    """Without the zeros and the noise that a binary fraction leaves behind."""
    rounded = round(value, 6)
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded.normalize()


def _unplaced(grid: Grid, columns: Columns, body: range, label_texts: Sequence[str], placed: set[int]) -> list[Problem]:
    """Rows with a label and a figure that are no row of the catalogue: named, so that nothing is lost silently."""
    problems = []
    for index, text in enumerate(label_texts):
        row = grid.rows[body[index]]
        value = cell_text(row[columns.value]) if columns.value < len(row) else ""
        if index not in placed and fold(text) and value:
            message = f"Dòng «{text[:80]}» không có trong biểu; số liệu «{value[:40]}» không được nhận"
            problems.append(Problem("warning", "row_unknown", message, grid.address(body[index], columns.value)))
    return problems
