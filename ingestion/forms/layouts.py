"""Layouts seen before: the same head and labels stand for the same rows, so that only figures and notes are left to read."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeAlias

import rapidfuzz

from ingestion.forms.columns import HEAD_DEPTH, LABEL_HEADS, Columns
from ingestion.forms.grid import CellValue, Grid
from ingestion.forms.labels import Labels
from ingestion.forms.matching import Found
from ingestion.forms.text import fold
from ingestion.model import Line

MOST_LAYOUTS = 512

Signature: TypeAlias = tuple[Any, ...]


@dataclass(eq=False)
class Layout:
    """Where everything stands in a table. Lines in ``found`` and ``unplaced`` count from the first row below the head;
    ``unplaced`` are those with words that are no row of the catalogue. ``blanks`` keeps blank lines by sheet and place."""

    columns: Columns
    found: tuple[Found, ...]
    unplaced: tuple[int, ...]
    title: range
    blanks: dict[tuple[str, int], tuple[Line, ...]] = field(default_factory=dict)
    plan: list[Any] = field(default_factory=list)

    def bare(self) -> Layout:
        """The same without what is only kept to save time."""
        return replace(self, blanks={}, plan=[])


Learnt: TypeAlias = tuple[Signature, Layout]


class KnownLayouts:
    """The layouts learnt, for one catalogue; applied only where head, labels, numbers and units are the same, cell by cell.

    Bounded: the one learnt first goes when there are too many. ``added`` are those learnt since it was made or loaded.
    """

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.added: list[Learnt] = []
        self._by_signature: dict[Signature, Layout] = {}
        # (label column, key columns) -> how deep the first label stands below the head, by its text
        self._starts: dict[tuple[int, tuple[int, ...]], dict[str, set[tuple[int, int]]]] = {}

    def __len__(self) -> int:
        return len(self._by_signature)

    def find(self, grid: Grid) -> tuple[Layout, int] | None:
        """The layout of a sheet, if it is known, and the sheet's first row below the head."""
        rows = grid.rows
        for (label, keys), starts in self._starts.items():
            try:
                texts = [row[label] for row in rows]
            except IndexError:
                continue
            for index, text in enumerate(texts[: HEAD_DEPTH + 20]):
                for offset, head_size in starts.get(text, ()) if isinstance(text, str) and text else ():
                    body = index - offset
                    signature = _signature(rows, texts, keys, body, head_size)
                    layout = self._by_signature.get(signature) if signature is not None else None
                    if layout is not None and _has_no_head(rows[: body - head_size]):
                        return layout, body
        return None

    def learn(self, grid: Grid, layout: Layout) -> None:
        """Remember the layout of a sheet, where its head alone said what the columns are."""
        columns = layout.columns
        label, keys = columns.label[0], _keys(columns)
        texts = [grid.cell(row, label) for row in range(len(grid.rows))]
        first = layout.found[0].start
        text = texts[columns.body + first]
        head_size = len(columns.head)
        if not (columns.is_by_head and isinstance(text, str) and text):
            return
        signature = _signature(grid.rows, texts, keys, columns.body, head_size)
        if signature is not None and all(_is_plain(cell) for cell in _leaves(signature)):
            self._remember(signature, layout)
            self.added.append((signature, layout))

    def learnt(self) -> list[Learnt]:
        """Everything known, to be handed to another store."""
        return [(signature, layout.bare()) for signature, layout in self._by_signature.items()]

    def take_added(self) -> list[Learnt]:
        """What was added since this was asked last, to be handed to another store."""
        added = [(signature, layout.bare()) for signature, layout in self.added]
        self.added.clear()
        return added

    def remember(self, learnt: Sequence[Learnt]) -> list[Learnt]:
        """Take over what another store has learnt; those that were new here."""
        fresh = [each for each in learnt if each[0] not in self._by_signature]
        for signature, layout in fresh:
            self._remember(signature, layout)
        return fresh

    def save(self, path: Path) -> None:
        """Write all layouts to a file, replaced in one step."""
        layouts = json.dumps([_as_json(*each) for each in self._by_signature.items()], ensure_ascii=False)
        head = json.dumps({"made_by": _made_by(self.labels), "sha256": _sha256(layouts)})
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False) as fresh:
            fresh.write(f"{head}\n{layouts}\n")
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(fresh.name).replace(path)

    @classmethod
    def load(cls, path: Path, labels: Labels) -> KnownLayouts:
        """The layouts of a file; none where there is no file, where another catalogue or another version of the reader made
        it, or where it is damaged: what was learnt only saves time, and is learnt anew."""
        known = cls(labels)
        try:
            first, layouts, _ = path.read_text(encoding="utf-8").split("\n")
            head = json.loads(first)
            if head == {"made_by": _made_by(labels), "sha256": _sha256(layouts)}:
                known.remember([_from_json(each) for each in json.loads(layouts)])
        except (OSError, ValueError):
            return cls(labels)
        return known

    def _remember(self, signature: Signature, layout: Layout) -> None:
        columns = layout.columns
        offset = layout.found[0].start
        text = signature[1][columns.label[0]][offset]
        starts = self._starts.setdefault((columns.label[0], _keys(columns)), {})
        starts.setdefault(text, set()).add((offset, len(columns.head)))
        self._by_signature[signature] = layout
        if len(self._by_signature) > MOST_LAYOUTS:
            del self._by_signature[next(iter(self._by_signature))]


