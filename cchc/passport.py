"""``cchc explain``: a published figure's passport, from the published file: every report that spoke of it, by which door
and document, where the cell stands, what was typed and how it was read, what was checked, what would repair it, who
replaced what and when, and what the systems of record hold.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cchc.query import NothingPublishedError, width

if TYPE_CHECKING:
    import duckdb

WIDTH = 80
_LABEL = 14

_STATUSES = {
    "accepted": "đang được công bố",
    "superseded": "đã bị thay thế",
    "quarantined": "đang bị giữ lại",
    "withdrawn": "đã thu hồi",
}
_REASONS = {
    "holds": "",
    "later_revision": "có lần gửi sau",
    "replaced": "văn bản khác thay thế",
    "other_door_holds": "báo cáo qua kênh khác được ưu tiên",
    "failed_rule": "vi phạm quy tắc",
    "error_problem": "lỗi khi đọc",
    "unknown_agency": "không rõ cơ quan",
    "unknown_period": "không rõ kỳ báo cáo",
    "unknown_form": "không rõ biểu mẫu",
    "recalled": "văn bản thu hồi",
    "withdrawn_by_sender": "cơ quan gửi rút lại",
}
_READINGS = {
    "reported": "đã báo cáo",
    "blank": "để trống",
    "not_applicable": "không phát sinh",
    "unreadable": "không đọc được",
    "doubtful": "đọc không chắc, cần xem lại",
}
_OUTCOMES = {"passed": "đạt", "failed": "KHÔNG ĐẠT", "not_evaluated": "không xét"}

_FIGURES = """
select
    submission_id, quality_status, status_reason, is_current, door_vi, source, reading, door_id, document_number,
    document_on, sha256, source_locator, value_text, value, unit, note, observation_status, confidence, revision,
    received_at, night_on, withdrawn_at, holding_submission_id
from mart.mart_figure_passport
where agency_code = $agency and period_code = $period and indicator_code = $indicator
order by is_current desc, received_at desc, revision desc, submission_id
"""
_STATES = """
select status, status_reason, known_from_on, known_to_on
from mart.fct_submission_state where submission_id = $submission order by state_order
"""
_RULES = """
select
    result.rule_id, result.severity, result.outcome, result.left_text, result.right_text, result.left_value,
    result.right_value, rule.message_vi
from mart.fct_rule_result as result
inner join mart.dim_rule_indicator as line on result.rule_id = line.rule_id and line.indicator_code = $indicator
left join mart.dim_rule as rule on result.rule_id = rule.rule_id
where result.submission_id = $submission order by result.rule_id
"""
#: What would repair a form that is held back, all of its changes: the cell asked for may be right, and another one wrong.
_PROPOSALS = """
select
    proposal_rank as rank, indicator_code as code, aspect, cause as kind, old_value as old, new_value as new,
    low_value as low, high_value as high, cause_vi, cause_en
