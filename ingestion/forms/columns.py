"""Which columns of a table hold what: by their head, and where the head says nothing, by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from ingestion.forms.figures import choose_figures
from ingestion.forms.grid import CellValue, Grid, cell_text
from ingestion.forms.labels import Labels, canonical
from ingestion.forms.text import fold

LEAST_FORM_ROWS = 12
HEAD_DEPTH = 60
MOST_HEAD_ROWS = 4
MOST_COLUMNS = 60

LABEL_HEADS = frozenset(
    (
        "chi tieu thong ke", "chi tieu", "noi dung", "ten chi tieu", "noi dung chi tieu", "noi dung thong ke",
        "chi tieu bao cao", "noi dung bao cao", "cac chi tieu", "tieu chi", "danh muc chi tieu", "noi dung cong viec",
    )
)  # fmt: skip
_UNIT_HEADS = ("don vi tinh", "dvt", "don vi")
_NOTE_HEADS = ("ghi chu", "dien giai", "giai trinh", "thuyet minh", "tai lieu kiem chung")
_NUMBER_HEADS = frozenset(("tt", "stt", "so tt", "so thu tu", "muc", "ma so", "ma"))
_COLUMN_MARK = re.compile(r"\(?(\d{1,2}|[A-E])\)?$")
_NUMBER = re.compile(r"\d[\d.,]*\s?%?")


@dataclass(frozen=True, slots=True)
class Columns:
    """The roles of a table's columns. A label may run over several columns side by side, a figure may have slipped into
    the unnamed column right of its own. ``head`` are the rows of the head, ``body`` the first row below it, ``span`` the
    columns over which the table runs. ``doubt`` is a Vietnamese phrase where it isn't sure which column holds the figures
    asked for. ``is_by_head`` where the head alone decided, so that another sheet with the same head and labels is laid out
    the same."""

    label: tuple[int, ...]
    number: int | None
    unit: int | None
    values: tuple[int, ...]
    notes: tuple[int, ...]
    head: range
    body: int
    doubt: str
    is_by_head: bool
    span: range


def find_columns(grid: Grid, labels: Labels) -> list[Columns]:
    """The tables of a sheet that stand side by side, most often one; none where no column holds labels and figures."""
    width = min(max((len(row) for row in grid.rows), default=0), MOST_COLUMNS)
    found = _by_head(grid, labels, width)
    return found or _by_content(grid, labels, width)


def _by_head(grid: Grid, labels: Labels, width: int) -> list[Columns]:
    for top, row in enumerate(grid.rows[:HEAD_DEPTH]):
        places = [
            column
            for column, cell in enumerate(row[:width])
            if isinstance(cell, str) and cell and len(cell) < 60 and fold(cell) in LABEL_HEADS
        ]
        if not places:
            continue
        body = _first_body_row(grid, labels, top, places)
        heads = _heads(grid, range(top, body), width)
        starts = [
            column - 1 if column and _kind(heads.get(column - 1, ())) == "number" else column for column in places
        ]
        stops = [*starts[1:], width]
        starts[0] = 0
        tables = [
            _table(grid, labels, heads, column, range(start, stop), range(top, body))
            for column, start, stop in zip(places, starts, stops, strict=True)
        ]
        whole = [table for table in tables if table is not None]
        if whole:
            return whole
    return []


def _first_body_row(grid: Grid, labels: Labels, top: int, places: Sequence[int]) -> int:
    """Below the head: the first row whose label is more than a word, or known."""
    for index in range(top + 1, min(top + MOST_HEAD_ROWS, len(grid.rows))):
        for column in places:
            text = fold(cell_text(grid.cell(index, column)))
            if text not in LABEL_HEADS and (" " in text or canonical(text) in labels.places):
                return index
    stop = top + 1  # a head of one row, unless what follows looks like its continuation
    while stop < min(top + MOST_HEAD_ROWS, len(grid.rows)) and _continues_head(grid.rows[stop]):
        stop += 1
    return min(stop, len(grid.rows))


def _continues_head(row: Sequence[CellValue]) -> bool:
    texts = [cell_text(cell) for cell in row]
    return any(texts) and all(not text or _COLUMN_MARK.match(text) or _kind((fold(text),)) for text in texts)


def _heads(grid: Grid, rows: range, width: int) -> dict[int, tuple[str, ...]]:
    """For each named column its head, lowest first, then the wider heads above it; folded."""
    heads: dict[int, tuple[str, ...]] = {}
    spans: list[list[str]] = []
    for index in rows:
        over, above = [], ""
        for column in range(width):
            text = cell_text(grid.cell(index, column))
            text = "" if _COLUMN_MARK.match(text) else fold(text)
            above = text or above
            over.append(above)
            if text:
                heads[column] = (text, *(span[column] for span in reversed(spans) if span[column] not in ("", text)))
        spans.append(over)
    return heads


def _kind(head: Sequence[str]) -> str:
    """What a head names: number, label, unit, note, or "" for anything else (a figure, as a rule)."""
    own = head[0] if head else ""
    if own in _NUMBER_HEADS:
        return "number"
    if own in LABEL_HEADS:
        return "label"
    if own.startswith("don vi tinh") or own in _UNIT_HEADS:
        return "unit"
    return "note" if own.startswith(_NOTE_HEADS) else ""


def _table(
    grid: Grid, labels: Labels, heads: dict[int, tuple[str, ...]], label: int, span: range, rows: range
) -> Columns | None:
    """The columns of one table that lies in ``span`` and has its labels' head in ``label``."""
    named = {column: heads[column] for column in span if column in heads}
    kinds = {column: _kind(head) for column, head in named.items()}
    unit = _first(column for column in span if kinds.get(column) == "unit" and column != label)
    note = _first(column for column in span if kinds.get(column) == "note")
    number = _first(column for column in span if kinds.get(column) == "number")
    figures = {column: head for column, head in named.items() if not kinds[column] and column != label}
    chosen = choose_figures(figures, lambda: _title(grid, rows.start))
    value, doubt, is_by_head = chosen.column, chosen.doubt, not chosen.asked_the_title
    taken = {label, unit, note, number}
    if value is None:
        value = _value_by_content(grid, labels, [c for c in span if c not in taken and c not in figures], rows.stop)
        is_by_head = False
    if value is None:
        return None
    right = _first(column for column in span if column > label and (column in named or column == value)) or label + 1
    if unit is None:
        between = [column for column in range(label + 1, max(label + 1, value)) if column not in named]
        is_by_head = is_by_head and all(column < right for column in between)
        unit = _unit_by_content(grid, labels, between)
        right = min(right, unit) if unit is not None else right
    note_columns = _unnamed_from(note, span, named) if note is not None else ()
    values = tuple(column for column in _unnamed_from(value, span, named) if column != unit)
    if note is None:  # what stands right of the last named column is a remark
        last = max([*named, value])
        note_columns = tuple(column for column in span if column > last)
        values = tuple(column for column in values if column not in note_columns)
    return Columns(
        tuple(range(label, right)), number, unit, values, note_columns, rows, rows.stop, doubt, is_by_head, span
    )


