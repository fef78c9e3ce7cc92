"""No cell is blank silently: formulas without a result and errors of the spreadsheet, in every kind of workbook."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from xlrd.compdoc import CompDoc
from xlwt.CompoundDoc import XlsDoc

from ingestion.forms.containers import Text, open_file
from ingestion.forms.containers.records import records
from ingestion.forms.containers.tokens import XLS, XLSB, UnknownTokenError, written_out
from ingestion.forms.reader import read_bytes
from ingestion.model import Problem
from ingestion.reference import Catalogue
from tests.ingestion.forms.hostile_files import packed, sheet_of

VALID = Path(__file__).parent / "valid"
KINDS = ["xls", "ods", "xlsx"]
FORMULA, RESULT_AT = 0x0006, 6


def read(content: bytes) -> tuple[list[list[object]], list[Problem]]:
    problems: list[Problem] = []
    ((_, grids),) = open_file("bieu", content, problems=problems)
    assert not isinstance(grids, Text)
    return [["" if cell is None else cell for cell in row] for row in grids[0].rows], problems


def saved(kind: str) -> bytes:
    return (VALID / f"spreadsheet_formulas.{kind}").read_bytes()


def as_xls(stream: bytes) -> bytes:
    out = io.BytesIO()
    XlsDoc().save(out, stream)
    return out.getvalue()


def xls_changed(content: bytes, change: Callable[[int, bytearray], object]) -> bytes:
    """An .xls with each formula's record changed, all else as it was."""
    stream, start, length = CompDoc(content).locate_named_stream("Workbook")
    changed, at = bytearray(stream[start : start + length]), 0
    while at + 4 <= len(changed):
        kind, size = struct.unpack_from("<HH", changed, at)
        if kind == FORMULA:
            record = changed[at + 4 : at + 4 + size]
            change(at, record)
            changed[at + 4 : at + 4 + size] = record
        at += 4 + size
    return as_xls(bytes(changed))


def without_result_in_xls(content: bytes) -> bytes:
    def empty(_: int, record: bytearray) -> None:
        record[RESULT_AT : RESULT_AT + 8] = b"\x03\0\0\0\0\0\xff\xff"

    return xls_changed(content, empty)


