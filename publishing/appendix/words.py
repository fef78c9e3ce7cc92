"""The appendix's words in both languages, and how it writes numbers and days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Language = Literal["vi", "en"]

_VI = {
    "sheet_form": "Phụ lục 2",
    "sheet_agencies": "Các cơ quan",
    "sheet_notes": "Ghi chú",
    "agencies_title": "SỐ LIỆU CỦA TỪNG CƠ QUAN",
    "notes_title": "GHI CHÚ VỀ ĐỘ PHỦ VÀ CHẤT LƯỢNG SỐ LIỆU",
    "province": "Toàn tỉnh",
    "unit_agencies": "Cơ quan",
    "answering": "{count}/{all} cơ quan có số liệu",
    "naming": "{count}/{all} cơ quan nêu văn bản",
    "no_parts": "Không đủ tử số, mẫu số để tính",
    "parts_of": "{parts} ({count}/{all} cơ quan)",
    "doubtful": "{count} số liệu cần xem lại",
    "break": "(*) xem Ghi chú",
    "coverage": "{accepted}/{all} cơ quan",
    "period": "Kỳ báo cáo",
    "window": "{label}: từ {start} đến {end}; hạn gửi {due}",
    "covered": "Độ phủ",
    "made": "Lập lúc",
    "source": "Nguồn",
    "source_is": "{file}, công bố lúc {at}, đêm nạp {night}; SHA-256 {sha}",
    "as_of": "Thời điểm",
    "as_of_is": "Số liệu như đã công bố ngày {day}",
    "how": "Cách tính",
    "how_is": (
        "Số lượng: cộng các cơ quan. Tỷ lệ: tính lại từ tử số và mẫu số nêu trong ghi chú của các cơ quan, không lấy trung"
        " bình. Câu hỏi có/không: số cơ quan trả lời có. Ô trống là không có số liệu, không phải số 0."
    ),
    "signs": "Ký hiệu",
    "signs_are": (
        "Ô trống: không có số liệu; –: không phát sinh; ?: không đọc được; x: có nêu văn bản; nền vàng, chữ nghiêng, có dấu *:"
        " số liệu cần xem lại; cột nền xám: báo cáo chưa được tính."
    ),
    "not_counted": "Cơ quan chưa được tính",
    "not_counted_none": "Tất cả các cơ quan phải báo cáo đều được tính.",
    "held_revision": "Cơ quan có lần gửi khác bị tạm giữ (số đang tính là báo cáo trước đó hoặc qua kênh khác)",
    "doubtful_title": "Số liệu cần xem lại",
    "doubtful_none": "Không có.",
    "breaks_title": "(*) Chỉ tiêu thay đổi ý nghĩa",
    "agency": "Cơ quan",
    "status": "Tình trạng",
    "why": "Lý do",
    "line": "Chỉ tiêu",
    "read_as": "đọc là {value}, chữ gốc «{text}»",
    "changed": "{note}; không so sánh với kỳ trước đó",
    "accepted": "được tính",
    "quarantined": "tạm giữ",
    "withdrawn": "đã rút",
    "missing": "chưa gửi",
    "awaited": "chưa đến hạn",
    "failed_rule": "Vi phạm quy tắc: {rules}",
    "error_problem": "Lỗi khi đọc báo cáo",
    "withdrawn_why": "Cơ quan đã rút báo cáo và chưa gửi lại",
    "missing_why": "Không có báo cáo khi đã quá hạn",
    "awaited_why": "Chưa có báo cáo, còn trong hạn",
    "page": "Trang",
}
_EN = {
    "sheet_form": "Appendix 2",
    "sheet_agencies": "Agencies",
    "sheet_notes": "Notes",
    "agencies_title": "FIGURES OF EACH AGENCY",
    "notes_title": "NOTES ON COVERAGE AND QUALITY",
    "province": "Province",
    "unit_agencies": "Agencies",
    "answering": "{count}/{all} agencies with a figure",
    "naming": "{count}/{all} agencies name a document",
    "no_parts": "Parts of the share not given",
    "parts_of": "{parts} ({count}/{all} agencies)",
    "doubtful": "{count} figures to look at again",
    "break": "(*) see Notes",
    "coverage": "{accepted}/{all} agencies",
    "period": "Period",
    "window": "{label}: from {start} to {end}; due {due}",
    "covered": "Coverage",
    "made": "Made at",
    "source": "Source",
    "source_is": "{file}, published at {at}, night of {night}; SHA-256 {sha}",
    "as_of": "As of",
    "as_of_is": "Figures as published on {day}",
    "how": "Reckoning",
    "how_is": (
        "Counts: the sum over agencies. Shares: recomputed from the parts that agencies cite in their notes, not averaged."
        " Yes/no: how many agencies say yes. A blank is no figure, not zero."
    ),
    "signs": "Signs",
    "signs_are": (
        "Blank: no figure; –: not applicable; ?: unreadable; x: a document is named; yellow, italic, with *: look at it again;"
        " grey column: the report does not count."
    ),
    "not_counted": "Agencies that do not count",
    "not_counted_none": "Every agency that owes a report counts.",
    "held_revision": "Agencies with another report in quarantine (an earlier one, or another door's, counts)",
    "doubtful_title": "Figures to look at again",
    "doubtful_none": "None.",
    "breaks_title": "(*) Lines that changed their meaning",
    "agency": "Agency",
    "status": "Status",
    "why": "Why",
    "line": "Line",
    "read_as": "read as {value}, typed «{text}»",
    "changed": "{note}; not comparable with earlier periods",
    "accepted": "counts",
    "quarantined": "in quarantine",
    "withdrawn": "withdrawn",
    "missing": "missing",
    "awaited": "not yet due",
    "failed_rule": "Breaks rules: {rules}",
    "error_problem": "The report could not be read without errors",
    "withdrawn_why": "Withdrawn by the agency and not sent again",
    "missing_why": "No report though the due day has passed",
    "awaited_why": "No report yet, not yet due",
    "page": "Page",
}
_TITLE_EN = ("APPENDIX 2", "TABLE 1", "STATISTICS AND RESULTS OF PUBLIC ADMINISTRATION REFORM")
_HEAD_EN = {
    (0, 1): "No.", (0, 2): "Indicator", (0, 3): "Result",
    (1, 3): "Unit", (1, 4): "Figure", (1, 5): "Note",
}  # fmt: skip


def words(language: Language) -> Mapping[str, str]:
    """Every text of the appendix by name; both languages have the same names."""
    return _VI if language == "vi" else _EN


def english_title(period_code: str, province: str) -> tuple[str, ...]:
    """The title block in English."""
    return (*_TITLE_EN, f"{period_code} – {province}")


def english_head() -> Mapping[tuple[int, int], str]:
    return _HEAD_EN


def number(value: Decimal | int, language: Language) -> str:
    """``1.234,5`` in Vietnamese, ``1,234.5`` in English; two decimals where it isn't whole."""
    is_whole = value == int(value)
    text = f"{value:,.0f}" if is_whole else f"{value:,.2f}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def number_format(value: Decimal, language: Language) -> str:
    """The same as a cell's number format (42A is Vietnamese, 409 American English)."""
    decimals = "" if value == int(value) else ".00"
    return f"[$-{'42A' if language == 'vi' else '409'}]#,##0{decimals}"


def day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    return f"{value:%H:%M %d/%m/%Y}"
