"""One report on its way: whose, for which period, by which door, when, and how its figures are typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from stand_ins.province.figures import Figures
from stand_ins.province.periods import Window
from stand_ins.province.reference import Agency, Indicator

FORM_CODE = "so-2021"
Habit = Literal["numbers", "strings", "floats", "sparse"]
HABITS: tuple[Habit, ...] = ("numbers", "strings", "floats", "sparse")
_LEFT_OUT_WHEN_ZERO = ("IV.6.", "IV.7.", "V.3.", "V.6.1", "V.6.2", "V.6.3", "V.6.4")


@dataclass(slots=True)
class Sending:
    """A report as one door carries it. ``typed`` overrides what is typed on a line, ``notes`` its remark; ``extra_lines``
    follow the form's own (portal), ``is_shifted`` moves III.6's figures a row down (workbook)."""

    agency: Agency
    window: Window
    figures: Figures
    habit: Habit
    door: Literal["portal", "edoc"]
    door_id: str
    submitted_at: datetime
    updated_at: datetime
    document_number: str
    document_date: date
    revision: int = 1
    status: Literal["submitted", "withdrawn"] = "submitted"
    organ_id: str = ""
    period_code: str = ""
    typed: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    extra_lines: list[dict[str, Any]] = field(default_factory=list)
    is_shifted: bool = False

    def __post_init__(self) -> None:
        self.organ_id = self.organ_id or self.agency.organ_id
        self.period_code = self.period_code or self.window.code

    def item(self, indicators: tuple[Indicator, ...], offset: str = "") -> dict[str, Any]:
        """The submission as the portal serves it; ``offset`` is what its moments end with."""
        return {
            "submission_id": self.door_id,
            "agency_organ_id": self.organ_id,
            "form_code": FORM_CODE,
            "period_code": self.period_code,
            "revision": self.revision,
            "status": self.status,
            "document_number": self.document_number,
            "submitted_at": self.submitted_at.isoformat(timespec="seconds") + offset,
            "updated_at": self.updated_at.isoformat(timespec="seconds") + offset,
            "lines": self.lines(indicators),
        }

    def lines(self, indicators: tuple[Indicator, ...]) -> list[dict[str, Any]]:
        """The form's answered lines as typed: ``{"code", "value", "note"}`` each; some agencies leave blank lines out."""
        lines = []
        for indicator in indicators:
            if not indicator.is_answered:
                continue
            cell = self.figures.get(indicator.code)
            value = spell(cell.value if cell else None, indicator, self.habit)
            value = self.typed.get(indicator.code, value)
            note = self.notes.get(indicator.code, cell.note if cell else "")
            is_blank = value is None and not note
            if is_blank and self.habit == "sparse" and indicator.code not in self.typed:
                continue
            lines.append({"code": indicator.code, "value": value, "note": note or None})
        return lines + self.extra_lines


def spell(value: int | Decimal | None, indicator: Indicator, habit: Habit) -> int | float | str | None:
    """A figure as an agency of this habit types it: ``529``, ``"529"``, ``"99,89"``, ``99.89``, ``""``, null."""
    if value is None:
        return "" if habit == "strings" else None
    if habit == "sparse" and value == 0 and indicator.code.startswith(_LEFT_OUT_WHEN_ZERO):
        return None
    if value == int(value):
        return str(int(value)) if habit == "strings" else int(value)
    if habit == "floats":
        return float(value)
    return f"{value}".rstrip("0").replace(".", ",")
