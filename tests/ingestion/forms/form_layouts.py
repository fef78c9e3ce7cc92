"""Reports as other hands might lay them out: one form's answers in, a file in some strange layout out.

Everything that a layout may vary is a field of ``Layout``; ``layouts`` draws one at random. What is written is known, so a
test can demand every cell back.
"""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import docx
import openpyxl
from hypothesis import strategies as st
from viparse.normalize.encodings import CHARMAPS

from ingestion.forms.text import fold
from ingestion.reference import Catalogue, Indicator

Letters = Literal["nfc", "nfd", "bare", "tcvn3", "vni"]
Label = Literal["plain", "capitals", "reworded", "two_lines", "two_rows", "two_cells"]
Percent = Literal["number", "text", "text_with_sign", "format"]
Cell = str | float | None


@dataclass(frozen=True)
class Layout:
    """How a form is laid out. ``columns`` are the roles from left to right; "" is an empty column put between."""

    container: Literal["xlsx", "docx", "csv"] = "xlsx"
    columns: tuple[str, ...] = ("number", "label", "unit", "value", "note")
    title_height: int = 4
    head: Literal["two_rows", "one_row", "none"] = "two_rows"
    has_section_numerals: bool = True
    letters: Letters = "nfc"
    label: Label = "plain"
    percent: Percent = "number"
    figures_as_text: bool = False
    extra_rows: int = 0
    missing_rows: int = 0
    sheet: Literal["only", "third", "beside_hidden_copy"] = "only"


@dataclass(frozen=True)
class Answers:
    """What a form says: a value for some of the answered lines, a note for some."""

    values: dict[str, Decimal]
    notes: dict[str, str]


NOTES = (
    "294/KH-STC ngày 22/01/2021",
    "Còn 04 TTHC chưa liên thông",
    "theo Quyết định số 38/QĐ-STC ngày 07/5/2021",
)
HEADS = {
    "number": ("TT", "STT"),
    "label": ("Chỉ tiêu thống kê", "Chỉ tiêu"),
    "unit": ("Đơn vị tính", "ĐVT"),
    "value": ("Số liệu", "Kết quả"),
    "note": ("Ghi chú", "Ghi chú"),
}


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    columns = ["label", *draw(st.permutations(["unit", "value", "note"]))]
    if draw(st.booleans()):
        columns.insert(0, "number")
    for _ in range(draw(st.integers(0, 2))):
        columns.insert(draw(st.integers(0, len(columns))), "")
    container = draw(st.sampled_from(["xlsx", "xlsx", "docx", "csv"]))
    label = draw(st.sampled_from(["plain", "plain", "capitals", "reworded", "two_lines", "two_rows", "two_cells"]))
    if label == "two_cells":  # the second half stands right of the first, where nothing else is
        place = columns.index("label")
        columns.insert(place + 1, "label_2")
    has_plain_order = columns.index("value") < columns.index("note")
    head = draw(st.sampled_from(["two_rows", "one_row", "none"] if has_plain_order else ["two_rows", "one_row"]))
    return Layout(
        container=container,  # type: ignore[arg-type]
        columns=tuple(columns),
        title_height=draw(st.integers(2, 18)),
        head=head,  # type: ignore[arg-type]
        has_section_numerals=draw(st.booleans()),
        letters=draw(st.sampled_from(["nfc", "nfd", "bare", "tcvn3", "vni"])),  # type: ignore[arg-type]
        label=label,  # type: ignore[arg-type]
        percent=draw(st.sampled_from(["number", "text", "text_with_sign"] + ["format"] * (container == "xlsx"))),  # type: ignore[arg-type]
        figures_as_text=container != "xlsx" or draw(st.booleans()),
        extra_rows=draw(st.integers(0, 6)),
        missing_rows=draw(st.integers(0, 8)),
        sheet=draw(st.sampled_from(["only", "third", "beside_hidden_copy"])),  # type: ignore[arg-type]
    )


