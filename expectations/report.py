"""The quality report of one night: composed from the built warehouse, kept as files, mailed once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from expectations.cases import OVERDUE_DAYS, Cases, read_cases
from expectations.findings import BrokenRule, Fault, Figure, Finding, Findings, place
from expectations.gather import gather
from expectations.mail import Attachment, compose
from expectations.outbox import Outbox
from expectations.pages import render
from expectations.proposals import Repair, read_repairs, say_repair
from expectations.rows import failing_rows
from expectations.wording import Language, Wording
from state.warehouse import open_warehouse

_STEM = "quality_report"

DEPARTMENT = "department"
NO_CASES = Cases()
NO_REPAIRS: Mapping[str, tuple[Repair, ...]] = {}
_WAITING = "còn chờ trong hộp thư đi"

#: Forms told in full; the rest stands in the attached workbook, row by row.
_FORMS_TOLD = 25

#: How many examples a kind of remark is shown with.
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Report:
    """A report ready to be sent. The same findings give the same ``content_sha256``."""

    night: date
    subject: str
    html: str
    text: str

    @property
    def content_sha256(self) -> str:
        return hashlib.sha256("\0".join((self.subject, self.text, self.html)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReportResult:
    """Where the report lies and what became of the mail; ``reason`` says in Vietnamese why it was not sent now."""

    subject: str
    html_path: Path
    text_path: Path
    eml_path: Path
    is_sent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Group:
    """One warning rule and everybody who broke it."""

    rule: BrokenRule
    cases: tuple[tuple[Finding, BrokenRule], ...]


@dataclass(frozen=True, slots=True)
class _Remark:
    """One kind of remark from reading: how often, in how many forms, and some examples of different forms."""

    count: int
    form_count: int
    examples: tuple[tuple[Finding, Fault], ...]


def write_quality_report(
    warehouse: Path,
    *,
    night: date,
    folder: Path,
    sender: str,
    recipient: str,
    smtp_url: str | None,
    now: Callable[[], datetime],
    language: Language = "vi",
    structural_failures: Sequence[str] = (),
    outbox: Outbox | None = None,
    without_contact: Sequence[str] = (),
    docs: str = "",
    overdue_days: int = OVERDUE_DAYS,
) -> ReportResult | None:
    """Compose the report of ``night``, keep it under ``folder/<night>/`` and mail it; None when nothing failed.

    ``recipient`` may name several addresses, parted by commas. The same content is mailed once to the same recipients,
    however often the night is run; a mail that could not be sent waits in the outbox for the next run of any
    night. ``structural_failures`` are the gate's, on a night whose publication was stopped; ``docs`` the first page of the
    Data Docs, a path or the address at which readers open it; ``overdue_days`` until how many days after its due day a missing
    report is told by name.
    """
    kept_mails = outbox or Outbox(folder / "outbox.sqlite", now=now)
    with open_warehouse(warehouse) as connection:
        found = gather(connection, night, structural_failures)
        cases = read_cases(connection, night, overdue_days)
        repairs = read_repairs(connection, [finding.submission_id for finding in found.findings])
    report = compose_report(found, language, cases, repairs, without_contact, docs)
    if report is None:
        if smtp_url and kept_mails.exists:
            kept_mails.flush(smtp_url)
        return None
    place = folder / night.isoformat()
    place.mkdir(parents=True, exist_ok=True)
    state_path = place / f"{_STEM}.json"
    state = _read_state(state_path)
    html_path, text_path, eml_path, rows_path = (
        place / f"{_STEM}.{suffix}" for suffix in ("html", "txt", "eml", "xlsx")
    )
    if state.get("content_sha256") != report.content_sha256 or not rows_path.exists():
        state = {"content_sha256": report.content_sha256, "composed_at": now().isoformat(timespec="seconds")}
        _keep(rows_path, failing_rows(found, repairs, Wording(language)))
    message = compose(
        subject=report.subject,
        text=report.text,
        html=report.html,
        sender=sender,
        recipient=recipient,
        composed_at=datetime.fromisoformat(state["composed_at"]),
        message_key=f"{night:%Y%m%d}.{hashlib.sha256((report.content_sha256 + recipient).encode()).hexdigest()[:24]}",
        attachments=[Attachment(Wording(language).words["rows_file"], rows_path.read_bytes())],
    )
    _keep(html_path, report.html.encode())
    _keep(text_path, report.text.encode())
    _keep(eml_path, message.as_bytes())
    _keep(state_path, _state_bytes(state))

    def result(is_sent: bool, reason: str) -> ReportResult:
        return ReportResult(report.subject, html_path, text_path, eml_path, is_sent, reason)

    if not recipient.strip():
        if smtp_url and kept_mails.exists:
            kept_mails.flush(smtp_url)
        return result(False, "chưa đặt người nhận")
    before = kept_mails.put(message, owner=DEPARTMENT, night=night)
    if smtp_url:
        kept_mails.flush(smtp_url)
    if before.is_sent:
        return result(True, "đã gửi trước đó")
    after = kept_mails.get(before.message_id)
    return result(
        after.is_sent, after.reason or ("" if after.is_sent else _WAITING if smtp_url else "chưa đặt máy chủ thư")
    )


def compose_report(
    night: Findings,
    language: Language = "vi",
    cases: Cases = NO_CASES,
    repairs: Mapping[str, tuple[Repair, ...]] = NO_REPAIRS,
    without_contact: Sequence[str] = (),
    docs: str = "",
) -> Report | None:
    """The report's texts; None when nothing failed and nothing was solved. All text from forms is escaped in the HTML part."""
    if night.is_clean and not cases.solved:
        return None
    wording = Wording(language)
    words = wording.words
    standing = [finding for finding in night.quarantined if not finding.is_replaced]
    subject = _subject(night, language, len(cases.solved))
    values: dict[str, Any] = {
        "night": night,
        "wording": wording,
        "subject": subject,
        "cases": cases,
        "replaced": [finding for finding in night.quarantined if finding.is_replaced],
        "told_forms": standing[:_FORMS_TOLD],
        "untold_count": len(standing[_FORMS_TOLD:]),
        "repairs": repairs,
        "say_repair": lambda repair: say_repair(repair, wording),
        "without_contact": without_contact,
        "docs_address": docs if "://" in docs or not docs else Path(docs).as_uri(),
        "warnings": _warnings(night),
        "remarks": _remarks(night),
        "totals": [
            (words["received"], night.received_count, "#24292f"),
            (words["accepted"], night.accepted_count, "#1a7f37"),
            (words["quarantined"], night.quarantined_count, "#cf222e"),
            (words["warned"], night.warning_count, "#9a6700"),
            (words["refused"], len(night.refused), "#cf222e"),
            (words["lost"], len(night.lost), "#cf222e"),
        ],
        "message": lambda rule: rule.message_vi if language == "vi" else rule.message_en,
        "label": lambda figure: figure.label_vi if language == "vi" else figure.label_en,
        "left": lambda rule: _side(wording, [left for left, _ in rule.cases], rule.left, rule.left_value),
        "right": lambda rule: _side(wording, [right for _, right in rule.cases], rule.right, rule.right_value),
        "place": place,
        "read": lambda figure: _read(wording, figure),
    }
    html, text = render(_STEM, values)
    return Report(night.night, subject, html, text)