def _keys(columns: Columns) -> tuple[int, ...]:
    others = [column for column in (columns.number, columns.unit) if column is not None]
    return tuple(sorted({*columns.label, *others}))


def _signature(
    rows: Sequence[Sequence[CellValue]], texts: Sequence[CellValue], keys: Sequence[int], body: int, head_size: int
) -> Signature | None:
    """The head's cells and the words below it; None where the sheet's rows differ in length."""
    if body < head_size:
        return None
    last = len(rows)
    while last > body and not texts[last - 1]:
        last -= 1
    try:
        below = {column: tuple([row[column] for row in rows[body:last]]) for column in keys}
    except IndexError:
        return None
    head = tuple([tuple(row) for row in rows[body - head_size : body]])
    return len(rows[body]) if last > body else 0, _Columns(below), head


class _Columns(dict[int, tuple[CellValue, ...]]):
    """Columns of cells that can be a part of a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.values()))


def _has_no_head(rows: Sequence[Sequence[CellValue]]) -> bool:
    """Whether the title block holds no cell that would be taken for the labels' head."""
    return not any(
        isinstance(cell, str) and cell and len(cell) < 60 and fold(cell) in LABEL_HEADS for row in rows for cell in row
    )


def _leaves(signature: Signature) -> Iterator[CellValue]:
    _, below, head = signature
    for column in below.values():
        yield from column
    for row in head:
        yield from row


def _is_plain(cell: CellValue) -> bool:
    return cell is None or type(cell) in (str, float, int)


@functools.cache
def _reader_version() -> str:
    """The code that decides layouts, as a hash: what another version learnt may not be what this one would."""
    said = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        said.update(module.name.encode() + b"\0" + module.read_bytes())
    return said.hexdigest()


def _made_by(labels: Labels) -> list[str]:
    """The reader, the catalogue, and the library whose likenesses decide."""
    said = "\x1e".join(f"{row.code}\x1f{row.label_vi}\x1f{row.unit_vi}\x1f{row.value_type}" for row in labels.rows)
    return [_reader_version(), _sha256(said), rapidfuzz.__version__]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _as_json(signature: Signature, layout: Layout) -> dict[str, Any]:
    width, below, head = signature
    columns = layout.columns
    return {
        "width": width,
        "below": sorted(below.items()),
        "head": head,
        "columns": [
            columns.label, columns.number, columns.unit, columns.values, columns.notes,
            [columns.head.start, columns.head.stop], columns.body, columns.doubt, [columns.span.start, columns.span.stop],
        ],
        "found": [[each.start, each.stop, each.row, each.score, each.doubt] for each in layout.found],
        "unplaced": layout.unplaced,
        "title": [layout.title.start, layout.title.stop],
    }  # fmt: skip


def _from_json(said: dict[str, Any]) -> tuple[Signature, Layout]:
    label, number, unit, values, notes, head, body, doubt, span = said["columns"]
    columns = Columns(
        tuple(label), number, unit, tuple(values), tuple(notes), range(*head), body, doubt, True, range(*span)
    )
    below = _Columns({column: tuple(cells) for column, cells in said["below"]})
    signature = (said["width"], below, tuple(tuple(row) for row in said["head"]))
    found = tuple(Found(*each) for each in said["found"])
    return signature, Layout(columns, found, tuple(said["unplaced"]), range(*said["title"]))
