"""The figures and notes of a table whose layout is known. What most cells are (blank, a whole number) is read without detours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from ingestion.forms.grid import CellValue, Grid, cell_text, column_letters
from ingestion.forms.labels import Labels
from ingestion.forms.layouts import Layout
from ingestion.forms.leftovers import is_figure, left_over
from ingestion.forms.lines import line_problems, make_line
from ingestion.forms.matching import Found
from ingestion.forms.shares import (
    MOST_FRACTION,
    are_fractions_of_one,
    is_bare_date,
    is_fraction_by_decimals,
    ratio_of_date,
    read_share,
)
from ingestion.forms.text import tidy
from ingestion.forms.values import Reading, read_answer
from ingestion.model import Line, Problem
from ingestion.reference import Indicator

_MOST_WHOLE = 1e12
_MOST_BLANKS = 8
_NOTHING = frozenset({"", None})
_ROW_DOUBTFUL = "bảng không có đường kẻ, chưa chắc ô này thuộc dòng này"
_PLAIN_SHARE = re.compile(r"\d{1,3}(?:[.,]\d{1,6})?")


class _Step(NamedTuple):
    """What to read for one answered row. ``kind``: 0 a count, 1 a share, 2 an answer from a list, 3 anything else;
    ``is_plain`` where its label stands in one row and leaves no doubt."""

    start: int
    stop: int
    is_plain: bool
    kind: int
    code: str
    unit: str
    confidence: float
    answers: frozenset[int]
    indicator: Indicator
    found: Found


@dataclass(frozen=True, slots=True)
class _Place:
    """The table that is read: its sheet, its layout, its first row below the head, its column of figures."""

    grid: Grid
    layout: Layout
    body: int
    value_column: int
    doubtful_rows: frozenset[int]

    def are_fractions(self) -> bool | None:
        """Whether the form's shares are stored as fractions of one, as far as they tell (``shares``)."""
        shares = []
        for step in self.layout.plan:
            own = range(self.body + step.start, self.body + step.stop) if step.kind == 1 else ()
            for row in own:
                share = _typed_share(self.grid.cell(row, self.value_column))
                if share and not self.is_percent_format(row, self.value_column):
                    shares.append(share)
        return are_fractions_of_one(shares)

    def is_percent_format(self, row: int, column: int) -> bool | None:
        return self.grid.is_percent_format(self.grid.first_row + row, self.grid.first_column + column)


def read_cells(grid: Grid, layout: Layout, body: int, labels: Labels) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """Every answered row of ``layout``, whose lines begin at the grid's row ``body``; and what to tell of them."""
    if not layout.plan:
        layout.plan.extend(_plan(grid, layout, body, labels))
    rows, columns = grid.rows, layout.columns
    # An unnamed column beside the figures' own matters only where something stands in it.
    values = (columns.values[0], *(column for column in columns.values[1:] if _is_used(rows, column, body)))
    notes = tuple(column for column in columns.notes if _is_used(rows, column, body))
    value_column, note_column = values[0], notes[0] if notes else None
    is_simple = (
        len(values) == 1
        and len(notes) < 2
        and not columns.doubt
        and grid.doubtful_rows is None
        and min(map(len, rows[body:]), default=0) > max(value_column, note_column or 0)
    )
    prefix = f"{grid.name}!{column_letters(grid.first_column + value_column)}"
    shift = grid.first_row + body + 1
    blanks = _blanks(layout, prefix, shift)
    place = _Place(grid, layout, body, value_column, _doubtful_rows(grid, layout, body, labels))
    lines: list[Line] = []
    problems: list[Problem] = []
    for step, blank in zip(layout.plan, blanks, strict=True):
        start, _, is_plain, kind, code, unit, confidence, answers, _, _ = step
        if not (is_simple and is_plain):
            line, found = _read_several(place, step, values, notes, columns.doubt or step.found.doubt)
            lines.append(line)
            problems += found
            continue
        row = rows[body + start]
        cell = row[value_column]
        note = row[note_column] if note_column is not None else ""
        has_note = not (note == "" or note is None)
        if not has_note and (cell == "" or cell is None):
            lines.append(blank)
            continue
        reading = None
        if (
            type(cell) is float
            and 0 <= cell < _MOST_WHOLE
            and (whole := int(cell)) == cell
            and (kind == 0 or (kind == 1 and (whole > MOST_FRACTION or not whole)) or (kind == 2 and whole in answers))
        ):
            if not has_note:
                locator = f"{prefix}{shift + start}"
                lines.append(Line(code, str(whole), Decimal(whole), unit, "", "reported", confidence, locator))
                continue
            reading = Reading(Decimal(whole), "reported")
        line, found = _read(
            place, step, body + start, cell, note, f"{prefix}{shift + start}", value_column, "", reading
        )
        lines.append(line)
        problems += found
    problems += left_over(grid, layout, body, labels)
    return tuple(lines), tuple(problems)


