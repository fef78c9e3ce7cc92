"""``cchc read``: what is read from any report, as a table for people or one JSON object a form for programs."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from cchc.settings import Settings
from ingestion.errors import ParseError
from ingestion.forms.reader import FormReading, empty_lines, read_file
from ingestion.model import Form, Line, Problem
from ingestion.reference import FORM_CODE, Catalogue, load_catalogue

_MARKS = {"doubtful": "?", "unreadable": "✗", "not_applicable": "–"}
_MISSING = "∅"
_MANY_FILES = 5
_LEFT_BY_SYSTEMS = frozenset(("thumbs.db", "desktop.ini"))
_LEAST_WIDTH_FOR_NOTES = 60


def read(paths: Sequence[Path], settings: Settings, *, as_json: bool) -> int:
    """Read every file (and every file below a folder) and print it; 0 when each held a form, 1 when one did not.

    JSON is one object a form: a file with several forms gives several, in their order, all with the file's name.
    """
    catalogue = load_catalogue(settings.seeds_path)
    console = Console(soft_wrap=False, highlight=False)
    files = list(files_below(paths))
    are_many = len(files) >= _MANY_FILES
    folder = Path(os.path.commonpath([path.parent for path in files])) if files else Path()
    refused = forms = 0
    overview: list[tuple[str, ...]] = []
    for path in _with_progress(files):
        try:
            readings = read_file(path, catalogue, limits=settings.limits)
        except (ParseError, OSError) as error:
            reason = error.reason if isinstance(error, ParseError) else f"không mở được tệp: {error.strerror}"
            refused += 1
            overview.append((shown(path.relative_to(folder)), "✗", "", "", "", "", "", reason))
            if as_json:
                _write_json(path, FormReading(path.name, _unread(reason, path, catalogue)))
            else:
                console.print(Text(f"✗ {shown(path)}: {reason}", style="red"), soft_wrap=True)
            continue
        forms += len(readings)
        for reading in readings:
            if as_json:
                _write_json(path, reading)
            else:
                _show(console, path, reading, catalogue, only_marked=are_many)
                overview.append(_overview(path.relative_to(folder), reading))
    if len(files) > 1 and not as_json:
        if are_many:
            console.print(_overview_table(overview))
            console.print("Trên đây chỉ có các dòng cần xem lại; xem cả biểu: cchc read TỆP", soft_wrap=True)
        console.print(Text(f"\n{len(files)} tệp: {forms} biểu đọc được, {refused} tệp không đọc được", style="bold"))
    return 1 if refused else 0


def _with_progress(files: Sequence[Path]) -> Iterable[Path]:
    """The files, with a bar on stderr when there are many and somebody watches."""
    bar = Console(stderr=True)
    if len(files) < _MANY_FILES or not bar.is_terminal:
        return files
    return track(files, description="Đang đọc", console=bar, transient=True)


def _write_json(path: Path, reading: FormReading) -> None:
    sys.stdout.write(orjson.dumps(_as_json(path, reading)).decode() + "\n")


def files_below(paths: Sequence[Path]) -> Iterable[Path]:
    """The files named, and all files below the folders named, by name; there without links, and without what programs
    leave beside the files of people (hidden files, locks of Office)."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                below
                for below in path.rglob("*")
                if below.is_file()
                and not below.is_symlink()
                and not below.name.startswith((".", "~$"))
                and below.name.lower() not in _LEFT_BY_SYSTEMS
            )
        else:
            yield path


def _unread(reason: str, path: Path, catalogue: Catalogue) -> Form:
    problem = Problem("error", "file_unreadable", reason, path.name)
    return Form(None, FORM_CODE, None, None, None, "typed", empty_lines(catalogue, path.name), (problem,))


def _as_json(path: Path, reading: FormReading) -> dict[str, Any]:
    form = reading.form
    return {
        "file": str(path),
        "agency_code": form.agency_code,
        "form_code": form.form_code,
        "period_code": form.period_code,
        "document_number": form.document_number,
        "document_date": form.document_date,
        "lines": [_line_as_json(line) for line in form.lines],
        "problems": [
            {
                "severity": problem.severity,
                "code": problem.code,
                "message": problem.message,
                "locator": problem.locator,
            }
            for problem in form.problems
        ],
    }


def _line_as_json(line: Line) -> dict[str, Any]:
    return {
        "code": line.code,
        "text": line.text,
        "value": _number(line.value),
        "unit": line.unit,
        "note": line.note,
        "status": line.status,
        "confidence": line.confidence,
        "locator": line.locator,
        "documents": [{"number": document.number, "date": document.dated_on} for document in line.documents],
        "ratio": line.ratio
        and {"numerator": _number(line.ratio.numerator), "denominator": _number(line.ratio.denominator)},
    }


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def shown(path: Path) -> str:
    """A path fit for a terminal: a name may hold what moves its cursor, or bytes that are no text."""
    return "".join(letter if letter.isprintable() else "�" for letter in str(path))


