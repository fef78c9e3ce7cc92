"""Files made to do harm: each gives one clear line, in less than 512 MB and 10 seconds, and nothing else happens."""

from __future__ import annotations

import io
import json
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingestion.errors import ParseError
from ingestion.forms.containers import DEFAULT_LIMITS, Limits, Text, open_file, worker
from ingestion.forms.containers.limits import BROKE_THE_READER
from ingestion.forms.reader import read_bytes
from ingestion.model import Problem
from ingestion.reference import Catalogue
from tests.ingestion.forms.hostile_files import HOSTILE, packed, sheet_of, workbook

ROOT = Path(__file__).resolve().parents[3]

# What the sender is told; None where the file is harmless once its far ends are left out, and merely holds no form.
TOLD = {
    "zip_bomb": "bom nén",
    "bomb_in_a_workbook": "bom nén",
    "bomb_that_lies_about_its_size": "hỏng",
    "nested_bombs": "lồng nhau quá sâu",
    "many_entries": "quá nhiều mục",
    "overlapping_entries": "bung ra quá lớn",
    "entities_in_a_sheet": "thực thể XML",
    "entities_in_shared_strings": "thực thể XML",
    "entities_in_a_word_file": "thực thể XML",
    "external_entity_in_a_word_file": "thực thể XML",
    "entities_in_a_wide_word_file": "thực thể XML",
    "entities_in_an_open_document": "thực thể XML",
    "deep_nesting_in_a_word_file": "lồng nhau quá sâu",
    "nested_word_tables": None,
    "deep_nesting_in_a_sheet": None,
    "deep_nesting_in_a_web_page": None,
    "million_empty_rows": None,
    "cells_at_the_far_corners": None,
    "far_corners_without_addresses": "làm hỏng trình đọc",
    "long_text_shared_by_all_cells": "làm hỏng trình đọc",
    "one_sheet_named_a_thousand_times": "quá",
    "sixteen_thousand_columns": None,
    "repeated_cells_in_an_open_document": "hỏng",
    "formulas_that_go_round": None,
    "formula_of_a_million_brackets": None,
    "formulas_over_formulas": None,
    "formula_that_calls_out": None,
    "huge_text": "quá dài",
    "huge_web_table": "quá dài",
    "pdf_bomb": "",
    "pdf_that_points_to_itself": "PDF",
    "pdf_of_a_huge_page": "quá lớn",
    "picture_of_a_huge_size": "quá lớn",
}

# A process of its own, so that what it took at most is what the file cost: its own memory and its reader's together.
MEASURE = """
import json, resource, sys, time
from pathlib import Path
from ingestion.errors import ParseError
from ingestion.forms.containers import open_file, sandbox
content = Path(sys.argv[1]).read_bytes()
started = time.monotonic()
told, problems = None, []
try:
    found = list(open_file("bieu.xlsx", content, problems=problems))
except ParseError as error:
    told = error.reason
seconds = time.monotonic() - started
sandbox.end_all()
own = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"told": told, "seconds": seconds, "megabytes": (int(own) + reader) // 1024}))
"""


