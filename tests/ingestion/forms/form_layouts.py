"""Reports as other hands might lay them out: one form's answers in, a file in some strange layout out.

Everything that a layout may vary is a field of ``Layout``; ``layouts`` draws one at random. What is written is known, so a
test can demand every cell back.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hypothesis import strategies as st
from viparse.normalize.encodings import CHARMAPS

from ingestion.reference import Catalogue, Indicator

Letters = Literal["nfc", "nfd", "bare", "tcvn3", "vni"]
Label = Literal[
    "plain", "capitals", "reworded", "synonyms", "words_dropped", "typos", "numbered", "unit_inside", "two_lines",
    "two_rows", "two_rows_figure_below", "two_cells",
]  # fmt: skip
Order = Literal["official", "II_and_V_swapped", "I_and_IV_swapped", "reversed"]
Figures = Literal["one", "plan_first", "plan_last", "last_year_first", "last_year_last", "previous_period"]
Percent = Literal["number", "text", "text_with_sign", "format", "fraction"]
Container = Literal["xlsx", "xls", "ods", "docx", "csv"]
Merges = Literal["none", "titles", "figure_over_two_columns", "numbers_down", "units_down", "lines_over_two_rows"]
Cell = str | float | None


@dataclass(frozen=True)
class Layout:
    """How a form is laid out. ``columns`` are the roles from left to right; "" is an empty column put between."""

    container: Container = "xlsx"
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
    order: Order = "official"
    figures: Figures = "one"
    has_blank_rows: bool = False
    merges: Merges = "none"


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
    container = draw(st.sampled_from(["xlsx", *Container.__args__]))  # type: ignore[attr-defined]
    is_workbook = container in ("xlsx", "xls", "ods")
    label = draw(st.sampled_from(["plain", *Label.__args__]))  # type: ignore[attr-defined]
    if label == "two_cells":  # the second half stands right of the first, where nothing else is
        place = columns.index("label")
        columns.insert(place + 1, "label_2")
    has_plain_order = columns.index("value") < columns.index("note")
    figures = draw(st.sampled_from(["one", "one", *Figures.__args__]))  # type: ignore[attr-defined]
    can_be_headless = has_plain_order and figures == "one"
    head = draw(st.sampled_from(["two_rows", "one_row"] + ["none"] * can_be_headless))
    merges = draw(st.sampled_from(["none", *Merges.__args__] if is_workbook else ["none"]))  # type: ignore[attr-defined]
    if merges == "figure_over_two_columns":
        columns.insert(columns.index("value") + 1, "")
    return Layout(
        container=container,
        columns=tuple(columns),
        title_height=draw(st.integers(2, 18)),
        head=head,  # type: ignore[arg-type]
        has_section_numerals=draw(st.booleans()),
        letters=draw(st.sampled_from(["nfc", "nfd", "bare", "tcvn3", "vni"])),  # type: ignore[arg-type]
        label=label,  # type: ignore[arg-type]
        percent=draw(
            st.sampled_from(["number", "text", "text_with_sign"] + ["format", "fraction"] * is_workbook)  # type: ignore[arg-type]
        ),
        figures_as_text=not is_workbook or draw(st.booleans()),
        extra_rows=draw(st.integers(0, 6)),
        missing_rows=draw(st.integers(0, 8)),
        sheet=draw(st.sampled_from(["only", "third", "beside_hidden_copy"])),  # type: ignore[arg-type]
        order=draw(st.sampled_from(["official", *Order.__args__])),  # type: ignore[attr-defined]
        figures=figures,
        has_blank_rows=draw(st.booleans()),
        merges=merges,
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


def left_out(layout: Layout, catalogue: Catalogue) -> set[str]:
    """The codes of the rows that the layout leaves out."""
    step = max(1, 133 // (layout.missing_rows + 1))
    return {row.code for row in catalogue.answered[5::step][: layout.missing_rows]}


def table_of(layout: Layout, said: Answers, catalogue: Catalogue) -> list[list[Cell]]:
    """The form's cells, head and all, as they stand below the title block."""
    skipped = left_out(layout, catalogue)
    return _table(layout, said, [row for row in _ordered(layout.order, catalogue.rows) if row.code not in skipped])


def _ordered(order: Order, rows: Sequence[Indicator]) -> list[Indicator]:
    sections: dict[str, list[Indicator]] = {}
    for row in rows:
        sections.setdefault(row.code.partition(".")[0], []).append(row)
    names = list(sections)
    if order == "reversed":
        names.reverse()
    elif order != "official":
        left, right = ("II", "V") if order == "II_and_V_swapped" else ("I", "IV")
        one, other = names.index(left), names.index(right)
        names[one], names[other] = right, left
    return [row for name in names for row in sections[name]]


def title_of(layout: Layout) -> list[str]:
    """The lines above the form."""
    lines = [
        "THỐNG KÊ SỐ LIỆU VÀ KẾT QUẢ THỰC HIỆN CÔNG TÁC CẢI CÁCH HÀNH CHÍNH 6 THÁNG ĐẦU NĂM 2021",
        "(Kèm theo Báo cáo số 321/BC-STP ngày 17 tháng 6 năm 2021 của Sở Tư pháp tỉnh Sóc Trăng)",
    ]
    padding = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "PHỤ LỤC 2", "BẢNG 1"]
    above = [padding[index % 4] for index in range(layout.title_height - 2)]
    return [_letters(line, layout.letters) for line in [*above, *lines]]