def _overview(path: Path, reading: FormReading) -> tuple[str, ...]:
    form = reading.form
    statuses = Counter(line.status for line in form.lines)
    missing = sum(line.confidence == 0 for line in form.lines)
    where = reading.locator.partition("#")[2]
    counts = (statuses["reported"], statuses["doubtful"], statuses["unreadable"], missing)
    first = next((problem.message for problem in form.problems if problem.severity == "error"), "")
    return (
        shown(path) + (f" · {where}" if where else ""),
        form.agency_code or "?",
        form.period_code or "?",
        *(str(count or "") for count in counts),
        first,
    )


def _overview_table(rows: Sequence[tuple[str, ...]]) -> Table:
    """One line for each form, and for each file that holds none."""
    table = Table(title="\nTóm tắt", title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("Tệp", overflow="fold", ratio=3)
    for name in ("Cơ quan", "Kỳ"):
        table.add_column(name, no_wrap=True)
    for name in ("Trả lời", "?", "✗", _MISSING):
        table.add_column(name, no_wrap=True, justify="right")
    table.add_column("Lý do", overflow="fold", ratio=3)
    for row in rows:
        table.add_row(*map(Text, row), style="red" if row[1] == "✗" else None)
    return table


def _show(console: Console, path: Path, reading: FormReading, catalogue: Catalogue, *, only_marked: bool) -> None:
    form = reading.form
    agency = next(
        (agency.name_vi for agency in catalogue.agencies if agency.code == form.agency_code), "không rõ cơ quan"
    )
    where = reading.locator.partition("#")[2]
    console.print(Text(f"\n{shown(path)}" + (f" · {where}" if where else ""), style="bold"), soft_wrap=True)
    dated = f" ngày {form.document_date:%d/%m/%Y}" if form.document_date else ""
    whose = f"{agency} ({form.agency_code or '?'}) · kỳ {form.period_code or '?'}"
    console.print(Text(f"{whose} · {form.document_number or 'không số'}{dated}"))
    table = _table(form, catalogue, has_notes=console.width >= _LEAST_WIDTH_FOR_NOTES, only_marked=only_marked)
    if table.row_count:
        console.print(table)
    console.print(Text(_summary(form)))
    for problem in form.problems:
        if not problem.code.startswith("value_"):  # those stand in the table
            colour = {"error": "red", "warning": "yellow"}.get(problem.severity, "dim")
            console.print(Text(f"  ! {problem.locator}: {problem.message}", style=colour), soft_wrap=True)


def _table(form: Form, catalogue: Catalogue, *, has_notes: bool, only_marked: bool) -> Table:
    """The lines that say something, and those that should and don't: doubtful, unreadable, not found; with the reason.
    ``only_marked``: these latter alone."""
    by_code = catalogue.by_code()
    reasons = _reasons(form)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Mã", no_wrap=True)
    table.add_column("Chỉ tiêu", ratio=3, min_width=12)
    table.add_column("Số liệu", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, width=1)
    if has_notes:
        table.add_column("Ghi chú, lý do", ratio=2, min_width=12)
    for line in form.lines:
        is_missing = line.confidence == 0
        if line.status == "blank" and not line.note and not is_missing:
            continue
        if only_marked and not is_missing and line.status not in ("doubtful", "unreadable"):
            continue
        is_reference = by_code[line.code].value_type == "reference"
        reason = "không thấy dòng này trong tệp" if is_missing else reasons.get(line.code, "")
        note = line.text if is_reference else line.note
        cells = [
            line.code,
            by_code[line.code].label_vi,
            "" if is_reference else _shown_value(line),
            _MISSING if is_missing else _MARKS.get(line.status, ""),
        ]
        if has_notes:
            cells.append(" ".join(filter(None, (note, f"⟵ {reason}" if reason else ""))))
        style = "yellow" if line.status in ("doubtful", "unreadable") else "dim" if is_missing else None
        table.add_row(*map(Text, cells), style=style)
    return table


def _reasons(form: Form) -> dict[str, str]:
    """Why a figure is doubtful or unreadable, by its line: problems name the line, then say why."""
    told = (problem.message.partition(": ") for problem in form.problems if problem.code.startswith("value_"))
    return {name.partition(" ")[0]: reason for name, _, reason in told}


def _summary(form: Form) -> str:
    statuses = Counter(line.status for line in form.lines)
    missing = sum(line.confidence == 0 for line in form.lines)
    return (
        f"{len(form.lines)} dòng: {statuses['reported']} có trả lời, {statuses['not_applicable']} không phát sinh (–), "
        f"{statuses['blank'] - missing} để trống, {statuses['doubtful']} cần xem lại (?), "
        f"{statuses['unreadable']} không đọc được (✗), {missing} không thấy ({_MISSING})"
    )


def _shown_value(line: Line) -> str:
    if line.value is not None:
        return f"{line.value.normalize():f}".replace(".", ",")
    return line.text[:24]
