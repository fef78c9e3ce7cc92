"""Every kind of file that an office sends gives the same form; what kind it is, its content says and never its name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from ingestion.errors import ParseError
from ingestion.forms.containers import Text, open_file
from ingestion.forms.reader import read_bytes, read_file
from ingestion.model import Form, Problem
from ingestion.reference import Catalogue
from tests.ingestion.forms.hostile_files import packed

VALID = Path(__file__).parent / "valid"
INVALID = Path(__file__).parent / "invalid"

SAME_FORM = [
    "binary_workbook.xlsb",
    "cut_in_two_tables.docx",
    "excel_xml_of_2003.xls",
    "last_line_alone_on_its_page.pdf",
    "percent_in_open_document.ods",
    "percent_shown_in_old_excel.xls",
    "ruled_close_cells.pdf",
    "ruled_table.pdf",
    "tabs_in_utf16.txt",
    "web_table_named_as_excel.xls",
]


@pytest.fixture(scope="module")
def typed(workbook: Path, catalogue: Catalogue) -> Form:
    (reading,) = read_file(workbook, catalogue)
    return reading.form


def told(form: Form) -> list[tuple[object, ...]]:
    return [(line.code, line.value, line.status, line.note) for line in form.lines]


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(ParseError) as refused:
        list(open_file(name, content))
    assert "\n" not in refused.value.reason
    return refused.value.reason


@pytest.mark.parametrize("name", SAME_FORM)
def test_every_line_and_note_is_the_same_as_in_the_workbook(name: str, typed: Form, catalogue: Catalogue) -> None:
    (reading,) = read_bytes(name, (VALID / name).read_bytes(), catalogue)
    assert told(reading.form) == told(typed)
    assert (reading.form.agency_code, reading.form.period_code) == ("H51.03", "2021")
    assert reading.form.document_number == "5686/BC-STC"


def test_the_last_line_of_a_pdf_is_found_though_its_page_holds_nothing_else(catalogue: Catalogue) -> None:
    name = "last_line_alone_on_its_page.pdf"
    (reading,) = read_bytes(name, (VALID / name).read_bytes(), catalogue)
    assert all(line.confidence for line in reading.form.lines)


def test_every_figure_survives_in_a_pdf_whose_table_has_no_lines(typed: Form, catalogue: Catalogue) -> None:
    (reading,) = read_bytes("x.pdf", (VALID / "table_without_lines.pdf").read_bytes(), catalogue)
    assert [row[:2] for row in told(reading.form)] == [row[:2] for row in told(typed)]
    assert unmarked_faults(typed, reading.form) == []


def unmarked_faults(typed: Form, read: Form) -> list[tuple[object, object]]:
    """Lines that say something else than in the workbook, and don't say that they may."""
    missing = " ".join(problem.message for problem in read.problems if problem.code == "lines_missing")
    return [
        (expected, line)
        for expected, line in zip(typed.lines, read.lines, strict=True)
        if (line.value, line.status) != (expected.value, expected.status)
        and line.status not in ("doubtful", "unreadable")
        and not (line.confidence == 0 and line.code in missing.replace(",", "").split())
    ]


@pytest.mark.parametrize("place", ["top", "middle", "foot"])
def test_wrapped_cells_without_lines_are_put_together_or_doubtful(
    place: str, typed: Form, catalogue: Catalogue
) -> None:
    name = f"wrapped_without_lines_{place}.pdf"
    (reading,) = read_bytes(name, (VALID / name).read_bytes(), catalogue)
    assert unmarked_faults(typed, reading.form) == []
    expected = {line.code: (line.value, line.status) for line in typed.lines}
    right = sum((line.value, line.status) == expected[line.code] for line in reading.form.lines)
    assert right >= 105