from mart.fct_repair_proposal where submission_id = $submission and is_quarantined
order by proposal_rank, change_position
"""
_PROBLEMS = """
select result as severity, reason from mart.fct_outcome
where step = 'read' and submission_id = $submission and source_locator in ($locator, $whole) order by outcome_key
"""
_RECORDED = """
select measure_name, reported_value, recorded_value, difference, numerator, denominator, is_matching
from mart.mart_reconciliation
where agency_code = $agency and period_code = $period and indicator_code = $indicator
"""


class UnknownFigureError(Exception):
    """No agency, period or line of that name, or nothing ever came for it; the message says which, in Vietnamese."""


def figure_passport(published: Path, agency: str, period: str, indicator: str) -> dict[str, Any]:
    """Everything known of one cell. ``agency`` may be any identifier of it; ``figures`` has what holds first.

    Raises ``NothingPublishedError`` before the first night and ``UnknownFigureError``.
    """
    import duckdb

    if not published.exists():
        raise NothingPublishedError(f"nothing is published yet: {published} comes with the first night (make nightly)")
    with duckdb.connect(str(published), read_only=True) as connection:
        cell = _cell(connection, agency, period, indicator)
        keys = {
            "agency": cell["agency_code"],
            "period": cell["period_code"],
            "indicator": cell["indicator_code"],
        }
        figures = _rows(connection, _FIGURES, keys)
        for figure in figures:
            submission = {"submission": figure["submission_id"]}
            figure["file"] = _one(
                connection,
                "select source_locator from mart.fct_submission where submission_id = $submission",
                submission,
            )
            figure["states"] = _rows(connection, _STATES, submission)
            figure["rules"] = _rows(connection, _RULES, submission | {"indicator": keys["indicator"]})
            figure["proposals"] = _rows(connection, _PROPOSALS, submission)
            figure["problems"] = _rows(
                connection, _PROBLEMS, submission | {"locator": figure["source_locator"], "whole": figure["file"]}
            )
        recorded = _rows(connection, _RECORDED, keys)
    if not figures and not recorded:
        raise UnknownFigureError(
            f"chưa có báo cáo nào của {cell['agency_vi']} cho {cell['period_vi']}, chỉ tiêu {cell['indicator_code']}"
        )
    return cell | {"figures": figures, "recorded": recorded[0] if recorded else None}


def as_text(passport: dict[str, Any]) -> str:
    """The passport for a person, no line wider than 80 columns unless a single word is."""
    return "\n".join(_lines(passport)) + "\n"


def as_json(passport: dict[str, Any]) -> str:
    """The passport as one JSON object on one line; figures are numbers, days and times ISO texts."""
    import orjson

    return orjson.dumps(passport, default=_plain_number).decode() + "\n"


def _plain_number(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def _lines(passport: dict[str, Any]) -> Iterator[str]:
    yield from _wrapped(f"{passport['agency_vi']} ({passport['agency_code']}) · {passport['period_vi']}")
    yield from _wrapped(f"{passport['indicator_code']} {passport['label_vi']}")
    current = next((figure for figure in passport["figures"] if figure["is_current"]), None)
    yield from _wrapped(
        f"Số đang công bố: {_figure(current)}" if current else "Số đang công bố: không có báo cáo nào đang có hiệu lực"
    )
    recorded = passport["recorded"]
    if recorded:
        yield from _field("Hệ thống ghi", _recorded(recorded))
    for number, figure in enumerate(passport["figures"], start=1):
        yield ""
        yield from _report(number, figure)


def _report(number: int, figure: dict[str, Any]) -> Iterator[str]:
    why = _REASONS.get(figure["status_reason"], figure["status_reason"])
    status = _STATUSES[figure["quality_status"]]
    yield from _wrapped(f"[{number}] {figure['door_vi'] or figure['source']}: {status}{f' ({why})' if why else ''}")
    dated = f" ngày {_day(figure['document_on'])}" if figure["document_on"] else ""
    yield from _field("Văn bản", f"{figure['document_number'] or 'không có số'}{dated}")
    yield from _field("Lần gửi", f"{figure['submission_id']}, bản {figure['revision']}")
    yield from _field("Nhận lúc", f"{_moment(figure['received_at'])}, đêm {_day(figure['night_on'])}")
    yield from _field("Nguồn", figure["file"])
    yield f"    SHA-256 {figure['sha256']}"
    yield from _field("Vị trí", figure["source_locator"])
    yield from _field("Chữ đã gõ", f"«{figure['value_text']}»" + (f" {figure['unit']}" if figure["unit"] else ""))
    if figure["note"]:
        yield from _field("Ghi chú", f"«{figure['note']}»")
    sure = f", độ chắc {_number(Decimal(str(round(figure['confidence'], 2))))}"
    yield from _field("Đọc là", f"{_figure(figure)} ({_READINGS[figure['observation_status']]}{sure})")
    for problem in figure["problems"]:
        yield from _field("Lưu ý", problem["reason"].split(": ", 1)[-1])
    for rule in figure["rules"]:
        sides = " | ".join(text for text in (rule["left_text"], rule["right_text"]) if text)
        told = f"{rule['message_vi']}. " if rule["outcome"] == "failed" and rule["message_vi"] else ""
        yield from _field(f"Quy tắc {rule['rule_id']}", f"{_OUTCOMES[rule['outcome']]}: {told}{sides}")
    yield from _proposed(figure["proposals"])
    for state in figure["states"]:
        until = f" đến trước đêm {_day(state['known_to_on'])}" if state["known_to_on"] else ""
        reason = _REASONS.get(state["status_reason"], state["status_reason"])
        yield from _field(
            "Quá trình",
            f"từ đêm {_day(state['known_from_on'])}{until}: {_STATUSES[state['status']]}"
            + (f" ({reason})" if reason else ""),
        )
    if figure["withdrawn_at"]:
        yield from _field("Thu hồi lúc", _moment(figure["withdrawn_at"]))
    if not figure["is_current"] and figure["holding_submission_id"] not in (None, figure["submission_id"]):
        yield from _field("Đang thay", figure["holding_submission_id"])


def _proposed(changes: list[dict[str, Any]]) -> Iterator[str]:
    """Each proposal of repair in one sentence, as the mail says it."""
    from expectations.proposals import repairs_of, say_repair
    from expectations.wording import Wording

    for repair in repairs_of(tuple(change.values()) for change in changes):
        yield from _field(f"Đề xuất {repair.rank}", say_repair(repair, Wording("vi")))


def _recorded(recorded: dict[str, Any]) -> str:
    told = "chưa có dữ liệu" if recorded["recorded_value"] is None else _number(recorded["recorded_value"])
    if recorded["denominator"] is not None:
        told += f" ({recorded['numerator']}/{recorded['denominator']})"
    if recorded["difference"] is not None:
        told += " · khớp" if recorded["is_matching"] else f" · chênh {_number(recorded['difference'], sign=True)}"
    return f"{told} [{recorded['measure_name']}]"


def _cell(connection: duckdb.DuckDBPyConnection, agency: str, period: str, indicator: str) -> dict[str, Any]:
    agencies = _rows(
        connection,
        "select agency_code, name_vi from mart.dim_agency where upper(agency_code) = upper($given) or agency_code in"
        " (select agency_code from mart.dim_agency_identifier where upper(identifier) = upper($given))",
        {"given": agency.strip()},
    )
    if not agencies:
        raise UnknownFigureError(f"không có cơ quan nào là {agency}")
    if len(agencies) > 1:
        found = ", ".join(sorted(row["agency_code"] for row in agencies))
        raise UnknownFigureError(f"{agency} có thể là nhiều cơ quan: {found}")
    periods = _rows(
        connection,
        "select period_code, label_vi from mart.dim_period where period_code = upper($given)",
        {"given": period.strip()},
    )
    if not periods:
        raise UnknownFigureError(f"không có kỳ báo cáo {period} (ví dụ: 2021, 2021-Q1, 2021-H1, 2021-Q3)")
    lines = _rows(
        connection,
        "select indicator_code, label_vi from mart.dim_indicator where is_answerable and lower(indicator_code) = lower($given)",
        {"given": indicator.strip()},
    )
    if not lines:
        raise UnknownFigureError(f"biểu mẫu không có chỉ tiêu {indicator} (ví dụ: III.6.1)")
    return {
        "agency_code": agencies[0]["agency_code"],
        "agency_vi": agencies[0]["name_vi"],
        "period_code": periods[0]["period_code"],
        "period_vi": periods[0]["label_vi"],
        "indicator_code": lines[0]["indicator_code"],
        "label_vi": lines[0]["label_vi"],
    }


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    answer = connection.execute(sql, values)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _one(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any]) -> str:
    return str(connection.execute(sql, values).fetchall()[0][0])


def _figure(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return figure["value_text"].strip() or "(trống)"
    return f"{_number(figure['value'])} {figure['unit']}".strip()


def _number(value: Decimal, *, sign: bool = False) -> str:
    """As officers write it: a decimal comma, no zeros behind."""
    text = f"{value.normalize():{'+' if sign else ''}f}"
    return text.replace(".", ",")


def _day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def _moment(value: datetime) -> str:
    return f"{value:%H:%M %d/%m/%Y}"


def _field(name: str, text: str) -> Sequence[str]:
    gap = " " * max(1, _LABEL - width(name))
    return _wrapped(f"    {name}{gap}{text}", indent=" " * (4 + _LABEL))


def _wrapped(text: str, indent: str = "    ") -> Sequence[str]:
    return textwrap.wrap(
        " ".join(text.split("\n")), WIDTH, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True
    ) or [""]
