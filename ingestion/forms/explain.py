"""Why a line of the form was matched: what stood where, how like it is, what else it could have been, how it was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from rapidfuzz import fuzz

from ingestion.forms.containers import DEFAULT_LIMITS, Limits, Text, open_file
from ingestion.forms.grid import Grid, cell_text
from ingestion.forms.labels import Labels, canonical, labels_of
from ingestion.forms.legacy import in_unicode
from ingestion.forms.likeness import EXACT, score_labels
from ingestion.forms.matching import LEAST_LIKENESS, Found
from ingestion.forms.reader import read_bytes
from ingestion.forms.tables import GridForm, read_grid
from ingestion.forms.text import fold, tidy
from ingestion.model import Line
from ingestion.reference import Catalogue, Indicator

_MOST_RUNNERS_UP = 3


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a line could have been, or which text could have been the line: likeness from 0 to 1."""

    likeness: float
    code: str
    text: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a row of the catalogue was found where it was, or not at all (``found_text`` empty).

    ``how`` is word for word, by likeness, or from running text; ``reason`` what the rule for values had to say.
    """

    file: str
    indicator: Indicator
    heading: str
    found_text: str
    found_unit: str
    label_locator: str
    how: str
    likeness: float
    runners_up: tuple[Alternative, ...]
    line: Line | None
    reason: str


def explain(
    path: str, content: bytes, catalogue: Catalogue, code: str, *, limits: Limits = DEFAULT_LIMITS
) -> list[Explanation]:
    """One explanation for each form in a file. KeyError for a code that the form hasn't; ParseError as ``read_bytes``."""
    indicator = catalogue.by_code()[code]
    labels = labels_of(catalogue.rows)
    told = []
    words: list[str] = []
    for name, found in open_file(path, content, limits=limits):
        if isinstance(found, Text):
            words = found.content.splitlines()
            continue
        for grid in found:
            in_letters = in_unicode(grid, catalogue)
            told += [_of_table(name, in_letters, form, labels, indicator) for form in read_grid(in_letters, labels)]
    if told:
        return told
    readings = read_bytes(path, content, catalogue, limits=limits)
    return [_of_line(path, words, reading.form.lines, indicator) for reading in readings]


def _of_table(name: str, grid: Grid, form: GridForm, labels: Labels, indicator: Indicator) -> Explanation:
    row = next(index for index, each in enumerate(labels.rows) if each.code == indicator.code)
    found = next((each for each in form.layout.found if each.row == row), None)
    place = PurePosixPath(name).name + f"#{grid.name}"
    if found is None:
        return Explanation(
            place, indicator, "", "", "", "", "không tìm thấy", 0.0, _texts(grid, form, labels, row), None, ""
        )
    text, unit = _words(grid, form, found)
    line = next((each for each in form.lines if each.code == indicator.code), None)
    reason = next((p.message.partition(": ")[2] for p in form.problems if line and p.locator == line.locator), "")
    return Explanation(
        file=place,
        indicator=indicator,
        heading=_heading(grid, form, found, labels),
        found_text=text,
        found_unit=unit,
        label_locator=grid.address(form.body + found.start, form.layout.columns.label[0]),
        how="đúng từng chữ" if canonical(text) == labels.texts[row] else "theo độ giống",
        likeness=min(found.score, 1.0),
        runners_up=_rows(text, unit, labels, row),
        line=line,
        reason=found.doubt or form.layout.columns.doubt or reason,
    )


def _words(grid: Grid, form: GridForm, found: Found) -> tuple[str, str]:
    """The label's and the unit's words in a row's lines."""
    lines = range(form.body + found.start, form.body + found.stop)
    columns = form.layout.columns
    cells = [cell_text(grid.cell(line, column)) for line in lines for column in columns.label]
    units = [cell_text(grid.cell(line, columns.unit)) for line in lines] if columns.unit is not None else []
    return " ".join(filter(None, cells)), " ".join(filter(None, units))


def _heading(grid: Grid, form: GridForm, found: Found, labels: Labels) -> str:
    """The headings above a line as they were found: section, then item."""
    code = labels.rows[found.row].code
    above = [
        f"{labels.rows[each.row].code} {labels.rows[each.row].label_vi} "
        f"({grid.address(form.body + each.start, form.layout.columns.label[0])})"
        for each in form.layout.found
        if each.start < found.start and code.startswith(labels.rows[each.row].code + ".")
    ]
    return " › ".join(above)


def _rows(text: str, unit: str, labels: Labels, own: int) -> tuple[Alternative, ...]:
    """The other rows of the catalogue that a text is most like."""
    (scores,) = score_labels([text], [fold(unit)], labels, range(len(labels.rows)), 1, LEAST_LIKENESS)
    likeness = np.minimum(scores[0], EXACT)
    words = canonical(text)
    ranked = []
    for row, indicator in enumerate(labels.rows):
        if row != own:
            score = float(likeness[row]) if np.isfinite(likeness[row]) else fuzz.ratio(words, labels.texts[row]) / 100
            ranked.append(Alternative(round(max(0.0, min(score, 1.0)), 3), indicator.code, indicator.label_vi))
    return tuple(sorted(ranked, key=lambda each: -each.likeness)[:_MOST_RUNNERS_UP])


def _texts(grid: Grid, form: GridForm, labels: Labels, row: int) -> tuple[Alternative, ...]:
    """The texts of the table, of those that are no row of the form, that are most like a row that was not found."""
    label = form.layout.columns.label
    ranked = []
    for line in form.layout.unplaced:
        text = " ".join(filter(None, (cell_text(grid.cell(form.body + line, column)) for column in label)))
        likeness = fuzz.ratio(canonical(text), labels.texts[row]) / 100
        ranked.append(Alternative(round(likeness, 3), "", text, grid.address(form.body + line, label[0])))
    return tuple(sorted(ranked, key=lambda each: -each.likeness)[:_MOST_RUNNERS_UP])


def _of_line(path: str, words: Sequence[str], lines: Sequence[Line], indicator: Indicator) -> Explanation:
    """Of running text: where the line stands and how like its words are."""
    line = next((each for each in lines if each.code == indicator.code), None)
    found = line if line is not None and line.confidence > 0 else None
    numbers = [int(number) for number in re.findall(r"\d+", found.locator)] if found else []
    return Explanation(
        file=PurePosixPath(path).name,
        indicator=indicator,
        heading="",
        found_text=tidy(" / ".join(words[numbers[0] - 1 : numbers[-1]])) if numbers else "",
        found_unit=found.unit if found else "",
        label_locator=found.locator if found else "",
        how="trong văn bản nhận dạng" if found else "không tìm thấy",
        likeness=found.confidence if found else 0.0,
        runners_up=(),
        line=found,
        reason="",
    )
