"""One answered line of the form, made the same way whichever door and layout it came by."""

from __future__ import annotations

from ingestion.forms.notes import read_documents, read_ratio
from ingestion.forms.text import tidy
from ingestion.forms.values import Reading
from ingestion.model import Line, Problem
from ingestion.reference import Indicator


def make_line(
    indicator: Indicator, reading: Reading, *, text: str, note: str, locator: str, unit: str = "", likeness: float = 1.0
) -> Line:
    """``likeness`` (0 to 1) says how sure the line's place in the catalogue is; a doubtful value halves the confidence.

    A reference names its documents in the figure's cell or beside it; any other line only in its note.
    """
    text, note = text and tidy(text), note and tidy(note)
    is_reference = indicator.value_type == "reference"
    cited = f"{text} {note}" if is_reference and text and note and text != note else (is_reference and text) or note
    return Line(
        code=indicator.code,
        text=(text or note) if is_reference else text,
        value=reading.value,
        unit=unit or indicator.unit_vi,
        note=note,
        status=reading.status,
        confidence=round(min(likeness, 1.0) * (0.5 if reading.status == "doubtful" else 1.0), 3),
        locator=locator,
        documents=read_documents(cited),
        ratio=read_ratio(note),
    )


def line_problems(indicator: Indicator, reading: Reading, line: Line) -> list[Problem]:
    """What to tell of a line: a figure that is unreadable or doubtful, a cited document whose date can't be."""
    problems = []
    name = f"{indicator.code} {indicator.label_vi}"
    if reading.reason:
        problems.append(Problem("warning", f"value_{reading.status}", f"{name}: {reading.reason}", line.locator))
    for document in line.documents:
        if document.date_text and document.dated_on is None:
            message = f"{name}: văn bản {document.number} ghi ngày không có thật ({document.date_text})"
            problems.append(Problem("warning", "document_date_impossible", message, line.locator))
    return problems