def part_changed(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        return packed({part: change(old.read(part)) if part == name else old.read(part) for part in old.namelist()})


def without_result_in_ods(content: bytes) -> bytes:
    said = re.compile(rb'(table:formula="[^"]*")[^>]*?/?>(?:<text:p(?:/>|>[^<]*</text:p>)</table:table-cell>)?')
    return part_changed(content, "content.xml", lambda xml: said.sub(rb"\1/>", xml))


def without_result_in_xlsx(content: bytes) -> bytes:
    said = re.compile(rb'(<c r="\w+")[^>]*>(<f[^>]*>[^<]*</f>)<v>[^<]*</v></c>')
    return part_changed(content, "xl/worksheets/sheet1.xml", lambda xml: said.sub(rb"\1>\2</c>", xml))


STRIPPED = {"xls": without_result_in_xls, "ods": without_result_in_ods, "xlsx": without_result_in_xlsx}


@pytest.mark.parametrize("kind", KINDS)
def test_formulas_without_results_are_computed_as_the_spreadsheet_did(kind: str) -> None:
    before, problems = read(saved(kind))
    assert problems == []
    stripped = STRIPPED[kind](saved(kind))
    after, _ = read(stripped)
    assert after != before  # the errors of row 2 are formulas again
    computed = [before[0], *before[2:]]
    assert [after[0], *after[2:]] == computed
    assert sum(cell != "" for row in computed for cell in row) > 45


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_computed_is_named_with_its_cells(kind: str) -> None:
    rows, (problem,) = read(STRIPPED[kind](saved(kind)))
    assert [str(cell)[:1] for cell in rows[1][:5]] == ["=", "", "=", "=", "="]
    assert "4 công thức chưa có kết quả" in problem.message
    for place in ("Biểu A!A2", "Biểu A!C2", "Biểu A!D2", "Biểu A!E2"):
        assert place in problem.message


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_the_spreadsheet_is_no_blank(kind: str) -> None:
    rows, _ = read(saved(kind))
    assert rows[1][:5] == ["#DIV/0!", "", "#N/A", "#N/A", "#DIV/0!"]


def test_a_sum_over_an_error_is_not_computed() -> None:
    """Though a sum passes over texts: what the spreadsheet would show is an error too."""
    content = sheet_of(
        b'<row r="1"><c r="A1"><v>4</v></c><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C1"><f>SUM(A1:B1)</f></c></row>'
    )
    rows, (problem,) = read(content)
    assert rows == [[4.0, "#DIV/0!", "=SUM(A1:B1)"]]
    assert "!C1" in problem.message


def test_an_open_document_that_keeps_zero_beside_its_error_gives_the_error() -> None:
    """As OpenOffice wrote it."""
    rows, _ = read(ods({"formula": "of:=1/0", "valuetype": "float", "value": "0"}, "#DIV/0!"))
    assert rows == [["#DIV/0!"]]


def test_a_text_of_no_declared_kind_is_read() -> None:
    assert read(ods({}, "529"))[0] == [["529"]]


@pytest.mark.parametrize(
    "about", [{}, {"valuetype": "float"}, {"valuetype": "string"}], ids=["no_kind", "no_value", "no_text"]
)
def test_a_formula_of_an_open_document_has_no_result_however_it_is_written(about: dict[str, str]) -> None:
    assert read(ods({"formula": "of:=2*3", **about}, None))[0] == [[6.0]]


def ods(about: dict[str, str], shown: str | None) -> bytes:
    book, table, row, cell = OpenDocumentSpreadsheet(), Table(name="Biểu"), TableRow(), TableCell(**about)
    if shown is not None:
        cell.addElement(P(text=shown))
    row.addElement(cell)
    table.addElement(row)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_program_that_reckons_nothing_and_writes_empty_texts_is_seen_through() -> None:
    """xlwt's own way."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Biểu")
    for column, cell in enumerate([7, 5, xlwt.Formula("A1+B1*2"), xlwt.Formula("VLOOKUP(1;A1:B1;2;0)")]):
        sheet.write(0, column, cell)
    out = io.BytesIO()
    book.save(out)
    rows, (problem,) = read(out.getvalue())
    assert rows == [[7, 5, 17.0, "=(công thức)"]]
    assert "Biểu!D1" in problem.message


def test_a_zero_to_be_reckoned_when_an_old_workbook_is_opened_is_no_result() -> None:
    """As Spreadsheet::WriteExcel writes every formula."""

    def zero(_: int, record: bytearray) -> None:
        record[RESULT_AT : RESULT_AT + 8] = bytes(8)
        record[14] |= 3

    rows, _ = read(xls_changed(saved("xls"), zero))
    assert rows[3][:4] == [40, 4, 36.0, 252.0]


@pytest.mark.parametrize(("when_opened", "result"), [(b' fullCalcOnLoad="1"', 8.0), (b"", 0.0)])
def test_a_zero_to_be_reckoned_when_the_workbook_is_opened_is_no_result(when_opened: bytes, result: float) -> None:
    """As XlsxWriter writes every formula; elsewhere a zero is a zero."""
    content = sheet_of(b'<row r="1"><c r="A1"><v>4</v></c><c r="B1"><f>A1*2</f><v>0</v></c></row>')
    content = part_changed(
        content, "xl/workbook.xml", lambda xml: xml.replace(b"</workbook>", b"<calcPr" + when_opened + b"/></workbook>")
    )
    assert read(content)[0] == [[4.0, result]]


def number_b(column: int, value: float) -> bytes:
    return record_b(5, struct.pack("<IId", column, 0, value))


def record_b(kind: int, body: bytes) -> bytes:
    """A record of an .xlsb, with its type and length seven bits a byte."""

    def varying(value: int) -> bytes:
        said = bytearray()
        while True:
            value, low = value >> 7, value & 0x7F
            said.append(low | (0x80 if value else 0))
            if not value:
                return bytes(said)

    return varying(kind) + varying(len(body)) + body


def formula_b(column: int, tokens: bytes) -> bytes:
    """A formula whose result is an empty text."""
    return record_b(8, struct.pack("<III", column, 0, 0) + b"\0\0" + struct.pack("<I", len(tokens)) + tokens + bytes(4))


def ref_b(row: int, column: int) -> bytes:
    return struct.pack("<BIH", 0x44, row, column | 0xC000)


def binary_workbook(*cells: bytes) -> bytes:
    """The .xlsb of the fixtures with these cells in its first row and nothing else."""

    def rewritten(sheet: bytes) -> bytes:
        rest = [(kind, body) for kind, body in records(sheet)]
        first_row = next(body for kind, body in rest if kind == 0)
        before = [record_b(kind, body) for kind, body in rest[: [kind for kind, _ in rest].index(0)]]
        row = record_b(0, struct.pack("<I", 0) + first_row[4:])
        return b"".join([*before, row, *cells, record_b(146, b"")])

    content = (VALID / "binary_workbook.xlsb").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        part = next(name for name in old.namelist() if re.fullmatch(r"xl/worksheets/sheet1?\.bin", name))
    return part_changed(content, part, rewritten)


def test_a_formula_without_a_result_in_a_binary_workbook_is_computed() -> None:
    product = ref_b(0, 0) + ref_b(0, 1) + b"\x05"
    total = struct.pack("<BIIHH", 0x25, 0, 0, 0xC000, 0xC001) + b"\x19\x10\0\0"
    rows, problems = read(binary_workbook(number_b(0, 7), number_b(1, 5), formula_b(2, product), formula_b(3, total)))
    assert rows[0] == [7.0, 5.0, 35.0, 12.0]
    assert problems == []


def test_a_formula_of_a_binary_workbook_that_is_not_understood_is_named() -> None:
    rows, (problem,) = read(binary_workbook(number_b(0, 7), formula_b(1, b"\x21\x4a\0")))  # NOW()
    assert rows[0] == [7.0, "=(công thức)"]
    assert "!B1" in problem.message


def test_an_error_in_a_binary_workbook_is_no_blank() -> None:
    error = record_b(3, struct.pack("<IIB", 1, 0, 0x07))
    assert read(binary_workbook(number_b(0, 7), error))[0][0] == [7.0, "#DIV/0!"]


@pytest.mark.parametrize(
    ("tokens", "formula"),
    [
        (b"\x1e\x01\0\x1e\x02\0\x03\x1e\x03\0\x05", "=(1+2)*3"),
        (b"\x1e\x01\0\x1e\x02\0\x1e\x03\0\x04\x04", "=1-(2-3)"),
        (b"\x1e\x01\0\x1e\x02\0\x04\x1e\x03\0\x04", "=1-2-3"),
        (b"\x1e\x02\0\x13\x1e\x02\0\x07", "=-2^2"),
        (b"\x1e\x02\0\x1e\x02\0\x07\x13", "=-(2^2)"),
        (b"\x1e\x05\0\x1e\x05\0\x03\x14", "=(5+5)%"),
        (b'\x17\x03\0a"b', '="a""b"'),
        (b"\x1d\x01", "=TRUE"),
        (b"\x24\x04\0\x02\xc0\x15", "=(C5)"),
        (b"\x2c\xff\xff\xff\xc0", "=B5"),  # a row up, a column left, of C6
        (b"\x16\x1e\x01\0\x22\x02\x04\0", "=SUM(,1)"),
    ],
)
def test_tokens_are_written_out_so_that_they_mean_the_same(tokens: bytes, formula: str) -> None:
    assert written_out(tokens, 5, 2, XLS, []) == formula


@pytest.mark.parametrize(
    "tokens", [b"", b"\x03", b"\x1e\x01", b"\x1e\x01\0\x1e\x01\0", b"\x22\x09\x04\0", b"\x3a\0\0", b"\xff"]
)
@pytest.mark.parametrize("dialect", [XLS, XLSB])
def test_broken_tokens_are_refused(tokens: bytes, dialect: object) -> None:
    with pytest.raises(UnknownTokenError):
        written_out(tokens, 0, 0, dialect, [None])  # type: ignore[arg-type]


@pytest.mark.parametrize("said", ["#DIV/0!", "=NOW()"])
def test_a_figure_that_is_an_error_is_unreadable_and_told_with_its_cell(
    said: str, workbook: Path, catalogue: Catalogue
) -> None:
    book = openpyxl.load_workbook(workbook)
    sheet = book.worksheets[0]
    place = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 529)
    place.value = said
    out = io.BytesIO()
    book.save(out)
    (reading,) = read_bytes("bieu.xlsx", out.getvalue(), catalogue)
    (line,) = [line for line in reading.form.lines if line.text == said]
    assert (line.status, line.value) == ("unreadable", None)
    assert line.locator == f"{sheet.title}!{place.coordinate}"
    assert any(
        problem.code == "value_unreadable" and problem.locator == line.locator for problem in reading.form.problems
    )


def test_a_formula_without_a_result_stays_visible_in_xml_of_2003() -> None:
    content = (VALID / "excel_xml_of_2003.xls").read_bytes()
    said = b'><Data ss:Type="Number">529</Data>'
    assert said in content
    rows, _ = read(content.replace(said, b' ss:Formula="=SUM(R[1]C:R[2]C)">', 1))
    assert "=SUM(R[1]C:R[2]C)" in {value for row in rows for value in row}
