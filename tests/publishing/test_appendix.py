"""The province's Phụ lục 2, read back cell by cell."""

from __future__ import annotations

import io
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import duckdb
import openpyxl
import pypdfium2
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.forms import official
from publishing.appendix.document import write_document
from publishing.appendix.notes import Made, coverage, line_note
from publishing.appendix.pdf import print_pdf
from publishing.appendix.words import number, words
from publishing.appendix.workbook import write_workbook
from publishing.province_table import ExportError, ProvinceTable, read_province_table
from tests.publishing.made_province import make_published

MADE = Made(datetime(2022, 7, 1, 8), "cchc.duckdb", datetime(2022, 6, 30, 1, 5), "ab" * 32)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_published(tmp_path_factory.mktemp("appendix") / "cchc.duckdb")


@pytest.fixture(scope="module")
def table(published: Path) -> ProvinceTable:
    return read_province_table(published, "2021")


@pytest.fixture(scope="module")
def book(table: ProvinceTable) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write_workbook(table, MADE, official)))


def ask(published: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def first_row(sheet: Worksheet) -> int:
    return next(row for row in range(1, 20) if sheet.cell(row, 1).value == "I")


def test_the_form_has_every_line_and_the_provinces_figure_of_each(
    book: openpyxl.Workbook, table: ProvinceTable, published: Path
) -> None:
    sheet = book["Phụ lục 2"]
    first = first_row(sheet)
    figures = dict(
        ask(published, "select indicator_code, value from mart.mart_province_summary where period_code = '2021'")
    )
    assert len(figures) == 133
    shown = {line.code: sheet.cell(row, 4).value for row, line in enumerate(table.lines, first)}
    assert {
        code: None if value is None else Decimal(str(value)) for code, value in shown.items() if code in figures
    } == figures
    assert {value for code, value in shown.items() if code not in figures} == {None}
    assert len(shown) == 166
    labels = [sheet.cell(row, 2).value for row in range(first, first + 166)]
    assert [str(label).removeprefix("- ") for label in labels] == [line.label_vi for line in table.lines]
    assert sum(value is not None for value in figures.values()) > 100
    assert None in figures.values()


def test_every_agencys_cell_is_its_accepted_figure_and_the_others_columns_are_empty(
    book: openpyxl.Workbook, table: ProvinceTable, published: Path
) -> None:
    sheet = book["Các cơ quan"]
    first = first_row(sheet)
    names = {sheet.cell(first - 2, column).value: column for column in range(5, 35)}
    rows = {line.code: row for row, line in enumerate(table.lines, first)}
    cells = ask(
        published,
        "select name_vi, indicator_code, value from mart.fct_indicator_value inner join mart.dim_agency using (agency_code)"
        " where is_current and period_code = '2021' and value is not null",
    )
    assert len(cells) > 2000
    for name, code, value in cells:
        assert Decimal(str(sheet.cell(rows[code], names[name]).value)) == value, (name, code)
    numbers = sum(
        isinstance(sheet.cell(row, column).value, int | float) for row in rows.values() for column in names.values()
    )
    assert numbers == len(cells)
    for left_out in ("Sở Kế hoạch và Đầu tư", "Sở Tư pháp", "Sở Công Thương"):
        column = names[left_out]
        assert {sheet.cell(row, column).value for row in rows.values()} == {None}
        assert sheet.cell(first - 1, column).value in ("tạm giữ", "đã rút", "chưa gửi")


def test_blank_not_applicable_unreadable_and_doubtful_look_different(
    book: openpyxl.Workbook, table: ProvinceTable
) -> None:
    sheet = book["Các cơ quan"]
    first = first_row(sheet)
    column = next(column for column in range(5, 35) if sheet.cell(first - 2, column).value == "Sở Tài chính")
    rows = {line.code: row for row, line in enumerate(table.lines, first)}
    by_status = {
        status: sheet.cell(rows[code], column).value
        for (agency, code), cell in table.cells.items()
        if agency == "H51.03" and (status := cell.status) in ("blank", "not_applicable", "unreadable")
    }
    assert by_status == {"blank": None, "not_applicable": "–", "unreadable": "?"}
    doubtful = sheet.cell(rows["III.6.1"], column)
    assert doubtful.font.italic
    assert doubtful.number_format.endswith('"*"')
    assert sheet.cell(rows["I.1"], column).value == "x"


def test_notes_say_who_is_left_out_and_why_and_what_to_look_at_again(book: openpyxl.Workbook, published: Path) -> None:
    told = [" | ".join(str(cell) for cell in row if cell) for row in book["Ghi chú"].iter_rows(values_only=True)]
    rule = ask(published, "select message_vi from mart.dim_rule where rule_id = 'III-06'")[0][0]
    assert "Độ phủ | 27/30 cơ quan; 1 tạm giữ; 1 đã rút; 1 chưa gửi" in told
    assert f"Sở Kế hoạch và Đầu tư | tạm giữ | Vi phạm quy tắc: III-06: {rule}" in told
    assert "Sở Công Thương | chưa gửi | Không có báo cáo khi đã quá hạn" in told
    assert "Sở Nông nghiệp và Phát triển nông thôn" in told
    assert any(line.startswith("Sở Tài chính | III.6.1 ") and "đọc là" in line for line in told)
    assert any("công bố lúc 01:05 30/06/2022" in line and "ab" * 32 in line for line in told)
    assert not any("42/2022" in line or "dịch vụ công toàn trình" in line for line in told)


def test_a_line_that_changed_its_meaning_is_marked_from_the_period_that_holds_the_day(published: Path) -> None:
    table = read_province_table(published, "2022-H1")
    broken = {line.code for line in table.lines if "(*)" in line_note(table, line, "vi")}
    assert broken == set()  # 24/6/2022 lies after the window's last day
    later = ProvinceTable(**{name: getattr(table, name) for name in table.__slots__} | {"period": _later(table)})
    broken = {line.code for line in later.lines if "(*)" in line_note(later, line, "vi")}
    assert broken == {"III.3.2", "III.7.2", "VII.2.1", "VII.2.2", "VII.2.3", "VII.2.4"}


def _later(table: ProvinceTable) -> Any:
    period = table.period
    values = {name: getattr(period, name) for name in period.__slots__}
    return type(period)(**values | {"data_to": datetime(2022, 12, 14).date()})


def test_a_share_tells_its_parts_and_a_choice_its_answers(table: ProvinceTable) -> None:
    lines = {line.code: line for line in table.lines}
    figure = table.figures["III.6.3"]
    assert figure.numerator is not None
    assert figure.denominator is not None
    assert f"{number(figure.numerator, 'vi')}/{number(figure.denominator, 'vi')}" in line_note(
        table, lines["III.6.3"], "vi"
    )
    counts = table.figures["I.5.2"].choice_counts
    assert line_note(table, lines["I.5.2"], "vi").startswith(f"Trực tuyến: {counts['0']}; Kết hợp: {counts['2']}")
    assert "1 số liệu cần xem lại" in line_note(table, lines["III.6.1"], "vi")


def test_the_form_prints_on_upright_a4_with_the_margins_of_decree_30(book: openpyxl.Workbook) -> None:
    sheet = book["Phụ lục 2"]
    margins = sheet.page_margins
    assert [round(side * 25.4) for side in (margins.top, margins.bottom, margins.left, margins.right)] == [
        20,
        20,
        30,
        15,
    ]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == ("9", "portrait") or (
        int(sheet.page_setup.paperSize), sheet.page_setup.orientation
    ) == (9, "portrait")  # fmt: skip
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    first = first_row(sheet)
    assert sheet.print_title_rows == f"${first - 2}:${first - 1}"
    assert sheet.oddFooter.center.text == "Trang &P/&N"
    fonts = {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert fonts == {"Times New Roman"}
    assert {str(area) for area in sheet.merged_cells.ranges} >= {
        f"A{first - 2}:A{first - 1}",
        f"C{first - 2}:E{first - 2}",
    }


def test_the_document_holds_the_same_figures_as_officers_write_them(table: ProvinceTable) -> None:
    document = docx.Document(io.BytesIO(write_document(table, MADE, official)))
    form = document.tables[0]
    cells = form._cells
    rows = [[cell.text for cell in cells[at : at + 5]] for at in range(0, len(cells), 5)]
    assert len(rows) == 168
    for line, row in zip(table.lines, rows[2:], strict=True):
        figure = table.figures.get(line.code)
        expected = "" if figure is None or figure.value is None else number(figure.value, "vi")
        assert row[3] == expected, line.code
    section = document.sections[0]
    assert [round(side.mm) for side in (section.left_margin, section.right_margin, section.top_margin)] == [30, 15, 20]
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "NĂM 2021 TẠI UBND TỈNH SÓC TRĂNG" in text
    assert "Độ phủ: 27/30 cơ quan; 1 tạm giữ; 1 đã rút; 1 chưa gửi" in text


def test_numbers_are_written_as_the_country_writes_them() -> None:
    assert [number(Decimal(text), "vi") for text in ("17908", "1234.5", "98.170000", "0")] == [
        "17.908",
        "1.234,50",
        "98,17",
        "0",
    ]
    assert number(Decimal("1234.5"), "en") == "1,234.50"


def test_both_languages_have_every_text_and_the_english_form_is_english(table: ProvinceTable) -> None:
    assert words("vi").keys() == words("en").keys()
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(table, MADE, official, "en")))
    assert book.sheetnames == ["Appendix 2", "Agencies", "Notes"]
    sheet = book["Appendix 2"]
    assert sheet.cell(first_row(sheet), 2).value == "Direction and management of public administration reform"
    assert coverage(table, "en") == "27/30 agencies; 1 in quarantine; 1 withdrawn; 1 missing"