@pytest.mark.parametrize("name", ["báo cáo.pdf", "bieu.txt", "bieu", "a.zip", "../../etc/passwd"])
def test_a_wrong_ending_is_no_error(name: str, workbook: Path) -> None:
    ((_, grids),) = open_file(name, workbook.read_bytes())
    assert not isinstance(grids, Text)
    assert grids[0].rows


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("encrypted.xlsx", "mật khẩu"),
        ("encrypted.pdf", "mật khẩu"),
        ("rich_text.rtf", "lưu lại thành .docx"),
    ],
)
def test_what_can_not_be_read_says_what_to_do(name: str, reason: str) -> None:
    assert reason in refusal("bieu.xlsx", (INVALID / name).read_bytes())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "tệp rỗng"),
        (b"\0" * 5000, "tệp rỗng"),
        (b"Rar!\x1a\x07\x01\x00 rest", ".zip"),
        (b"7z\xbc\xaf\x27\x1c rest", ".zip"),
        (b"\x1f\x8b\x08 rest", ".zip"),
        (b"MZ\x90\x00 program", "chương trình"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", ".mht"),
        (b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>", "trang web"),
        (b'<?xml version="1.0"?><note>x</note>', "XML"),
        (b"\x00\x01\x02\x03" * 500, "định dạng"),
        (b"abc\x00\x01\x02" * 500, "định dạng"),
        (b"PK\x03\x04" + b"\0" * 60, "hỏng"),
        (b"%PDF-1.4\nnothing", "hỏng"),
        (b"\x89PNG\r\n\x1a\nnothing", "hỏng"),
        (b"\xff\xd8\xff\xe0nothing", "hỏng"),
        (b"II*\0nothing", "hỏng"),
        (b"\xff\xfea\0b", "hỏng"),
    ],
)
def test_what_is_no_report_is_refused_in_one_line(content: bytes, reason: str) -> None:
    assert reason in refusal("bieu.xlsx", content)


def compound(stream: str) -> bytes:
    """The head of an old Office file, and the directory entry of its main stream."""
    wide = stream.encode("utf-16-le")
    entry = wide.ljust(64, b"\0") + (len(wide) + 2).to_bytes(2, "little")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + entry.ljust(128, b"\0")


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ("WordDocument", "lưu lại thành .docx"),
        ("EncryptedPackage", "mật khẩu"),
        ("PowerPoint Document", "trình chiếu"),
        ("Workbook", "bị hỏng"),
        ("Something", "không nhận ra"),
    ],
)
def test_an_old_office_file_is_known_by_its_streams(stream: str, reason: str) -> None:
    assert reason in refusal("bieu.xls", compound(stream))


