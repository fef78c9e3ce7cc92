"""What the appendix needs to know of the official form's look. It is handed over, so that it is told in one place only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from openpyxl.worksheet.worksheet import Worksheet


class ShownRow(Protocol):
    """A line as the form shows it: what stands under «TT», the label, 1 for a section."""

    @property
    def number(self) -> str | int | None: ...
    @property
    def label(self) -> str: ...
    @property
    def depth(self) -> int: ...
    @property
    def is_section(self) -> bool: ...


class Look(Protocol):
    """The functions that draw the official form (those of ``ingestion.forms.official``)."""

    FONT: str
    HEAD: Mapping[tuple[int, int], str]

    @property
    def DrawnRow(self) -> Any: ...  # the class that makes a row to draw
    def form_row(self, code: str, label: str) -> ShownRow: ...
    def title_lines(self, period_code: str, name: str, mark: str, *, is_province: bool) -> tuple[str, ...]: ...
    def draw_form(
        self,
        sheet: Worksheet,
        title: Sequence[str],
        rows: Sequence[Any],
        *,
        head: Mapping[tuple[int, int], str],
        widths: Sequence[float],
        note_size: int,
    ) -> tuple[int, int]: ...
    def text_lines(self, text: str, width: float) -> int: ...
    def as_cell(self, value: Decimal) -> int | float: ...
    def set_up_print(
        self,
        sheet: Worksheet,
        *,
        head: int,
        head_rows: int = 2,
        frozen: str,
        area: str,
        paper: str = "9",
        is_wide: bool = False,
    ) -> None: ...
