"""Units of the form's lines in English: the catalogue has them in Vietnamese only."""

from __future__ import annotations

_ENGLISH = {
    "%": "%",
    "Cơ quan, đơn vị": "Agencies, units",
    "Hồ sơ": "Dossiers",
    "Người": "Persons",
    "Nhiệm vụ": "Tasks",
    "Số lượng": "Number",
    "TTHC": "Administrative procedures",
    "Thủ tục": "Procedures",
    "Tin, bài": "Articles",
    "Văn bản": "Documents",
    "Vấn đề": "Issues",
    "Ý kiến": "Opinions",
}


def english_unit(unit: str) -> str:
    """A unit in English, or as it is where nobody has translated it yet."""
    return _ENGLISH.get(unit, unit)