@pytest.mark.parametrize("name", [*SAME_FORM, "table_without_lines.pdf"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_truncated_file_is_read_or_refused_and_never_breaks(name: str, share: float, catalogue: Catalogue) -> None:
    content = (VALID / name).read_bytes()
    try:
        readings = read_bytes(name, content[: int(len(content) * share)], catalogue)
    except ParseError as error:
        assert error.reason
    else:
        assert readings


@pytest.mark.parametrize(
    ("letters", "encoding"),
    [("Tỷ lệ hồ sơ đúng hạn", "utf-8"), ("Tỷ lệ hồ sơ", "utf-8-sig"), ("Tỷ lệ hồ sơ", "utf-16-le")],
)
def test_texts_come_in_the_encodings_of_vietnamese_offices(letters: str, encoding: str) -> None:
    ((_, found),) = open_file("a.txt", (letters * 3).encode(encoding))
    assert isinstance(found, Text)
    assert found.content == letters * 3


def test_windows_1258_is_known_by_its_tone_marks_after_vowels() -> None:
    typed = "Ty\u0309 lê\u0323 hô\u0300 sơ đu\u0301ng ha\u0323n"
    ((_, found),) = open_file("a.txt", typed.encode("cp1258"))
    assert isinstance(found, Text)
    assert found.content == typed


def test_bytes_of_an_old_font_stay_western_letters_for_its_own_table() -> None:
    ((_, found),) = open_file("a.txt", "Tû lÖ hå s¬ ®óng h¹n, c¶i c¸ch hµnh chÝnh".encode("cp1252"))
    assert isinstance(found, Text)
    assert found.content.startswith("Tû lÖ hå s¬ ®óng h¹n")


# Archives


def test_forms_in_nested_archives_are_all_found(workbook: Path) -> None:
    inner = packed({"H51.05/bieu 2.xlsx": workbook.read_bytes()})
    outer = packed({"bieu.xlsx": workbook.read_bytes(), "trong/inner.zip": inner, "~$bieu.xlsx": b"lock"})
    names = [name for name, _ in open_file("gui.zip", outer)]
    assert names == ["gui.zip/bieu.xlsx", "gui.zip/trong/inner.zip/H51.05/bieu 2.xlsx"]


def test_a_folder_inside_an_archive_speaks_for_what_lies_in_it(workbook: Path, catalogue: Catalogue) -> None:
    content = packed({"H51.03/bieu.xlsx": workbook.read_bytes(), "H51.05/bieu.xlsx": workbook.read_bytes()})
    right, wrong = read_bytes("gui.zip", content, catalogue)
    assert right.form.agency_code == "H51.03"
    assert wrong.form.agency_code is None
    assert "agency_contradiction" in [problem.code for problem in wrong.form.problems]


def test_a_bad_entry_is_told_with_the_forms_of_the_others(workbook: Path, catalogue: Catalogue) -> None:
    content = packed({"hong.xlsx": workbook.read_bytes()[:4000], "tot.xlsx": workbook.read_bytes()})
    (reading,) = read_bytes("gui.zip", content, catalogue)
    assert reading.form.agency_code == "H51.03"
    assert [problem.locator for problem in reading.form.problems if problem.code == "file_unreadable"] == [
        "gui.zip/hong.xlsx"
    ]


def test_a_bad_entry_does_not_lose_the_others_and_is_named(workbook: Path) -> None:
    good = workbook.read_bytes()
    problems: list[Problem] = []
    content = packed(
        {"hong.xlsx": good[:4000], "khoa.xlsx": (INVALID / "encrypted.xlsx").read_bytes(), "tot.xlsx": good}
    )
    names = [name for name, _ in open_file("gui.zip", content, problems=problems)]
    assert names == ["gui.zip/tot.xlsx"]
    assert [problem.locator for problem in problems] == ["gui.zip/hong.xlsx", "gui.zip/khoa.xlsx"]
    assert "mật khẩu" in problems[1].message


def test_an_archive_of_bad_entries_only_is_refused_with_their_reason() -> None:
    assert "mật khẩu" in refusal("gui.zip", packed({"khoa.xlsx": (INVALID / "encrypted.xlsx").read_bytes()}))


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("../../../etc/cron.d/bieu.xlsx", "a.zip/etc/cron.d/bieu.xlsx"),
        ("/etc/bieu.xlsx", "a.zip/etc/bieu.xlsx"),
        ("C:\\Windows\\bieu.xlsx", "a.zip/Windows/bieu.xlsx"),
        ("x/..\\..\\bieu.xlsx", "a.zip/x/bieu.xlsx"),
        ("bieu\x1b[31m\n\u202exslx.exe", "a.zip/bieu_[31m__xslx.exe"),
    ],
)
def test_names_inside_an_archive_lead_nowhere(
    inside: str, shown: str, workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ((name, _),) = open_file("a.zip", packed({inside: workbook.read_bytes()}))
    assert name == shown
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_an_archive_is_not_followed(workbook: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("bieu.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.write(workbook, "tot.xlsx")
    problems: list[Problem] = []
    assert [name for name, _ in open_file("a.zip", out.getvalue(), problems=problems)] == ["a.zip/tot.xlsx"]
    assert "liên kết" in problems[0].message


def test_an_encrypted_archive_says_so(workbook: Path) -> None:
    content = bytearray(packed({"bieu.xlsx": workbook.read_bytes()}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "mật khẩu" in refusal("a.zip", bytes(content))


# Workbooks


def saved(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_date_that_a_spreadsheet_made_of_a_ratio_comes_as_a_date() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].append([datetime(2021, 8, 8), "8/8"])

    ((_, grids),) = open_file("a.xlsx", saved(fill))
    assert not isinstance(grids, Text)
    assert grids[0].rows[0] in ([date(2021, 8, 8), "8/8"], [datetime(2021, 8, 8), "8/8"])


def test_hidden_sheets_are_given_as_hidden() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].append(["a"])
        book.create_sheet("Ẩn").append(["b"])
        book["Ẩn"].sheet_state = "veryHidden"

    ((_, grids),) = open_file("a.xlsx", saved(fill))
    assert not isinstance(grids, Text)
    assert [(grid.name, grid.is_hidden) for grid in grids] == [("Sheet", False), ("Ẩn", True)]


def test_macros_are_left_alone(workbook: Path) -> None:
    """An .xlsm is a workbook with one part more, which nobody opens."""
    parts = {}
    with zipfile.ZipFile(workbook) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0" + b"Shell calc" * 100
    ((_, grids),) = open_file("bieu.xlsm", packed(parts))
    assert not isinstance(grids, Text)
    assert len(grids[0].rows) > 160


@pytest.mark.parametrize("name", ["percent_in_open_document.ods", "percent_shown_in_old_excel.xls"])
def test_cells_shown_as_percentages_are_told_in(name: str) -> None:
    ((_, (grid,)),) = open_file(name, (VALID / name).read_bytes())  # type: ignore[misc]
    shown = [index for index, row in enumerate(grid.rows) if grid.is_percent_format(index + grid.first_row, 3)]
    assert shown
    assert {grid.rows[index][2] for index in shown} == {"%"}


def test_a_workbook_of_binary_records_tells_percentages_too() -> None:
    ((_, (grid,)),) = open_file("a.xlsb", (VALID / "binary_workbook.xlsb").read_bytes())  # type: ignore[misc]
    assert grid.is_percent_format(50, 3) is False
