"""The figures and notes of a table whose layout is known. What most cells are (blank, a whole number) is read without detours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from ingestion.forms.grid import CellValue, Grid, cell_text, column_letters
from ingestion.forms.labels import Labels
from ingestion.forms.layouts import Layout
from ingestion.forms.lines import line_problems, make_line
from ingestion.forms.matching import Found
from ingestion.forms.shares import MOST_FRACTION, is_bare_date, ratio_of_date, read_share
from ingestion.forms.text import tidy
from ingestion.forms.values import Reading, read_answer
from ingestion.model import Line, Problem
from ingestion.reference import Indicator

_MOST_WHOLE = 1e12
_MOST_BLANKS = 8


class _Step(NamedTuple):
    """What to read for one answered row. ``kind``: 0 a count, 1 a share, 2 an answer from a list, 3 anything else."""

    start: int
    stop: int
    indicator: Indicator
    kind: int
    confidence: float
    unit: str
    answers: frozenset[int]
    found: Found
    code: str


def read_cells(grid: Grid, layout: Layout, body: int, labels: Labels) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """Every answered row of ``layout``, whose lines begin at the grid's row ``body``; and what to tell of them."""
    if not layout.plan:
        layout.plan.extend(_plan(grid, layout, body, labels))
    rows, columns = grid.rows, layout.columns
    # An unnamed column beside the figures' own matters only where something stands in it.
    values = (columns.values[0], *(column for column in columns.values[1:] if _is_used(rows, column, body)))
    notes = tuple(column for column in columns.notes if _is_used(rows, column, body))
    value_column = values[0]
    prefix = f"{grid.name}!{column_letters(grid.first_column + value_column)}"
    shift = grid.first_row + body + 1
    blanks = _blanks(layout, prefix, shift)
    is_simple = len(values) == 1 and not columns.doubt
    lines: list[Line] = []
    problems: list[Problem] = []
    for index, step in enumerate(layout.plan):
        row = rows[body + step.start]
        if is_simple and step.stop - step.start == 1 and not step.found.doubt and value_column < len(row):
            cell = row[value_column]
            note: CellValue = ""
            for column in notes:
                if column < len(row) and row[column] not in ("", None):
                    note = row[column] if note == "" else f"{cell_text(note)} {cell_text(row[column])}"
            if note == "" or note is None:
                if cell == "" or cell is None:
                    lines.append(blanks[index])
                    continue
                if type(cell) is float and cell.is_integer() and 0 <= cell < _MOST_WHOLE:
                    whole = int(cell)
                    kind = step.kind
                    if (
                        kind == 0
                        or (kind == 1 and (cell > MOST_FRACTION or not whole))
                        or (kind == 2 and whole in step.answers)
                    ):
                        lines.append(
                            Line(
                                step.code, str(whole), Decimal(whole), step.unit, "", "reported", step.confidence,
                                f"{prefix}{shift + step.start}",
                            )
                        )  # fmt: skip
                        continue
            line, found = _read(
                grid, step, body + step.start, cell, note, f"{prefix}{shift + step.start}", value_column, ""
            )
        else:
            line, found = _read_several(grid, step, body, values, notes, columns.doubt or step.found.doubt)
        lines.append(line)
        if found:
            problems.extend(found)
    problems.extend(_unplaced(grid, layout, body))
    return tuple(lines), tuple(problems)


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
        answers = frozenset(number for _, number in indicator.choices)
        confidence = round(min(found.score, 1.0), 3)
        steps.append(
            _Step(
                found.start, found.stop, indicator, kinds.get(indicator.value_type, 3), confidence,
                unit or indicator.unit_vi, answers, found, indicator.code,
            )
        )  # fmt: skip
    return steps