def _subject(night: Findings, language: Language, solved_count: int = 0) -> str:
    """``[CCHC] Báo cáo chất lượng số liệu đêm 20/12/2021: 5 biểu bị tạm giữ``. Made of counts alone."""
    counts = [
        (len(night.structural_failures) and 1, "công bố đã dừng", "publication stopped", False),
        (night.quarantined_count, "biểu bị tạm giữ", "quarantined", True),
        (len(night.refused), "tệp bị từ chối", "refused", True),
        (len(night.lost), "nguồn lỗi", "failed sources", True),
        (night.warning_count, "cảnh báo", "warnings", True),
        (solved_count, "biểu đã sửa xong", "solved", True),
    ]
    told = [
        (f"{count} " if is_counted else "") + (vietnamese if language == "vi" else english)
        for count, vietnamese, english, is_counted in counts
        if count
    ]
    title = "Báo cáo chất lượng số liệu đêm" if language == "vi" else "Quality report, night of"
    return f"[CCHC] {title} {night.night:%d/%m/%Y}: {', '.join(told[:3])}"


def _warnings(night: Findings) -> list[_Group]:
    """Failed warnings by rule, so that one cause told by many agencies takes one row."""
    cases: dict[str, list[tuple[Finding, BrokenRule]]] = {}
    for finding in night.findings:
        for rule in finding.warnings:
            cases.setdefault(rule.rule_id, []).append((finding, rule))
    return [_Group(found[0][1], tuple(found)) for _, found in sorted(cases.items())]


def _remarks(night: Findings) -> list[_Remark]:
    """Faults that are no error, by kind, the most frequent first."""
    kinds: dict[str, list[tuple[Finding, Fault]]] = {}
    for finding in night.findings:
        for fault in finding.faults:
            if fault.severity != "error":
                kinds.setdefault(fault.code, []).append((finding, fault))
    remarks = []
    for cases in kinds.values():
        first_of_form = {finding.submission_id: (finding, fault) for finding, fault in reversed(cases)}
        examples = sorted(first_of_form.values(), key=lambda case: (case[0].agency_code, case[0].submission_id))
        remarks.append(_Remark(len(cases), len(first_of_form), tuple(examples[:_EXAMPLES])))
    return sorted(remarks, key=lambda remark: (-remark.count, remark.examples[0][1].message))


def _side(wording: Wording, texts: list[str], expression: str, value: Any) -> list[str]:
    """A side as reported, case by case: the gate's own text in Vietnamese, the rule's expression and the figure in English."""
    return texts if wording.language == "vi" else [f"{expression} = {wording.number(value)}"]


def _read(wording: Wording, figure: Figure) -> str:
    remark = wording.status(figure.status)
    if figure.value is None:
        return remark or "–"
    return wording.number(figure.value) + (f" ({remark})" if remark else "")


def _read_state(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return state


def _state_bytes(state: dict[str, Any]) -> bytes:
    return (json.dumps(state, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _keep(path: Path, content: bytes) -> None:
    """Write the file whole, unless it holds just that already."""
    if path.exists() and path.read_bytes() == content:
        return
    fresh = path.with_name(f".{path.name}.writing")
    fresh.write_bytes(content)
    fresh.replace(path)
