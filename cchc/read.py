"""``cchc read``: what is read from any report, as a table for people or one JSON object a form for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from cchc.settings import ROOT
from ingestion.errors import ParseError
from ingestion.forms.reader import FormReading, empty_lines, read_file
from ingestion.model import Form, Line, Problem
from ingestion.reference import FORM_CODE, Catalogue, load_catalogue

_MARKS = {"doubtful": "?", "unreadable": "✗", "not_applicable": "–"}


def read(paths: Sequence[Path], *, as_json: bool) -> int:
    """Read every file (and every file below a folder) and print it; 0 when each held a form, 1 when one did not."""
    catalogue = load_catalogue(ROOT / "dbt_project" / "seeds")
    console = Console(soft_wrap=False)
    is_all_read = True
    for path in _files(paths):
        try:
            readings = read_file(path, catalogue)
        except (ParseError, OSError) as error:
            reason = error.reason if isinstance(error, ParseError) else f"không mở được tệp: {error.strerror}"
            readings = [FormReading(path.name, _unread(reason, path, catalogue))]
            is_all_read = False
        for reading in readings:
            if as_json:
                sys.stdout.write(orjson.dumps(_as_json(path, reading)).decode() + "\n")
            else:
                _show(console, path, reading, catalogue)
    return 0 if is_all_read else 1


def _files(paths: Sequence[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(below for below in path.rglob("*") if below.is_file())
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


def _show(console: Console, path: Path, reading: FormReading, catalogue: Catalogue) -> None:
    form = reading.form
    by_code = catalogue.by_code()
    agency = next(
        (agency.name_vi for agency in catalogue.agencies if agency.code == form.agency_code), "không rõ cơ quan"
    )
    console.print(f"\n[bold]{path}[/bold]", highlight=False)
    dated = f" ngày {form.document_date:%d/%m/%Y}" if form.document_date else ""
    whose = f"{agency} ({form.agency_code or '?'}) · kỳ {form.period_code or '?'}"
    console.print(f"{whose} · {form.document_number or 'không số'}{dated}", highlight=False, markup=False)
    answered = [line for line in form.lines if line.status != "blank" or line.note]
    if any(line.status == "reported" for line in form.lines):
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("Mã", no_wrap=True)
        table.add_column("Chỉ tiêu", ratio=3)
        table.add_column("Số liệu", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        table.add_column("Ghi chú", ratio=2)
        for line in answered:
            style = "yellow" if line.status in ("doubtful", "unreadable") else None
            is_reference = by_code[line.code].value_type == "reference"
            table.add_row(
                line.code,
                by_code[line.code].label_vi,
                "" if is_reference else _shown_value(line),
                _MARKS.get(line.status, ""),
                line.text if is_reference else line.note,
                style=style,
            )
        console.print(table)
    blank = len(form.lines) - len(answered)
    doubtful = sum(line.status in ("doubtful", "unreadable") for line in form.lines)
    console.print(
        f"{len(form.lines)} dòng: {len(answered)} có trả lời, {blank} để trống, {doubtful} cần xem lại (? ✗)",
        highlight=False,
    )
    for problem in form.problems:
        colour = {"error": "red", "warning": "yellow"}.get(problem.severity, "dim")
        console.print(f"  {problem.locator}: {problem.message}", style=colour, highlight=False, markup=False)


def _shown_value(line: Line) -> str:
    if line.value is not None:
        return f"{line.value.normalize():f}".replace(".", ",")
    return line.text[:24]
