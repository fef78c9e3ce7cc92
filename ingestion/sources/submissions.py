"""Reading a page of the portal's ``/api/v1/submissions``: rows of statistical forms as typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from ingestion.errors import ParseError
from ingestion.model import PortalSubmission, Problem, TypedLine
from ingestion.sources.notices import Refusal, shown_names
from ingestion.sources.payload import NotJsonError, Spelled, read_json_as_spelled
from ingestion.sources.times import local_time

_ROW_FIELDS = frozenset(
    {
        "submission_id",
        "agency_organ_id",
        "form_code",
        "period_code",
        "revision",
        "status",
        "document_number",
        "submitted_at",
        "updated_at",
        "lines",
    }
)
_LINE_FIELDS = frozenset({"code", "value", "note"})
_SHOWN_LENGTH = 60


class _RowError(Exception):
    """A row can't be used; the text says why, in Vietnamese."""


def parse_submissions_page(content: bytes, *, locator: str) -> tuple[list[PortalSubmission], list[Problem]]:
    """(the page's usable rows in order, what is wrong with it). Pure.

    A row that lacks a required field or has one of the wrong type is left out and named by a problem ``row_refused`` at
    ``<locator>#items[n]``. A usable row has the locator ``<locator>#<submission_id>/r<revision>``; problems of its lines
    stand below that, at ``.../lines/<code>``. Equal rows come once. Unknown fields are tolerated and named by one problem
    ``field_unknown``. Values keep the characters of the source: ``99.50`` is ``"99.50"``, null is ``""``.

    Raises ``ParseError`` when the bytes are no page at all.
    """
    try:
        page = read_json_as_spelled(content)
    except NotJsonError as error:
        raise ParseError(str(error), source="portal", locator=locator) from error
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise ParseError("trang không có danh sách items", source="portal", locator=locator)

    submissions: list[PortalSubmission] = []
    problems: list[Problem] = []
    unknown: set[str] = set()
    seen: set[PortalSubmission] = set()
    for index, item in enumerate(items):
        try:
            submission, found = _read_row(item, locator, unknown)
        except _RowError as error:
            reason = f"{_row_name(item, index)}: {error}."
            problems.append(Problem("error", "row_refused", reason, f"{locator}#items[{index}]"))
            continue
        if submission not in seen:
            seen.add(submission)
            submissions.append(submission)
            problems.extend(found)
    if unknown:
        problems.append(Problem("info", "field_unknown", f"Trường lạ, bỏ qua: {shown_names(unknown)}.", locator))
    return submissions, problems


def refusals_of(content: bytes) -> tuple[list[Refusal], frozenset[str]]:
    """(the rows of a page that can't be used, the names of its unknown fields)."""
    page = read_json_as_spelled(content)
    refusals: list[Refusal] = []
    unknown: set[str] = set()
    for index, item in enumerate(page["items"]):
        try:
            _read_row(item, "", unknown)
        except _RowError as error:
            refusals.append(Refusal(f"items[{index}]", f"{_row_name(item, index)}: {error}."))
    return refusals, frozenset(unknown)


def _read_row(item: Any, locator: str, unknown: set[str]) -> tuple[PortalSubmission, list[Problem]]:
    if not isinstance(item, dict):
        raise _RowError("không phải là một đối tượng JSON")
    if not item.keys() <= _ROW_FIELDS:
        unknown.update(item.keys() - _ROW_FIELDS)
    submission_id = _text(item, "submission_id")
    revision = item.get("revision")
    if isinstance(revision, bool) or not isinstance(revision, int) or not 1 <= revision < 2**31:
        raise _wrong(item, "revision", "phải là số nguyên từ 1")
    own_locator = f"{locator}#{submission_id}/r{revision}"
    document_number = item.get("document_number")
    if document_number is not None and (isinstance(document_number, Spelled) or not isinstance(document_number, str)):
        raise _wrong(item, "document_number", "phải là chuỗi hoặc null")
    given_lines = item.get("lines")
    if not isinstance(given_lines, list):
        raise _wrong(item, "lines", "phải là danh sách")
    problems: list[Problem] = []
    submission = PortalSubmission(
        submission_id=submission_id,
        organ_id=_text(item, "agency_organ_id"),
        form_code=_text(item, "form_code"),
        period_code=_text(item, "period_code"),
        revision=revision,
        status=_status(item),
        document_number=(document_number or "").strip() or None,
        submitted_at=_time(item, "submitted_at"),
        updated_at=_time(item, "updated_at"),
        lines=_read_lines(given_lines, own_locator, problems, unknown),
        locator=own_locator,
    )
    return submission, problems