def test_every_hostile_file_has_its_words() -> None:
    assert set(TOLD) == set(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_met_within_time_and_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bieu.xlsx"
    path.write_bytes(HOSTILE[name]())
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", MEASURE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    measured = json.loads(done.stdout)
    assert measured["megabytes"] < 512
    assert measured["seconds"] < 10
    expected = TOLD[name]
    assert (measured["told"] is None) == (expected is None)
    assert (expected or "") in (measured["told"] or "")
    assert "\n" not in (measured["told"] or "")


class PanicException(BaseException):  # calamine's panics have this name
    """What a library in Rust raises where it did not expect to fail: out of memory, for one."""


@pytest.mark.parametrize("error", [PanicException("out of memory"), MemoryError()])
def test_however_the_memory_ends_the_sender_is_told_the_same(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An abort in one allocation is a panic in the next: each is a reader that broke, and is not used again."""

    def answers(*_: object) -> Iterator[tuple[Any, ...]]:
        raise error
        yield ()

    monkeypatch.setattr(worker, "_confine", lambda _: None)
    monkeypatch.setattr(worker, "_answers", answers)
    monkeypatch.setattr(worker.resource, "setrlimit", lambda *_: None)
    ours, its = multiprocessing.Pipe()
    with ours, its:
        ours.send(("read", "xlsx", b""))
        worker.serve(its, DEFAULT_LIMITS)
        assert ours.recv_bytes() == b"ready"
        assert pickle.loads(ours.recv_bytes()) == ("spent", BROKE_THE_READER)  # noqa: S301 - our own


def test_a_far_cell_does_not_lose_the_form_before_it(workbook: Path, catalogue: Catalogue) -> None:
    """Somebody leant on the keyboard at the end of the sheet: the form is read, the lost cell is told."""
    book = openpyxl.load_workbook(workbook)
    book.worksheets[0]["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)
    problems: list[Problem] = []
    ((_, grids),) = open_file("bieu.xlsx", out.getvalue(), problems=problems)
    assert not isinstance(grids, Text)
    assert len(grids[0].rows) < 200
    assert "bỏ qua 1 ô" in problems[0].message
    (reading,) = read_bytes("bieu.xlsx", out.getvalue(), catalogue)
    assert sum(line.status == "reported" for line in reading.form.lines) > 50


def test_a_form_after_ten_thousand_empty_rows_with_formats_is_refused_by_no_limit(catalogue: Catalogue) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"/></row>' % (row, row) for row in range(2, 12_000))
    ((_, grids),) = open_file("a.xlsx", sheet_of(b'<row r="1"><c r="A1"><v>7</v></c></row>' + rows))
    assert not isinstance(grids, Text)
    assert grids[0].rows == [[7.0]]


def test_a_reader_that_died_is_replaced_for_the_next_file(workbook: Path) -> None:
    with pytest.raises(ParseError):
        list(open_file("a.xlsx", HOSTILE["far_corners_without_addresses"]()))
    ((_, grids),) = open_file("b.csv", b"a;b\n1;2\n")
    assert isinstance(grids, Text)


def test_an_archive_of_slow_files_ends_in_time_and_keeps_what_was_read(workbook: Path) -> None:
    limits = Limits(most_seconds=1.5)
    problems: list[Problem] = []
    slow = HOSTILE["sixteen_thousand_columns"]()
    content = packed({"0.xlsx": workbook.read_bytes(), **{f"{number}.xlsx": slow for number in range(1, 12)}})
    names = [name for name, _ in open_file("gui.zip", content, limits=limits, problems=problems)]
    assert names[0] == "gui.zip/0.xlsx"
    assert any("quá lâu" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(most_bytes=100), "tệp quá lớn"),
        (Limits(most_entries=1), "quá nhiều mục"),
        (Limits(most_nesting=0), "lồng nhau quá sâu"),
        (Limits(most_unpacked_bytes=1000), "bung ra quá lớn"),
    ],
)
def test_each_limit_is_a_setting(limits: Limits, reason: str) -> None:
    content = packed({"a.txt": b"xyz" * 2000, "b.txt": bytes(range(256)) * 20})
    with pytest.raises(ParseError, match=reason):
        list(open_file("a.zip", content, limits=limits))
    assert limits != DEFAULT_LIMITS


def test_no_part_of_a_workbook_makes_the_reader_fetch_anything() -> None:
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    content = workbook(
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><f>[1]S!A1</f></c></row></sheetData></worksheet>',
        xl__externalLinks__externalLink1_xml=link,
    )
    problems: list[Problem] = []
    ((_, grids),) = open_file("a.xlsx", content, problems=problems)
    assert not isinstance(grids, Text)
    assert grids[0].rows == [["=[1]S!A1"]]
    assert "công thức" in problems[0].message