def _doubtful_rows(grid: Grid, layout: Layout, body: int, labels: Labels) -> frozenset[int]:
    """Rows of a table that was put together: the doubtful ones, and those beside a line that was not found, as its figure
    may stand there."""
    if grid.doubtful_rows is None:
        return frozenset()
    found = {step.found.row for step in layout.plan}
    missing = {row for row, indicator in enumerate(labels.rows) if indicator.is_answered and row not in found}
    rows = set(grid.doubtful_rows)
    for before, after in pairwise([None, *layout.plan, None]):
        between = range(before.found.row + 1 if before else 0, after.found.row if after else len(labels.rows))
        if not missing.isdisjoint(between):
            for step in filter(None, (before, after)):
                rows.update(range(body + step.start, body + step.stop))
    return frozenset(rows)


def _plan(grid: Grid, layout: Layout, body: int, labels: Labels) -> list[_Step]:
    kinds = {"count": 0, "percent": 1, "flag": 2, "choice": 2}
    steps = []
    for found in layout.found:
        indicator = labels.rows[found.row]
        if not indicator.is_answered:
            continue
        unit = ""
        if layout.columns.unit is not None:
            own = (cell_text(grid.cell(body + line, layout.columns.unit)) for line in range(found.start, found.stop))
            unit = next(filter(None, own), "")
        steps.append(
            _Step(
                start=found.start,
                stop=found.stop,
                is_plain=found.stop - found.start == 1 and not found.doubt,
                kind=kinds.get(indicator.value_type, 3),
                code=indicator.code,
                unit=unit or indicator.unit_vi,
                confidence=round(min(found.score, 1.0), 3),
                answers=frozenset(number for _, number in indicator.choices),
                indicator=indicator,
                found=found,
            )
        )
    return steps


def _is_used(rows: Sequence[Sequence[CellValue]], column: int, body: int) -> bool:
    return not {row[column] for row in rows[body:] if column < len(row)} <= _NOTHING


def _blanks(layout: Layout, prefix: str, shift: int) -> tuple[Line, ...]:
    """The lines as they are where nothing was typed, made once for each place of the table."""
    blanks = layout.blanks.get((prefix, shift))
    if blanks is None:
        blanks = tuple(
            Line(step.code, "", None, step.unit, "", "blank", step.confidence, f"{prefix}{shift + step.start}")
            for step in layout.plan
        )
        if len(layout.blanks) >= _MOST_BLANKS:
            layout.blanks.clear()
        layout.blanks[prefix, shift] = blanks
    return blanks


def _read(
    place: _Place,
    step: _Step,
    row: int,
    cell: CellValue,
    note_cell: CellValue,
    locator: str,
    column: int,
    doubt: str,
    reading: Reading | None = None,
) -> tuple[Line, list[Problem]]:
    """One line from its figure's and its note's cell; ``reading`` where the figure is understood already."""
    indicator = step.indicator
    text, note = cell_text(cell), cell_text(note_cell)
    if reading is None:
        reading = _reading(place, indicator, row, column, cell, text, note)
    if doubt and reading.status == "reported":
        reading = Reading(reading.value, "doubtful", doubt)
    line = make_line(
        indicator, reading, text=text, note=note, locator=locator, unit=step.unit, likeness=step.found.score
    )
    problems = line_problems(indicator, reading, line) if reading.reason or line.documents else []
    if is_bare_date(note_cell) and isinstance(note_cell, date) and indicator.value_type != "reference":
        return _with_ratio_of_date(line, indicator, note_cell, problems)
    return line, problems


