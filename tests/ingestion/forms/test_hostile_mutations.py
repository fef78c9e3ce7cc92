"""Real files with bytes turned, cut and doubled: the reader gives forms or a ParseError, and nothing else ever comes out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.errors import ParseError
from ingestion.forms.containers import open_file
from ingestion.forms.reader import read_bytes
from ingestion.reference import Catalogue
from tests.ingestion.forms.hostile_files import packed

VALID = Path(__file__).parent / "valid"
QUICK = [
    "binary_workbook.xlsb",
    "cut_in_two_tables.docx",
    "excel_xml_of_2003.xls",
    "percent_in_open_document.ods",
    "percent_shown_in_old_excel.xls",
    "tabs_in_utf16.txt",
    "web_table_named_as_excel.xls",
]


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """``content`` with a few bytes turned, a piece cut out or doubled, or its end lost."""
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(changed) - 1, 0)))
        match draw(st.sampled_from(["turn", "turn", "cut", "double", "end"])):
            case "turn":
                changed[at : at + 1] = draw(st.binary(min_size=1, max_size=4))
            case "cut":
                del changed[at : at + draw(st.integers(1, 64))]
            case "double":
                piece = changed[at : at + draw(st.integers(1, 256))]
                changed[at:at] = piece
            case _:
                del changed[at:]
    return bytes(changed)


@st.composite
def mutated_parts(draw: st.DrawFn, content: bytes) -> bytes:
    """A packed file of which one part was mutated and packed again: what a broken writer leaves, not a broken disk."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(parts)))
    parts[name] = draw(mutations(parts[name]))
    return packed(parts)


def check(name: str, content: bytes, catalogue: Catalogue) -> None:
    try:
        readings = read_bytes(name, content, catalogue)
    except ParseError as error:
        assert error.reason.strip()
        assert "\n" not in error.reason
    else:
        assert all(len(reading.form.lines) == len(catalogue.answered) for reading in readings)


@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_file_is_read_or_refused(name: str, data: st.DataObject, catalogue: Catalogue) -> None:
    check(name, data.draw(mutations((VALID / name).read_bytes())), catalogue)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_file_with_a_mutated_part_is_read_or_refused(
    data: st.DataObject, workbook: Path, catalogue: Catalogue
) -> None:
    paths = [workbook, VALID / "cut_in_two_tables.docx", VALID / "percent_in_open_document.ods"]
    path = data.draw(st.sampled_from(paths))
    check(path.name, data.draw(mutated_parts(path.read_bytes())), catalogue)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.binary(max_size=400),
    start=st.sampled_from([b"", b"PK\3\4", b"%PDF-1.4\n", b"\xd0\xcf\x11\xe0", b"<html>"]),
)
def test_arbitrary_bytes_are_refused_or_a_text(content: bytes, start: bytes) -> None:
    try:
        list(open_file("bieu.xlsx", start + content))
    except ParseError as error:
        assert error.reason
