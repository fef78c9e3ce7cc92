"""Any report to forms: bytes in, ``Form`` out, the same record whichever door and layout it came by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from ingestion.errors import ParseError
from ingestion.forms.containers import DEFAULT_LIMITS, Limits, Text, open_file
from ingestion.forms.grid import Grid
from ingestion.forms.identity import Identity, identity_of, with_identity
from ingestion.forms.labels import labels_of
from ingestion.forms.layouts import KnownLayouts
from ingestion.forms.legacy import converter_of, in_unicode, share_of_marked_words
from ingestion.forms.lines import line_problems, make_line
from ingestion.forms.plain import PlainForm, read_plain
from ingestion.forms.tables import GridForm, read_grid, read_known
from ingestion.forms.title import read_title
from ingestion.forms.values import read_answer
from ingestion.model import Form, Line, Problem, Severity, TypedLine
from ingestion.reference import FORM_CODE, Catalogue, Indicator

LEAST_FORM_ROWS = 20
LEAST_SHARE_OF_MARKS = 0.5

_KNOWN: dict[int, KnownLayouts] = {}


@dataclass(frozen=True, slots=True)
class FormReading:
    """One form found in a file; ``locator`` is the file's name, with the sheet or the archive's entry where there are several."""

    locator: str
    form: Form


def read_bytes(
    path: str,
    content: bytes,
    catalogue: Catalogue,
    *,
    source: str = "drop",
    agency_hint: str | None = None,
    layouts: KnownLayouts | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> list[FormReading]:
    """Every form in a file.

    ``path`` is its name with the folders that mean something (an agency's code); ``agency_hint`` the agency that the door
    itself knows; ``layouts`` what was learnt of layouts so far (by this process, when it is left out); ``limits`` what
    reading may cost. Raises ``ParseError`` with a Vietnamese reason when the file can't be opened or holds no form.
    """
    if layouts is None:
        layouts = known_layouts(catalogue)
    readings: list[FormReading] = []
    told: list[Problem] = []
    for name, found in open_file(path, content, source=source, limits=limits, problems=told):
        if isinstance(found, Text):
            to_unicode = converter_of(found.content, catalogue) or str
            text = Text(to_unicode(found.content), is_recognised=found.is_recognised)
            readings.extend(_from_text(name, name, text, catalogue, agency_hint, layouts))
        else:
            readings.extend(_from_grids(name, name, found, catalogue, agency_hint, layouts))
    if not readings:
        raise ParseError("không tìm thấy biểu thống kê CCHC nào trong tệp", source=source, locator=path)
    if told:  # what could not be read beside the forms is told with the first
        first = readings[0]
        readings[0] = replace(first, form=replace(first.form, problems=(*first.form.problems, *told)))
    return readings


def read_file(path: Path, catalogue: Catalogue, *, limits: Limits = DEFAULT_LIMITS) -> list[FormReading]:
    """As ``read_bytes``, for a file; its folder may name the agency. OSError when it can't be opened."""
    size = path.stat().st_size
    if size > limits.most_bytes:
        raise ParseError(f"tệp quá lớn ({size // 2**20} MB)", source="drop", locator=str(path))
    resolved = path.resolve()
    return read_bytes(f"{resolved.parent.name}/{resolved.name}", path.read_bytes(), catalogue, limits=limits)


def form_of_typed_lines(
    typed: Sequence[TypedLine],
    catalogue: Catalogue,
    *,
    agency_code: str | None,
    form_code: str,
    period_code: str | None,
    document_number: str | None,
    locator: str,
) -> Form:
    """The form that a door gave line by line, each under its code: the portal's."""
    by_code = catalogue.by_code()
    lines: dict[str, Line] = {}
    problems: list[Problem] = []
    for given in typed:
        indicator = by_code.get(given.code)
        place = f"{locator}#{given.code}"
        if indicator is None or not indicator.is_answered:
            what = "không có trong biểu" if indicator is None else "là đề mục, không có số liệu"
            if given.text.strip() or indicator is None:
                problems.append(Problem("warning", "line_unknown", f"Dòng «{given.code}» {what}", place))
            continue
        if given.code in lines:
            continue  # named by the door's parser
        reading = read_answer(given.text, given.note, indicator)
        line = make_line(indicator, reading, text=given.text, note=given.note, locator=place)
        problems.extend(line_problems(indicator, reading, line))
        lines[given.code] = line
    return Form(
        agency_code=agency_code,
        form_code=form_code,
        period_code=period_code,
        document_number=document_number,
        document_date=None,
        reading="typed",
        lines=_complete(lines.values(), catalogue, locator, problems, severity="info"),  # a door may leave out blanks
        problems=tuple(problems),
    )


def empty_lines(catalogue: Catalogue, locator: str) -> tuple[Line, ...]:
    """One unreadable line for each answered row: what is known of a file in which nothing could be read."""
    return tuple(_missing(row, locator, "unreadable") for row in catalogue.answered)


def known_layouts(catalogue: Catalogue) -> KnownLayouts:
    """What this process has learnt of layouts of the catalogue's form."""
    labels = labels_of(catalogue.rows)
    known = _KNOWN.get(id(labels))
    if known is None or known.labels is not labels:
        known = _KNOWN[id(labels)] = KnownLayouts(labels)
    return known


def _from_grids(
    name: str,
    path: str,
    grids: Sequence[Grid],
    catalogue: Catalogue,
    agency_hint: str | None,
    layouts: KnownLayouts,
) -> list[FormReading]:
    """The forms of a workbook; those on hidden sheets only where no sheet that is shown holds one."""
    found: list[tuple[Grid, GridForm]] = []
    for grid in grids:
        form = read_known(grid, layouts)
        forms = [form] if form is not None else read_grid(in_unicode(grid, catalogue), layouts.labels, layouts)
        found += [(grid, each) for each in forms if each.found_rows >= LEAST_FORM_ROWS]
    identity = identity_of(grids, catalogue)
    shown = [(grid, form) for grid, form in found if not grid.is_hidden] or found
    return [
        FormReading(_name_of(name, grid, form, shown), _form(form, "typed", path, catalogue, agency_hint, identity))
        for grid, form in shown
    ]


def _name_of(name: str, grid: Grid, form: GridForm, forms: Sequence[tuple[Grid, GridForm]]) -> str:
    """A form's locator: the file, the sheet where several hold forms, its number where a sheet holds several."""
    if len(forms) == 1:
        return name
    of_sheet = [other for own, other in forms if own is grid]
    number = f":{of_sheet.index(form) + 1}" if len(of_sheet) > 1 else ""
    return f"{name}#{grid.name}{number}"


def _from_text(
    name: str, path: str, found: Text, catalogue: Catalogue, agency_hint: str | None, layouts: KnownLayouts
) -> list[FormReading]:
    text = found.content
    grid = None if found.is_recognised else _delimited(name, text)
    if grid is not None:
        readings = _from_grids(name, path, [grid], catalogue, agency_hint, layouts)
        if readings:
            return readings
    plain = read_plain(text, catalogue.rows)
    if plain.found_rows < LEAST_FORM_ROWS:
        return []
    has_reliable_marks = not found.is_recognised and share_of_marked_words(text, catalogue) > LEAST_SHARE_OF_MARKS
    reading: Literal["typed", "scanned"] = "typed" if has_reliable_marks else "scanned"
    return [FormReading(name, _form(plain, reading, path, catalogue, agency_hint))]


def _delimited(name: str, text: str) -> Grid | None:
    """A text that is a table: named .csv, or with tabs or semicolons in most lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    counts = {mark: sum(mark in line for line in lines) for mark in "\t;,|"}
    mark = max("\t;", key=lambda candidate: counts[candidate])
    if counts[mark] * 3 < len(lines):  # a cell may hold several lines
        if not name.lower().endswith(".csv") or counts[","] * 3 < len(lines):
            return None
        mark = ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=mark))
    except csv.Error:
        return None
    return Grid(PurePosixPath(name).name, rows)


def _form(
    found: GridForm | PlainForm,
    reading: Literal["typed", "scanned"],
    path: str,
    catalogue: Catalogue,
    agency_hint: str | None,
    identity: Identity | None = None,
) -> Form:
    title = with_identity(read_title(found.title, path, catalogue, agency_hint=agency_hint), identity)
    problems = [*title.problems, *found.problems]
    return Form(
        agency_code=title.agency_code,
        form_code=FORM_CODE,
        period_code=title.period_code,
        document_number=title.document_number,
        document_date=title.document_date,
        reading=reading,
        lines=_complete(found.lines, catalogue, PurePosixPath(path).name, problems),
        problems=tuple(problems),
    )


def _complete(
    lines: Iterable[Line],
    catalogue: Catalogue,
    locator: str,
    problems: list[Problem],
    severity: Severity = "warning",
) -> tuple[Line, ...]:
    """One line for each answered row, in the form's order; a row that was not found is blank and named in ``problems``."""
    found = {line.code: line for line in lines}
    missing = [row for row in catalogue.answered if row.code not in found]
    if missing:
        codes = ", ".join(row.code for row in missing[:12]) + (", …" if len(missing) > 12 else "")
        problems.append(Problem(severity, "lines_missing", f"Biểu thiếu {len(missing)} dòng: {codes}", locator))
    return tuple(found.get(row.code) or _missing(row, locator, "blank") for row in catalogue.answered)


def _missing(row: Indicator, locator: str, status: Literal["blank", "unreadable"]) -> Line:
    return Line(row.code, "", None, row.unit_vi, "", status, 0.0, locator)
