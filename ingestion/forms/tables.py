"""A table of cells to forms: find the columns, lay the labels on the catalogue, read each figure; or know it all already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from ingestion.forms.cells import read_cells
from ingestion.forms.columns import LEAST_FORM_ROWS, Columns, find_columns
from ingestion.forms.grid import Grid, cell_text
from ingestion.forms.labels import Labels, canonical
from ingestion.forms.layouts import KnownLayouts, Layout
from ingestion.forms.matching import Found, find_rows
from ingestion.forms.text import fold
from ingestion.model import Line, Problem


@dataclass(frozen=True, slots=True)
class GridForm:
    """A form found in a grid: its answered rows that were found, the words above it, what to know about it, and where
    everything stands (``layout``, from the row ``body`` of the grid on)."""

    lines: tuple[Line, ...]
    title: str
    problems: tuple[Problem, ...]
    found_rows: int
    layout: Layout
    body: int


def read_known(grid: Grid, known: KnownLayouts) -> GridForm | None:
    """The form of a sheet whose layout is known; None where it is not."""
    layout_and_body = known.find(grid)
    if layout_and_body is None:
        return None
    return _form(grid, *layout_and_body, known.labels)


def read_grid(grid: Grid, labels: Labels, known: KnownLayouts | None = None) -> list[GridForm]:
    """Every form of a sheet: one as a rule, several side by side or one below the other; learnt by ``known`` when it is
    given and the head alone decides."""
    tables = find_columns(grid, labels)
    placed = [(columns, layouts) for columns in tables if (layouts := _lay(grid, columns, labels))]
    if len(placed) == 1 and len(placed[0][1]) == 1:
        layout = placed[0][1][0]
        if known is not None and len(tables) == 1:
            known.learn(grid, layout)
        return [_form(grid, layout, layout.columns.body, labels)]
    return _joined([_form(grid, layout, columns.body, labels) for columns, layouts in placed for layout in layouts])


def _lay(grid: Grid, columns: Columns, labels: Labels) -> list[Layout]:
    """The forms below one head."""
    texts, units = [], []
    for index in range(columns.body, len(grid.rows)):
        texts.append(" ".join(filter(None, (cell_text(grid.cell(index, column)) for column in columns.label))))
        units.append(fold(cell_text(grid.cell(index, columns.unit))) if columns.unit is not None else "")
    forms = [
        _with_rows_below(form, texts, labels)
        for form in find_rows(texts, units, labels)
        if len(form) >= LEAST_FORM_ROWS
    ]
    layouts = []
    start = 0
    for form in forms:
        stop = max(found.stop for found in form) if len(forms) > 1 else len(texts)
        taken = {line for found in form for line in range(found.start, found.stop)}
        first = start if columns.head else min(taken)
        unplaced = tuple(line for line in range(first, stop) if line not in taken and canonical(texts[line]))
        layouts.append(Layout(columns, form, unplaced, _title_rows(form, columns, start)))
        start = stop
    return layouts


def _with_rows_below(form: Sequence[Found], texts: Sequence[str], labels: Labels) -> tuple[Found, ...]:
    """Each line with the rows below it that belong to it: the rest of its label, and rows without a label, in which its
    figure or its documents go on. Below the last line only the rest of its label: signatures stand there.
    """
    below = []
    for found, after in pairwise([*form, Found(len(texts), len(texts), -1, 0)]):
        stop = found.stop
        label = fold(labels.rows[found.row].label_vi)
        if stop < after.start and canonical(texts[stop]) and _goes_on(texts[found.start : stop], texts[stop], label):
            stop += 1
        if after.row >= 0:
            while stop < after.start and not canonical(texts[stop]):
                stop += 1
        below.append(replace(found, stop=stop) if stop > found.stop else found)
    return tuple(below)


def _goes_on(texts: Sequence[str], following: str, label: str) -> bool:
    """Whether a row below is the rest of a label: together they are more like it."""
    alone = " ".join(texts)
    return fuzz.ratio(fold(f"{alone} {following}"), label) > fuzz.ratio(fold(alone), label)


def _title_rows(form: Sequence[Found], columns: Columns, start: int) -> range:
    """The rows above a form (above its head, where it has one), counted from the first below the head."""
    first = min(found.start for found in form)
    return range(start, first) if start else range(-columns.body - 1, -len(columns.head) if columns.head else first)


def _form(grid: Grid, layout: Layout, body: int, labels: Labels) -> GridForm:
    lines, problems = read_cells(grid, layout, body, labels)
    first = 0 if layout.title.start < 0 else body + layout.title.start
    stop = body + layout.title.stop
    return GridForm(lines, _words(grid, range(first, stop), layout.columns), problems, len(layout.found), layout, body)


def _words(grid: Grid, rows: range, columns: Columns) -> str:
    said = [[cell_text(cell) for cell in grid.rows[row]] for row in rows]
    if columns.span.start > 0 or any(len(row) > columns.span.stop for row in said):
        own = [row[columns.span.start : columns.span.stop] for row in said]
        said = own if any(map(any, own)) else said
    return "\n".join(filter(None, (" ".join(filter(None, row)) for row in said)))


def _joined(forms: list[GridForm]) -> list[GridForm]:
    """A form that goes on beside itself is one form: tables that share no row of the catalogue are put together."""
    joined: list[GridForm] = []
    for form in forms:
        codes = {line.code for line in form.lines}
        fitting = next((other for other in joined if codes.isdisjoint(line.code for line in other.lines)), None)
        if fitting is None:
            joined.append(form)
        else:
            joined[joined.index(fitting)] = GridForm(
                fitting.lines + form.lines,
                fitting.title if form.title in fitting.title else f"{fitting.title}\n{form.title}",
                fitting.problems + form.problems,
                fitting.found_rows + form.found_rows,
                fitting.layout,
                fitting.body,
            )
    return joined
