"""``cchc read --explain``: why a line was matched, for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cchc.read import files_below
from cchc.settings import Settings
from ingestion.errors import ParseError
from ingestion.forms.explain import Explanation, explain
from ingestion.reference import load_catalogue

_STATUS = {
    "reported": "có số liệu",
    "blank": "để trống",
    "not_applicable": "không phát sinh",
    "unreadable": "không đọc được",
    "doubtful": "cần xem lại",
}


def explain_line(paths: Sequence[Path], code: str, settings: Settings) -> int:
    """Say for each form in the files why the line of ``code`` was matched; 0, 1 when a file held no form, 2 for no such code."""
    catalogue = load_catalogue(settings.seeds_path)
    console = Console(soft_wrap=False, highlight=False)
    if code not in catalogue.by_code():
        Console(stderr=True, highlight=False).print(f"no such line on the form: {code} (e.g. III.6.1)", markup=False)
        return 2
    is_all_read = True
    for path in files_below(paths):
        try:
            name = f"{path.resolve().parent.name}/{path.name}"
            told = explain(name, path.read_bytes(), catalogue, code, limits=settings.limits)
        except (ParseError, OSError) as error:
            console.print(f"{path}: {error.reason if isinstance(error, ParseError) else error.strerror}", markup=False)
            is_all_read = False
            continue
        for each in told:
            _show(console, each)
    return 0 if is_all_read else 1


def _show(console: Console, told: Explanation) -> None:
    console.print(f"\n{told.file}: {told.indicator.code} {told.indicator.label_vi}", style="bold", markup=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")

    def say(what: str, words: str) -> None:
        table.add_row(what, Text(words))

    if told.found_text:
        say("nhãn tìm thấy", f"«{told.found_text}» ở {told.label_locator}")
        say("đơn vị tính", f"«{told.found_unit}»; của biểu: «{told.indicator.unit_vi or '—'}»")
        say("thuộc mục", told.heading or "(không rõ)")
        say("độ giống", f"{_likeness(told.likeness)} ({told.how})")
    else:
        say("nhãn", "không tìm thấy trong tệp")
    for each in told.runners_up:
        where = f" ở {each.locator}" if each.locator else ""
        say("còn giống", f"{_likeness(each.likeness)} {each.code} «{each.text}»{where}")
    line = told.line
    if line is not None:
        value = "" if line.value is None else f" → {line.value.normalize():f}".replace(".", ",")
        say("số liệu", f"«{line.text}» ở {line.locator}{value} ({_STATUS[line.status]})")
        say("ghi chú", line.note or "(trống)")
        if line.ratio:
            say("tỷ số", f"{line.ratio.numerator}/{line.ratio.denominator}")
        for document in line.documents:
            say("văn bản", f"{document.number} {document.date_text}")
    if told.reason:
        say("lý do", told.reason)
    console.print(table)


def _likeness(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")