def test_before_the_first_night_nobody_is_counted(published: Path) -> None:
    from datetime import date

    table = read_province_table(published, "2021", date(2021, 12, 19))
    assert table.count("awaited") == 30
    assert {figure.value for figure in table.figures.values()} == {None}
    assert table.cells == {}
    missed = read_province_table(published, "2021", date(2021, 12, 20))
    assert missed.count("accepted") == 27
    assert missed.agencies[5].status == "awaited"  # due on this very day


@pytest.mark.parametrize(
    ("period", "message"),
    [("2021-Q2", "no such period: 2021-Q2"), ("2019", "nothing is published for 2019 yet")],
)
def test_a_period_that_can_not_be_shown_is_told_by_name(published: Path, period: str, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        read_province_table(published, period)


def test_before_anything_is_published_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="nothing is published yet"):
        read_province_table(tmp_path / "none.duckdb", "2021")


def test_libreoffice_prints_every_sheet_with_its_text_whole(table: ProvinceTable) -> None:
    command = shutil.which("soffice")
    assert command is not None, "scripts/install-system-packages installs LibreOffice"
    pdf = pypdfium2.PdfDocument(print_pdf(write_workbook(table, MADE, official), command))
    pages = [page.get_textpage().get_text_range() for page in pdf]
    sizes = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in pdf]
    assert sizes[0] == (210, 297)
    assert (420, 297) in sizes
    assert "THỐNG KÊ SỐ LIỆU VÀ KẾT QUẢ" in pages[0]
    upright = [text for text, size in zip(pages, sizes, strict=True) if size == (210, 297)]
    assert all("Đơn vị tính" in text for text in upright[:-1])
    figure = table.figures["III.6.1"].value
    assert figure is not None
    assert number(figure, "vi") in "".join(upright)
    assert "42A" not in "".join(pages)
    assert "###" not in "".join(pages)


def test_an_office_that_fails_is_an_error_in_words(tmp_path: Path) -> None:
    broken = tmp_path / "soffice"
    broken.write_text("#!/bin/sh\necho 'no display' >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(ExportError, match="did not print the appendix: no display"):
        print_pdf(b"", str(broken))
