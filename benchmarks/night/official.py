"""What every peer of the night shares: reading the official layout by fixed cells, and understanding what was typed.

As short as a person would write it for these very files: the agency and the period come from the path, a figure from its
fixed row, a ratio from a note that begins with one. Knows nothing of this project.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

FIRST_ROW = 8  # of the form, counted from 0; one row for each line of the form
_RATIO = re.compile(r"^(\d+)/(\d+) (?:hồ sơ|nhiệm vụ)$")
_FILE = re.compile(r"(.+)_r(\d+)$")
NOT_APPLICABLE = "Chưa phát sinh"


class Form:
    """The lines of the form and who is who, from the seeds."""

    def __init__(self, seeds: Path) -> None:
        rows = list(_rows(seeds / "indicators.csv"))
        self.rows = [(row["code"], row["value_type"]) for row in rows]
        self.kinds = dict(self.rows)
        answered = [row["code"] for row in rows if row["value_type"] != "heading"]
        self.order = {code: number for number, code in enumerate(answered, 1)}
        self.organ_ids = {row["agency_code"]: row["organ_id"] for row in _rows(seeds / "agencies.csv")}

    def line(self, code: str, value: Any, note: str | None) -> dict[str, Any]:
        """One line understood: value, status, ratio."""
        text = "" if value is None else str(value)
        note = note or ""
        number = None
        if self.kinds[code] == "reference":
            status = "reported" if text or note else "blank"
        elif text:
            number, status = Decimal(text.replace(",", ".")), "reported"
        else:
            status = "not_applicable" if note.startswith(NOT_APPLICABLE) else "blank"
        ratio = _RATIO.match(note)
        is_ratio = ratio is not None and int(ratio[2]) > 0
        return {
            "line_order": self.order[code],
            "indicator_code": code,
            "value_text": text,
            "value": number,
            "note": note,
            "observation_status": status,
            "ratio_numerator": Decimal(ratio[1]) if ratio and is_ratio else None,
            "ratio_denominator": Decimal(ratio[2]) if ratio and is_ratio else None,
        }


def typed_submission(item: dict[str, Any], form: Form) -> dict[str, Any]:
    """A row of ``/api/v1/submissions`` understood."""
    return {
        "submission_id": f"{item['submission_id']}#r{item['revision']}",
        "source": "portal",
        "organ_id": item["agency_organ_id"],
        "form_code": item["form_code"],
        "period_code": item["period_code"],
        "revision": item["revision"],
        "received_at": item["submitted_at"],
        "updated_at": item["updated_at"],
        "lines": [form.line(line["code"], line["value"], line["note"]) for line in item["lines"]],
    }


def workbook_submission(path: Path, cells: list[tuple[Any, ...]], form: Form, received_at: datetime) -> dict[str, Any]:
    """A workbook of the inbox understood: ``cells`` are its rows from the form's first line on, five columns each."""
    told = _FILE.match(path.stem)
    if told is None:
        raise ValueError(f"{path.name} does not tell its period")
    lines = [
        form.line(code, row[3], row[4])
        for (code, kind), row in zip(form.rows, cells, strict=False)
        if kind != "heading"
    ]
    return {
        "submission_id": f"{path.parent.name}/{path.stem}",
        "source": "drop",
        "organ_id": form.organ_ids[path.parent.name],
        "form_code": "so-2021",
        "period_code": told[1],
        "revision": int(told[2]),
        "received_at": received_at.isoformat(),
        "updated_at": datetime.fromtimestamp(path.stat().st_mtime).isoformat(),  # noqa: DTZ006 - compared with itself
        "lines": lines,
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