def _with_ratio_of_date(
    line: Line, indicator: Indicator, cell: date, problems: list[Problem]
) -> tuple[Line, list[Problem]]:
    name = f"{indicator.code} {indicator.label_vi}"
    ratio = ratio_of_date(cell, line.value, is_share=indicator.value_type == "percent")
    if ratio is None:
        message = f"{name}: ghi chú là ngày {cell:%d/%m/%Y}, có thể là một tỷ số mà Excel đã đổi thành ngày"
        return line, [*problems, Problem("warning", "note_turned_into_date", message, line.locator)]
    text = f"{ratio.numerator}/{ratio.denominator}"
    message = f"{name}: Excel đã đổi ghi chú «{text}» thành ngày; hiểu là tỷ số vì khớp với số liệu đã ghi"
    return replace(line, note=text, ratio=ratio), [*problems, Problem("info", "ratio_restored", message, line.locator)]


def _reading(
    place: _Place, indicator: Indicator, row: int, column: int, cell: CellValue, text: str, note: str
) -> Reading:
    if isinstance(cell, date | time | timedelta):
        if is_bare_date(cell) and isinstance(cell, date | datetime):
            typed = f"{cell.day}/{cell.month}"
            return Reading(
                None, "unreadable", f"Excel đã đổi số liệu thành ngày {cell:%d/%m/%Y} (có thể đã gõ «{typed}»)"
            )
        return Reading(None, "unreadable", f"ô có kiểu ngày giờ ({text}), không phải số")
    share = _typed_share(cell) if indicator.value_type == "percent" else None
    # What is typed as text is a fraction of one only where the form, or its decimals, say so.
    if share and (
        not isinstance(cell, str) or (share <= 1 and (place.are_fractions() or is_fraction_by_decimals(text)))
    ):
        return read_share(share, text, note, lambda: place.is_percent_format(row, column), place.are_fractions)
    return read_answer(text, note, indicator)


def _typed_share(cell: CellValue) -> float | None:
    """A share above zero, stored as a number or typed as one without its sign; None for anything else."""
    if isinstance(cell, str):
        typed = _PLAIN_SHARE.fullmatch(cell.strip())
        return float(typed[0].replace(",", ".")) if typed else None
    return float(cell) if isinstance(cell, float | int) and not isinstance(cell, bool) and cell > 0 else None


def _read_several(
    place: _Place, step: _Step, values: Sequence[int], notes: Sequence[int], doubt: str
) -> tuple[Line, list[Problem]]:
    """One line whose label runs over several rows, or whose figure may stand in several columns."""
    grid = place.grid
    own = _own_rows(grid, range(place.body + step.start, place.body + step.stop))
    is_row_doubtful = not place.doubtful_rows.isdisjoint(own)
    doubt = _ROW_DOUBTFUL if is_row_doubtful else doubt
    main = _filled(grid, own, values[:1])
    beside = _filled(grid, own, values[1:])
    filled = main + [each for each in beside if is_figure(each[2])]
    row, column, cell = filled[0] if filled else (own[0], values[0], None)
    is_text = step.kind == 3 or all(isinstance(each[2], str) and not is_figure(each[2]) for each in filled[1:])
    if len(filled) > 1 and is_text:
        cell = "\n".join(cell_text(each[2]) for each in filled)  # «Kế hoạch số» above «294/KH-STC»
    elif len(filled) > 1:
        doubt = "hai ô số liệu cho một dòng"
    remarks = [each for each in beside if not is_figure(each[2])] + _filled(grid, own, notes)
    note = remarks[0][2] if len(remarks) == 1 else tidy(" ".join(cell_text(remark) for _, _, remark in remarks))
    line, problems = _read(place, step, row, cell, note, grid.address(row, column), column, doubt)
    if is_row_doubtful and line.status in ("blank", "not_applicable"):
        return replace(line, status="doubtful", confidence=line.confidence / 2), problems
    return line, problems


def _own_rows(grid: Grid, rows: range) -> range:
    """The rows of a line up to the first below it that is wholly blank."""
    stop = next((row for row in rows[1:] if not any(map(cell_text, grid.rows[row]))), rows.stop)
    return range(rows.start, stop)


def _filled(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> list[tuple[int, int, CellValue]]:
    """The cells of a few rows and columns in which something stands: row, column, what."""
    cells = [(row, column, grid.cell(row, column)) for row in rows for column in columns]
    return [each for each in cells if cell_text(each[2])]
