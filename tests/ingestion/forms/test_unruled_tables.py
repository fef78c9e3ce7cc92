"""A table of a PDF without lines: columns by its head, rows by where pieces stand, and no figure moved unseen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ingestion.forms.containers.unruled import Cut, cut_by_places

LEFT = (30.0, 60.0, 250.0, 330.0, 400.0)  # where the columns begin
SIZE, PITCH = 10.0, 11.5
Row = Sequence[str]


def words_at(text: str, left: float, top: float) -> list[dict[str, Any]]:
    words = []
    for said in text.split():
        width = 0.5 * SIZE * len(said)
        words.append({"text": said, "x0": left, "x1": left + width, "top": top, "bottom": top + SIZE})
        left += width + 0.25 * SIZE
    return words


def page(
    rows: Sequence[Row], *, between: float = 2.0, place: float = 0.0, moved: tuple[int, int, float] = (-1, 0, 0)
) -> list[dict[str, Any]]:
    """Words of a table; lines of a cell are parted by «|», rows stand ``between`` points further apart than lines. ``place``:
    0 cells at the top of their row, 0.5 in the middle, 1 at the foot. ``moved``: a row's cell and by how much."""
    words = words_at("BIỂU THỐNG KÊ CỦA SỞ TÀI CHÍNH TỈNH", 60, 20)
    for name, left in zip(("TT", "Chỉ tiêu thống kê", "Đơn vị tính", "Số liệu", "Ghi chú"), LEFT, strict=True):
        words += words_at(name, left, 50)
    top = 80.0
    for number, row in enumerate(rows):
        lines = [cell.split("|") for cell in row]
        height = max(map(len, lines))
        for column, cell in enumerate(lines):
            first = top + place * (height - len(cell)) * PITCH + (moved[2] if (number, column) == moved[:2] else 0)
            for line, text in enumerate(cell):
                words += words_at(text, LEFT[column], first + line * PITCH)
        top += height * PITCH + between
    return words


ROWS: list[Row] = [
    (
        f"{number}",
        f"Số văn bản {number}|đã ban hành trong|kỳ báo cáo",
        "Văn bản",
        f"{number * 7}",
        f"ghi chú {number}|của đơn vị",
    )
    if number % 3
    else ("", f"Số hồ sơ {number}", "Hồ sơ", "" if number % 2 else f"{number * 11}", f"{number}/9|hồ sơ|đã nộp|lại")
    for number in range(1, 21)
]


def table(cut: Cut | None) -> list[list[str]]:
    assert cut is not None
    return [["" if cell is None else str(cell) for cell in row] for row in cut.rows[2:]]


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0], ids=["top", "middle", "foot"])
def test_wrapped_cells_come_together_wherever_they_stand_in_their_row(place: float) -> None:
    cut = cut_by_places([page(ROWS, place=place)])
    assert table(cut) == [[cell.replace("|", "\n") for cell in row] for row in ROWS]
    assert cut is not None and not cut.doubtful
    assert cut.rows[1] == ["TT", "Chỉ tiêu thống kê", "Đơn vị tính", "Số liệu", "Ghi chú"]


def test_a_table_goes_on_over_pages_below_a_repeated_head_and_beside_page_numbers() -> None:
    numbered = [page(ROWS[:10]), [*page(ROWS[10:])[8:], *words_at("2", 250, 800)]]
    assert len(table(cut_by_places(numbered))) == len(ROWS)


def test_a_figure_between_two_rows_makes_both_doubtful() -> None:
    cut = cut_by_places([page(ROWS, moved=(4, 3, 9.0))])
    assert cut is not None
    assert {6, 7} <= cut.doubtful
    assert len(cut.doubtful) < 5


def test_rows_that_stand_no_further_apart_than_lines_are_cut_line_by_line_where_each_begins_with_its_figure() -> None:
    cut = cut_by_places([page([(a, b, c, d or "0", e) for a, b, c, d, e in ROWS], between=0.0)])
    assert cut is not None and not cut.doubtful
    assert ["4", "Số văn bản 4", "Văn bản", "28", "ghi chú 4"] in table(cut)


@pytest.mark.parametrize("place", [0.5, 1.0], ids=["middle", "foot"])
def test_and_are_all_doubtful_where_it_does_not(place: float) -> None:
    cut = cut_by_places([page(ROWS, between=0.0, place=place)])
    assert cut is not None
    assert len(cut.doubtful) == len(cut.rows) - 2


def test_figures_on_both_sides_of_their_column_stay_in_it() -> None:
    """Text to the left, numbers to the right: the gap between them is no edge."""
    right = [
        {**word, "x0": word["x0"] + 40, "x1": word["x1"] + 40}
        if 330 <= word["x0"] < 340 and word["top"] > 70 and word["top"] % 2 < 1
        else word
        for word in page(ROWS)
    ]
    assert [row[3] for row in table(cut_by_places([right]))] == [row[3] for row in ROWS]


@pytest.mark.parametrize("head", ["", "Chỉ tiêu thống kê"])
def test_a_page_without_a_head_is_none_of_ours(head: str) -> None:
    assert cut_by_places([words_at(head, 60, 50), words_at("Số hồ sơ", 60, 80)]) is None