def _table(layout: Layout, said: Answers, rows: Sequence[Indicator]) -> list[list[Cell]]:
    table: list[list[Cell]] = []
    columns = _with_other_figures(layout)
    if layout.head != "none":
        variant = 0 if layout.head == "two_rows" else 1
        heads = {role: _letters(name, layout.letters) for role, name in _heads(layout, variant).items()}
        if layout.head == "two_rows":
            wide = {role: name if role in ("number", "label") else None for role, name in heads.items()}
            first = next(role for role in columns if role in ("unit", "value", "note"))
            wide[first] = _letters("Kết quả thống kê", layout.letters)
            table.append([wide.get(role) for role in columns])
            table.append([None if role in ("number", "label") else heads.get(role) for role in columns])
        else:
            table.append([heads.get(role) for role in columns])
    for index, row in enumerate(rows):
        table.extend(_row(layout, columns, said, row))
        if layout.has_blank_rows and index % 7 == 3:
            table.append([None] * len(columns))
        if layout.extra_rows and index and index % (len(rows) // (layout.extra_rows + 1)) == 0:
            extra = {"label": "Ghi chú thêm của đơn vị về kết quả trên", "note": "xem báo cáo"}
            table.append([_letters(extra[role], layout.letters) if role in extra else None for role in columns])
    return table


def _with_other_figures(layout: Layout) -> tuple[str, ...]:
    """The columns with a second column of figures, that is not asked for."""
    if layout.figures == "one":
        return layout.columns
    place = layout.columns.index("value") + (layout.figures in ("plan_last", "last_year_last"))
    return (*layout.columns[:place], "other", *layout.columns[place:])


def _heads(layout: Layout, variant: int) -> dict[str, str]:
    heads = {role: names[variant] for role, names in HEADS.items()}
    if layout.figures in ("plan_first", "plan_last"):
        return heads | {"other": "Kế hoạch", "value": "Thực hiện"}
    if layout.figures in ("last_year_first", "last_year_last"):
        return heads | {"other": "Năm 2020", "value": "Năm 2021"}
    return heads | ({"other": "Kỳ trước", "value": "Kỳ này"} if layout.figures == "previous_period" else {})


def _row(layout: Layout, columns: tuple[str, ...], said: Answers, row: Indicator) -> list[list[Cell]]:
    parts = row.code.split(".")
    has_number = len(parts) == 2 or (len(parts) == 1 and layout.has_section_numerals)
    label = _label(row, layout.label)
    if layout.label == "numbered":
        label = f"{parts[-1]}. {label}" if len(parts) < 3 else f"- {label}"
    first, second = label, ""
    if layout.label in ("two_rows", "two_rows_figure_below", "two_cells") and len(label.split()) > 5:
        words = label.split()
        first, second = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
    cells: dict[str, Cell] = {
        "number": parts[-1] if has_number else None,
        "label": _letters(first, layout.letters),
        "label_2": _letters(second, layout.letters) if layout.label == "two_cells" else None,
        "unit": _letters(row.unit_vi, layout.letters) or None,
        "other": None if row.value_type == "heading" else 17.0,
        "value": _value(row, said.values.get(row.code), layout),
        "note": _letters(said.notes[row.code], layout.letters) if row.code in said.notes else None,
    }
    below: dict[str, Cell] = {"label": _letters(second, layout.letters)}
    if layout.label == "two_rows_figure_below" and second:
        below |= {role: cells.pop(role) for role in ("unit", "other", "value", "note")}
    written = [[cells.get(role) for role in columns]]
    if layout.label.startswith("two_rows") and second:
        written.append([below.get(role) for role in columns])
    elif layout.merges == "lines_over_two_rows":
        written.append([None] * len(columns))
    return written


_SYNONYMS = (
    ("Tỷ lệ", "Tỉ lệ"), ("Tổng số", "Tổng cộng số"), ("cơ quan, đơn vị", "đơn vị"), ("theo quy định", "đúng quy định"),
    ("thực hiện", "triển khai"), ("Số lượng", "Số"), ("sở ngành", "sở, ngành"), ("trong năm", "trong kỳ"),
)  # fmt: skip
_SMALL_WORDS = frozenset(("được", "các", "của", "và", "tại", "đã", "do", "với", "trong", "có", "thuộc", "về", "lên"))


def _label(row: Indicator, style: Label) -> str:
    label = row.label_vi
    words = label.split()
    if style == "capitals":
        return label.upper()
    if style == "reworded":
        return label.replace(" (nếu có)", "").replace("Số lượng", "Số").replace("thủ tục hành chính", "TTHC") + ":"
    if style == "synonyms":
        for usual, other in _SYNONYMS:
            label = label.replace(usual, other)
        return label
    if style == "words_dropped" and len(words) > 6:
        place = next((index for index, word in enumerate(words) if word in _SMALL_WORDS), None)
        return label if place is None else " ".join(words[:place] + words[place + 1 :])
    if style == "typos" and len(words) > 3:
        place = max(range(len(words)), key=lambda index: len(words[index]))
        middle = len(words[place]) // 2
        return " ".join([*words[:place], words[place][:middle] + words[place][middle + 1 :], *words[place + 1 :]])
    if style == "unit_inside" and row.unit_vi:
        return f"{label} ({row.unit_vi})"
    if style == "two_lines" and " " in label:
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
        return float(value / 100) if layout.percent in ("format", "fraction") else float(value)
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