def answers(seed: int, catalogue: Catalogue) -> Answers:
    """Some figures for some of the lines, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    values: dict[str, Decimal] = {}
    notes: dict[str, str] = {}
    for row in catalogue.answered:
        if chance.random() < 0.6:
            if row.value_type == "count":
                values[row.code] = Decimal(chance.choice([0, 1, 7, 29, 529, 6219, 123456]))
            elif row.value_type == "percent":
                values[row.code] = Decimal(chance.choice(["100", "99.89", "98.6", "0", "33.33", "7.5"]))
            elif row.choices:
                values[row.code] = Decimal(chance.choice(row.choices)[1])
        if row.value_type == "reference" or chance.random() < 0.1:
            notes[row.code] = chance.choice(NOTES)
    return Answers(values, notes)


def write(layout: Layout, said: Answers, catalogue: Catalogue) -> tuple[str, bytes, set[str]]:
    """(file name, bytes, codes of the rows that were left out)."""
    skipped = {
        row.code for row in catalogue.answered[5 :: max(1, 133 // (layout.missing_rows + 1))][: layout.missing_rows]
    }
    table = _table(layout, said, [row for row in catalogue.rows if row.code not in skipped])
    title = _title(layout)
    if layout.container == "xlsx":
        return "bieu.xlsx", _workbook(layout, title, table), skipped
    if layout.container == "docx":
        return "bieu.docx", _word(layout, title, table), skipped
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([*([line] for line in title), *(row for row in table)])
    return "bieu.csv", out.getvalue().encode(), skipped


def _title(layout: Layout) -> list[str]:
    lines = [
        "THỐNG KÊ SỐ LIỆU VÀ KẾT QUẢ THỰC HIỆN CÔNG TÁC CẢI CÁCH HÀNH CHÍNH 6 THÁNG ĐẦU NĂM 2021",
        "(Kèm theo Báo cáo số 321/BC-STP ngày 17 tháng 6 năm 2021 của Sở Tư pháp tỉnh Sóc Trăng)",
    ]
    padding = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "PHỤ LỤC 2", "BẢNG 1"]
    above = [padding[index % 4] for index in range(layout.title_height - 2)]
    return [_letters(line, layout.letters) for line in [*above, *lines]]


def _table(layout: Layout, said: Answers, rows: Sequence[Indicator]) -> list[list[Cell]]:
    table: list[list[Cell]] = []
    if layout.head != "none":
        variant = 0 if layout.head == "two_rows" else 1
        heads = {role: _letters(names[variant], layout.letters) for role, names in HEADS.items()}
        if layout.head == "two_rows":
            wide = {role: name if role in ("number", "label") else None for role, name in heads.items()}
            first = next(role for role in layout.columns if role in ("unit", "value", "note"))
            wide[first] = _letters("Kết quả thống kê", layout.letters)
            table.append([wide.get(role) for role in layout.columns])
            table.append([None if role in ("number", "label") else heads.get(role) for role in layout.columns])
        else:
            table.append([heads.get(role) for role in layout.columns])
    for index, row in enumerate(rows):
        table.extend(_row(layout, said, row))
        if layout.extra_rows and index and index % (len(rows) // (layout.extra_rows + 1)) == 0:
            extra = {"label": "Ghi chú thêm của đơn vị về kết quả trên", "note": "xem báo cáo"}
            table.append([_letters(extra[role], layout.letters) if role in extra else None for role in layout.columns])
    return table


def _row(layout: Layout, said: Answers, row: Indicator) -> list[list[Cell]]:
    parts = row.code.split(".")
    has_number = len(parts) == 2 or (len(parts) == 1 and layout.has_section_numerals)
    label = _label(row, layout.label)
    first, second = label, ""
    if layout.label in ("two_rows", "two_cells") and len(label.split()) > 5:
        words = label.split()
        first, second = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
    cells: dict[str, Cell] = {
        "number": parts[-1] if has_number else None,
        "label": _letters(first, layout.letters),
        "label_2": _letters(second, layout.letters) if layout.label == "two_cells" else None,
        "unit": _letters(row.unit_vi, layout.letters) or None,
        "value": _value(row, said.values.get(row.code), layout),
        "note": _letters(said.notes[row.code], layout.letters) if row.code in said.notes else None,
    }
    written = [[cells.get(role) for role in layout.columns]]
    if layout.label == "two_rows" and second:
        written.append([_letters(second, layout.letters) if role == "label" else None for role in layout.columns])
    return written


def _label(row: Indicator, style: Label) -> str:
    label = row.label_vi
    if style == "capitals":
        return label.upper()
    if style == "reworded":
        return label.replace(" (nếu có)", "").replace("Số lượng", "Số").replace("thủ tục hành chính", "TTHC") + ":"
    if style == "two_lines" and " " in label:
        words = label.split()
        return " ".join(words[: len(words) // 2]) + "\n" + " ".join(words[len(words) // 2 :])
    return label


def _value(row: Indicator, value: Decimal | None, layout: Layout) -> Cell:
    if value is None:
        return None
    if row.value_type == "percent":
        text = f"{value}".replace(".", ",")
        if layout.percent == "text_with_sign":
            return f"{text}%"
        if layout.percent == "text" or (layout.figures_as_text and layout.percent == "number"):
            return text
        return float(value / 100) if layout.percent == "format" else float(value)
    return f"{value}" if layout.figures_as_text else float(value)


def _letters(text: str, letters: Letters) -> str:
    if letters == "nfd":
        return unicodedata.normalize("NFD", text)
    if letters == "bare":
        decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
        return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    if letters in ("tcvn3", "vni"):
        table: dict[str, str] = {}
        for old, new in CHARMAPS[letters].pairs:
            table.setdefault(new, old)
        # The old fonts had no capital letters with marks of their own: they were typed small.
        return "".join(table.get(letter) or table.get(letter.lower(), letter) for letter in text)
    return text


def _workbook(layout: Layout, title: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    if layout.sheet == "third":
        sheet.append(["Thuyết minh"])
        workbook.create_sheet("Danh sách").append(["Họ tên", "Phòng"])
        sheet = workbook.create_sheet("Bieu")
    for line in title:
        sheet.append([line])
    for row in table:
        sheet.append(list(row))
    if layout.percent == "format":
        value_column = layout.columns.index("value") + 1
        for cells in sheet.iter_rows(min_row=len(title) + 1, min_col=value_column, max_col=value_column):
            if isinstance(cells[0].value, float) and fold(str(cells[0].value)):
                unit = sheet.cell(cells[0].row, layout.columns.index("unit") + 1).value
                if unit == "%":
                    cells[0].number_format = "0.00%"
    if layout.sheet == "beside_hidden_copy":
        old = workbook.create_sheet("Bản cũ", 0)
        for line in title:
            old.append([line])
        for row in table:
            old.append([999 if isinstance(cell, float) else cell for cell in row])
        old.sheet_state = "hidden"
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _word(layout: Layout, title: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    document = docx.Document()
    for line in title:
        document.add_paragraph(line)
    drawn = document.add_table(rows=len(table), cols=len(layout.columns))
    cells = drawn._cells  # python-docx finds each cell anew through rows(): minutes for a form
    for index, row in enumerate(table):
        for column, value in enumerate(row):
            if value is not None:
                cells[index * len(layout.columns) + column].text = str(value)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