def _is_used(rows: Sequence[Sequence[CellValue]], column: int, body: int) -> bool:
    return any(column < len(row) and row[column] not in ("", None) for row in rows[body:])


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
    grid: Grid, step: _Step, row: int, cell: CellValue, note_cell: CellValue, locator: str, column: int, doubt: str
) -> tuple[Line, list[Problem]]:
    """One line from its figure's and its note's cell."""
    indicator = step.indicator
    text, note = cell_text(cell), cell_text(note_cell)
    reading = _reading(grid, indicator, row, column, cell, text, note)
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
    ratio = ratio_of_date(cell, line.value) if indicator.value_type == "percent" else None
    if ratio is None:
        message = f"{name}: ghi chú là ngày {cell:%d/%m/%Y}, có thể là một tỷ số mà Excel đã đổi thành ngày"
        return line, [*problems, Problem("warning", "note_turned_into_date", message, line.locator)]
    text = f"{ratio.numerator}/{ratio.denominator}"
    message = f"{name}: Excel đã đổi ghi chú «{text}» thành ngày; hiểu là tỷ số vì khớp với tỷ lệ đã ghi"
    return replace(line, note=text, ratio=ratio), [*problems, Problem("info", "ratio_restored", message, line.locator)]


def _reading(grid: Grid, indicator: Indicator, row: int, column: int, cell: CellValue, text: str, note: str) -> Reading:
    if isinstance(cell, date | time | timedelta):
        if is_bare_date(cell) and isinstance(cell, date | datetime):
            typed = f"{cell.day}/{cell.month}"
            return Reading(
                None, "unreadable", f"Excel đã đổi số liệu thành ngày {cell:%d/%m/%Y} (có thể đã gõ «{typed}»)"
            )
        return Reading(None, "unreadable", f"ô có kiểu ngày giờ ({text}), không phải số")
    if indicator.value_type == "percent" and isinstance(cell, float | int) and not isinstance(cell, bool) and cell > 0:
        return read_share(
            float(cell), text, note, lambda: grid.is_percent_format(grid.first_row + row, grid.first_column + column)
        )
    return read_answer(text, note, indicator)


def _read_several(
    grid: Grid, step: _Step, body: int, values: Sequence[int], notes: Sequence[int], doubt: str
) -> tuple[Line, list[Problem]]:
    """One line whose label runs over several rows, or whose figure may stand in several columns."""
    own = range(body + step.start, body + step.stop)
    main = _filled(grid, own, values[:1])
    beside = _filled(grid, own, values[1:])
    filled = main + [each for each in beside if _is_figure(each[2])]
    row, column, cell = filled[0] if filled else (own[0], values[0], None)
    if len(filled) > 1:
        doubt = "hai ô số liệu cho một dòng"
    remarks = [each for each in beside if not _is_figure(each[2])] + _filled(grid, own, notes)
    note = remarks[0][2] if len(remarks) == 1 else tidy(" ".join(cell_text(remark) for _, _, remark in remarks))
    return _read(grid, step, row, cell, note, grid.address(row, column), column, doubt)


def _filled(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> list[tuple[int, int, CellValue]]:
    """The cells of a few rows and columns in which something stands: row, column, what."""
    cells = [(row, column, grid.cell(row, column)) for row in rows for column in columns]
    return [each for each in cells if cell_text(each[2])]


def _is_figure(cell: CellValue) -> bool:
    return isinstance(cell, float | int) or cell_text(cell)[:1].isdigit()


def _unplaced(grid: Grid, layout: Layout, body: int) -> list[Problem]:
    """Rows with a label and a figure that are no row of the catalogue: named, so that nothing is lost silently."""
    problems = []
    column = layout.columns.values[0]
    for line in layout.unplaced:
        value = cell_text(grid.cell(body + line, column))
        if value:
            label = " ".join(filter(None, (cell_text(grid.cell(body + line, place)) for place in layout.columns.label)))
            message = f"Dòng «{label[:80]}» không có trong biểu; số liệu «{value[:40]}» không được nhận"
            problems.append(Problem("warning", "row_unknown", message, grid.address(body + line, column)))
    return problems
