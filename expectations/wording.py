"""The words and numbers of the quality report, in Vietnamese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Language = Literal["vi", "en"]

_DOORS = {
    "vi": {"portal": "Cổng dịch vụ công", "edoc": "Văn bản điện tử", "drop": "Tệp nộp qua thư mục"},
    "en": {"portal": "Public-service portal", "edoc": "E-document system", "drop": "Dropped file"},
}
_STATUSES = {
    "vi": {
        "blank": "để trống",
        "not_applicable": "không áp dụng",
        "unreadable": "không đọc được",
        "doubtful": "không chắc chắn",
    },
    "en": {"blank": "blank", "not_applicable": "not applicable", "unreadable": "unreadable", "doubtful": "doubtful"},
}
_WORDS = {
    "vi": {
        "title": "Báo cáo chất lượng số liệu CCHC",
        "night": "Đêm",
        "stopped": "Việc công bố đã dừng; số liệu công bố lần trước được giữ nguyên",
        "received": "Biểu nhận được",
        "accepted": "Được công bố",
        "quarantined": "Bị tạm giữ",
        "warned": "Cảnh báo",
        "refused": "Tệp bị từ chối",
        "lost": "Nguồn lỗi",
        "lost_title": "Nguồn số liệu không đọc được",
        "quarantined_title": "Biểu bị tạm giữ (chưa công bố)",
        "replaced_title": "Đã được chính cơ quan thay bằng bản sau (không cần làm gì)",
        "rest_in_workbook": "Còn {count} biểu nữa, xem tệp đính kèm.",
        "refused_title": "Tệp, gói tin, dòng bị từ chối",
        "warnings_title": "Cảnh báo (vẫn công bố nếu biểu không có lỗi)",
        "faults_title": "Ghi nhận khi đọc biểu",
        "coverage_title": "Tình hình báo cáo",
        "agency": "Cơ quan",
        "period": "Kỳ báo cáo",
        "document": "Văn bản",
        "door": "Nguồn",
        "revision": "Lần gửi",
        "received_at": "Nhận lúc",
        "file": "Vị trí trong nguồn",
        "instead": "Đang công bố",
        "instead_later": "Đã có bản sau, đang công bố",
        "instead_nothing": "chưa có biểu nào được công bố cho kỳ này",
        "rule": "Quy tắc",
        "left": "Vế trái",
        "right": "Vế phải",
        "indicator": "Chỉ tiêu",
        "typed": "Ghi trong biểu",
        "read": "Đọc là",
        "note": "Ghi chú",
        "place": "Vị trí",
        "reason": "Lý do",
        "forms": "Số biểu",
        "count": "Số lần",
        "times_in": "lần, ở",
        "forms_short": "biểu",
        "examples": "Ví dụ",
        "expected": "Phải báo cáo",
        "arrived": "Đã nhận",
        "on_time": "Đúng hạn",
        "published": "Đã công bố",
        "against": "so với",
        "dated": "ngày",
        "unknown": "Không xác định",
        "agency_subject_forms": "{} biểu cần sửa",
        "agency_subject_late": "{} báo cáo quá hạn",
        "agency_subject_due": "{} báo cáo sắp đến hạn",
        "reminder_due_intro": "Cơ quan còn báo cáo thống kê CCHC chưa gửi, sắp đến hạn:",
        "reminder_late_intro": "Báo cáo sau đây đã quá hạn mà hệ thống chưa nhận được:",
        "reminder_how": "Xin gửi qua Cổng dịch vụ công, trục liên thông văn bản hoặc thư mục nhận tệp. "
        "Nếu đã gửi trong ngày hôm nay, xin bỏ qua thư này.",
        "late_night_subject": "Đêm nạp số liệu chưa xong đúng hạn",
        "late_night_text": "Lượt chạy {run} đã quá {minutes} phút mà chưa xong. Số liệu công bố lần trước vẫn được giữ nguyên. "
        "Người trực xem trang Airflow và docs/runbook/late-night.md.",
        "days_left": "còn {} ngày",
        "due_today": "hạn hôm nay",
        "days_past": "quá hạn {} ngày",
        "agency_greeting": "Kính gửi",
        "agency_forms_intro": "Biểu thống kê CCHC sau đây chưa được công bố vì có số liệu mâu thuẫn. Biểu kèm theo thư có đánh dấu "
        "ô cần xem lại, lý do và đề xuất ghi ở hai cột bên phải.",
        "agency_return": "Xin sửa ngay trong tệp kèm theo rồi gửi lại tệp đó; hệ thống nhận ra cơ quan và kỳ báo cáo của tệp.",
        "agency_foot": "Thư này do kho số liệu CCHC gửi tự động, chỉ nói về số liệu của cơ quan.",
        "attached": "tệp kèm theo",
        "open_since": "Chờ sửa từ",
        "warning_word": "Nên xem lại",
        "proposal_title": "Có thể sửa như sau (đề xuất, chưa áp dụng)",
        "proposal_note": "Cơ quan đối chiếu với hồ sơ gốc trước khi sửa.",
        "late_title": "Báo cáo quá hạn, chưa nhận được",
        "late_older": "và {count} báo cáo có hạn trước ngày {day}",
        "late_ask": "Xin gửi sớm qua Cổng dịch vụ công hoặc hệ thống văn bản điện tử. Nếu đã gửi, xin báo Sở Nội vụ để tìm lại.",
        "due": "hạn",
        "workbook_reason": "Lý do cần xem lại",
        "workbook_proposal": "Đề xuất sửa (chưa áp dụng)",
        "open_title": "Biểu đang chờ sửa",
        "new_word": "mới đêm nay",
        "reporting_chart": "Tỷ lệ báo cáo đã nhận, đã công bố",
        "solved_title": "Đã sửa xong đêm nay",
        "gaps_title": "Chênh lệch lớn nhất với hệ thống ghi nhận",
        "recorded": "Hệ thống ghi nhận",
        "reported": "Cơ quan báo cáo",
        "difference": "Chênh lệch",
        "no_contact": "Chưa có địa chỉ thư, chưa được báo",
        "rows_file": "dong-can-xem.xlsx",
        "rows_sheet": "Dòng cần xem",
        "docs": "Chi tiết từng phép kiểm tra (trên máy chủ)",
        "severity": "Mức",
        "label": "Tên chỉ tiêu",
        "error_word": "Lỗi",
        "proposal": "Đề xuất",
        "foot": "Thư này do kho số liệu CCHC gửi tự động. Biểu bị tạm giữ được công bố khi cơ quan gửi bản sửa đúng.",
    },
    "en": {
        "title": "Quality report on administrative-reform statistics",
        "night": "Night of",
        "stopped": "Publication was stopped; what was published before stays",
        "received": "Forms received",
        "accepted": "Published",
        "quarantined": "Quarantined",
        "warned": "Warnings",
        "refused": "Refused files",
        "lost": "Failed sources",
        "lost_title": "Sources that could not be read",
        "quarantined_title": "Quarantined forms (not published)",
        "replaced_title": "Already replaced by the agency's own later report (nothing to do)",
        "rest_in_workbook": "{count} more forms are in the attached workbook.",
        "refused_title": "Refused files and messages",
        "warnings_title": "Warnings (published all the same where the form has no error)",
        "faults_title": "Remarks from reading",
        "coverage_title": "Reporting so far",
        "agency": "Agency",
        "period": "Period",
        "document": "Document",
        "door": "Source",
        "revision": "Revision",
        "received_at": "Received",
        "file": "Place in the source",
        "instead": "Published now",
        "instead_later": "Replaced since; published now",
        "instead_nothing": "nothing is published for this period",
        "rule": "Rule",
        "left": "Left side",
        "right": "Right side",
        "indicator": "Indicator",
        "typed": "As typed",
        "read": "Read as",
        "note": "Note",
        "place": "Place",
        "reason": "Reason",
        "forms": "Forms",
        "count": "Times",
        "times_in": "times, in",
        "forms_short": "forms",
        "examples": "Examples",
        "expected": "Expected",
        "arrived": "Received",
        "on_time": "On time",
        "published": "Published",
        "against": "against",
        "dated": "of",
        "unknown": "Unknown",
        "agency_subject_forms": "{} forms to correct",
        "agency_subject_late": "{} reports overdue",
        "agency_subject_due": "{} reports due soon",
        "reminder_due_intro": "These statistical reports of your agency are due soon and not there yet:",
        "reminder_late_intro": "These reports are overdue and have not been received:",
        "reminder_how": "Please send them by the public-service portal, the e-document system or the drop folder. If you have sent "
        "them today, please disregard this mail.",
        "late_night_subject": "The nightly load is not over by its deadline",
        "late_night_text": "Run {run} has taken more than {minutes} minutes and is not over. What was published before stays. "
        "See Airflow's page and docs/runbook/late-night.md.",
        "days_left": "{} days left",
        "due_today": "due today",
        "days_past": "{} days overdue",
        "agency_greeting": "To",
        "agency_forms_intro": "The following statistical forms are not published because their figures contradict each "
        "other. In the attached form the cells to look at are marked; reason and proposal stand in the two columns on the right.",
        "agency_return": "Please correct the attached file and send it back; its agency and period are recognised.",
        "agency_foot": "Sent by the statistics warehouse; it speaks of your agency's figures alone.",
        "attached": "attached",
        "open_since": "open since",
        "warning_word": "To be looked at",
        "proposal_title": "What would repair it (a proposal, not applied)",
        "proposal_note": "Please check with the original records first.",
        "late_title": "Overdue reports",
        "late_older": "and {count} reports due before {day}",
        "late_ask": "Please send them by the portal or the e-document system. If they were sent, please tell the Department.",
        "due": "due",
        "workbook_reason": "Reason",
        "workbook_proposal": "Proposal (not applied)",
        "open_title": "Forms waiting for correction",
        "new_word": "new tonight",
        "reporting_chart": "Reports received and published",
        "solved_title": "Solved tonight",
        "gaps_title": "Largest gaps against the systems of record",
        "recorded": "Recorded",
        "reported": "Reported",
        "difference": "Difference",
        "no_contact": "No mail address, not told",
        "rows_file": "failing-rows.xlsx",
        "rows_sheet": "Failing rows",
        "docs": "Every check in detail (on the server)",
        "severity": "Severity",
        "label": "Label",
        "error_word": "Error",
        "proposal": "Proposal",
        "foot": "Sent by the statistics warehouse. A quarantined form is published once its agency sends a right one.",
    },
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a template needs to speak one language."""

    language: Language

    @property
    def words(self) -> dict[str, str]:
        return _WORDS[self.language]

    def door(self, source: str) -> str:
        return _DOORS[self.language].get(source, source)

    def status(self, status: str) -> str:
        return _STATUSES[self.language].get(status, "")

    def number(self, value: Decimal | int | None) -> str:
        """``1.234,5`` in Vietnamese, ``1,234.5`` in English, a dash for none."""
        if value is None:
            return "–"
        text = f"{Decimal(value):,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))

    def day(self, day: date | None) -> str:
        return "" if day is None else f"{day:%d/%m/%Y}"

    def days_away(self, days: int) -> str:
        """How far a due day is away: ``còn 5 ngày``, ``hạn hôm nay``, ``quá hạn 2 ngày`` for -2."""
        if not days:
            return self.words["due_today"]
        text = self.words["days_left" if days > 0 else "days_past"].format(abs(days))
        return text.replace("1 days", "1 day") if text.startswith("1 ") else text

    def moment(self, moment: datetime) -> str:
        return f"{moment:%d/%m/%Y %H:%M}"