def _read_lines(given: list[Any], locator: str, problems: list[Problem], unknown: set[str]) -> tuple[TypedLine, ...]:
    lines: dict[str, TypedLine] = {}
    for position, item in enumerate(given):
        code = item.get("code") if isinstance(item, dict) else None
        if not isinstance(code, str) or isinstance(code, Spelled) or not code.strip():
            problems.append(
                Problem(
                    "error",
                    "line_refused",
                    f"Dòng thứ {position + 1} không có mã chỉ tiêu.",
                    f"{locator}/lines[{position}]",
                )
            )
            continue
        if not item.keys() <= _LINE_FIELDS:
            unknown.update(f"lines_{name}" for name in item.keys() - _LINE_FIELDS)
        code = code.strip()
        line_locator = f"{locator}/lines/{code}"
        line = TypedLine(
            code=code,
            text=_typed(item.get("value"), "value_type", f"Chỉ tiêu {code}: giá trị", line_locator, problems),
            note=_typed(item.get("note"), "note_type", f"Chỉ tiêu {code}: ghi chú", line_locator, problems),
        )
        first = lines.setdefault(code, line)
        if first is not line:
            message = f"Chỉ tiêu {code} xuất hiện hai lần với cùng nội dung."
            if first != line:
                message = (
                    f"Chỉ tiêu {code} xuất hiện hai lần: “{_shown(first.text)}” và “{_shown(line.text)}”; giữ lần đầu."
                )
            problems.append(Problem("warning" if first == line else "error", "line_twice", message, line_locator))
    return tuple(lines.values())


def _typed(value: Any, problem_code: str, subject: str, locator: str, problems: list[Problem]) -> str:
    """Text as typed: numbers as spelled, null as nothing; true, a list or an object is no text and becomes a problem."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    kind = {bool: "đúng/sai", list: "danh sách", dict: "đối tượng"}[type(value)]
    severity: Literal["error", "warning"] = "error" if problem_code == "value_type" else "warning"
    problems.append(Problem(severity, problem_code, f"{subject} phải là chuỗi hoặc số, nhận được {kind}.", locator))
    return ""


def _status(item: Mapping[str, Any]) -> Literal["submitted", "withdrawn"]:
    status = item.get("status", "submitted")
    if status == "submitted":
        return "submitted"
    if status == "withdrawn":
        return "withdrawn"
    raise _wrong(item, "status", "phải là submitted hoặc withdrawn")


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or isinstance(value, Spelled) or not value.strip():
        raise _wrong(item, name, "phải là chuỗi không rỗng")
    return value.strip()


def _time(item: Mapping[str, Any], name: str) -> datetime:
    moment = local_time(item.get(name))
    if moment is None:
        raise _wrong(item, name, "phải là thời điểm ISO 8601")
    return moment


def _wrong(item: Mapping[str, Any], name: str, expected: str) -> _RowError:
    if name not in item:
        return _RowError(f"thiếu {name}")
    return _RowError(f"{name} {expected}, nhận được {_shown(item[name])}")


def _row_name(item: Any, index: int) -> str:
    submission_id = item.get("submission_id") if isinstance(item, dict) else None
    return (
        f"Báo cáo {submission_id}"
        if isinstance(submission_id, str) and submission_id
        else f"Dòng {index + 1} của trang"
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "một danh sách"
    if isinstance(value, dict):
        return "một đối tượng"
    text = "null" if value is None else str(value)
    return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"