def _unnamed_from(column: int, span: range, named: dict[int, tuple[str, ...]]) -> tuple[int, ...]:
    """A column and the unnamed ones right of it."""
    columns = [column]
    while columns[-1] + 1 in span and columns[-1] + 1 not in named:
        columns.append(columns[-1] + 1)
    return tuple(columns)


def _first(columns: Iterator[int]) -> int | None:
    return next(columns, None)


def _title(grid: Grid, stop: int) -> str:
    return "\n".join(cell_text(cell) for row in grid.rows[:stop] for cell in row if isinstance(cell, str))


def _by_content(grid: Grid, labels: Labels, width: int) -> list[Columns]:
    """Where no head names the labels: the columns in which they stand, each with the numbers right of it."""
    said = {column: _said(grid, labels, column) for column in range(width)}
    places = [column for column, rows in said.items() if len(rows) >= LEAST_FORM_ROWS]
    if not places:
        place = _most_alike(grid, labels, width)
        if place is None:
            return []
        places, said[place] = [place], [0]
    tables: list[Columns] = []
    for place, stop in zip(places, [*places[1:], width], strict=True):
        label = _first_of_label(grid, place)
        top = said[place][0]
        start = max(0, top - MOST_HEAD_ROWS + 1)
        headed = _table(
            grid,
            labels,
            _heads(grid, range(start, top), width),
            label,
            range(label if tables else 0, stop),
            range(start, top),
        )
        if headed is not None and any(
            _kind(head) in ("unit", "note") for head in _heads(grid, range(start, top), width).values()
        ):
            tables.append(_with_label_from(headed, label))
            continue
        value = _value_by_content(grid, labels, list(range(label + 1, stop)), top)
        if value is None:
            continue
        unit = _unit_by_content(grid, labels, list(range(label + 1, value)))
        if unit is None:
            unit = _unit_by_content(grid, labels, list(range(value + 1, stop)))
        right = min([column for column in (unit, value) if column is not None and column > label])
        notes = tuple(column for column in range(right, stop) if column not in (unit, value))
        tables.append(
            Columns(
                tuple(range(label, right)),
                None,
                unit,
                (value,),
                notes,
                range(0),
                0,  # the first label may not be said word for word
                "",
                is_by_head=False,
                span=range(label if tables else 0, stop),
            )
        )
    return tables


def _with_label_from(columns: Columns, label: int) -> Columns:
    return replace(columns, label=tuple(range(label, columns.label[-1] + 1)), is_by_head=False)


def _said(grid: Grid, labels: Labels, column: int) -> list[int]:
    """The rows in which a column says a label word for word."""
    return [
        index
        for index, row in enumerate(grid.rows)
        if column < len(row) and isinstance(cell := row[column], str) and cell and canonical(cell) in labels.places
    ]


def _most_alike(grid: Grid, labels: Labels, width: int) -> int | None:
    """The column in which most cells are like a label."""
    best, most = None, LEAST_FORM_ROWS - 1
    for column in range(width):
        texts = [canonical(cell_text(row[column])) for row in grid.rows if column < len(row)]
        texts = [text for text in texts if len(text) > 8]
        if len(texts) <= most:
            continue
        likeness = process.cdist(texts, labels.texts, scorer=fuzz.ratio, score_cutoff=70)
        said = int((likeness.max(axis=1) > 0).sum())
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


def _value_by_content(grid: Grid, labels: Labels, columns: Sequence[int], start: int) -> int | None:
    """The column with most numbers."""
    best, most = None, 0
    for column in columns:
        texts = [text for row in grid.rows[start:] if column < len(row) and (text := cell_text(row[column]))]
        numbers = sum(bool(_NUMBER.fullmatch(text)) for text in texts)
        if numbers > most and sum(fold(text) in labels.known_units for text in texts) * 2 < len(texts) + 1:
            best, most = column, numbers
    return best


def _unit_by_content(grid: Grid, labels: Labels, columns: Sequence[int]) -> int | None:
    """The column in which most of what stands is a unit of the catalogue."""
    for column in columns:
        texts = [text for row in grid.rows if column < len(row) and (text := fold(cell_text(row[column])))]
        if sum(text in labels.known_units for text in texts) * 2 > len(texts):
            return column
    return None
