"""The quality report of one night: composed from the built warehouse, kept as files, mailed once."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from expectations.errors import MailError
from expectations.findings import BrokenRule, Fault, Figure, Finding, Findings
from expectations.gather import gather
from expectations.mail import compose, deliver
from expectations.wording import Language, Wording

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_STEM = "quality_report"

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
) -> ReportResult | None:
    """Compose the report of ``night``, keep it under ``folder/<night>/`` and mail it; None when nothing failed.

    ``recipient`` may name several addresses, parted by commas. The same content is mailed once to the same recipients,
    however often the night is run; a mail that could not be sent is tried again by the next run. ``structural_failures``
    are the gate's, on a night whose publication was stopped.
    """
    with duckdb.connect(str(warehouse)) as connection:
        report = compose_report(gather(connection, night, structural_failures), language)
    if report is None:
        return None
    place = folder / night.isoformat()
    place.mkdir(parents=True, exist_ok=True)
    state_path = place / f"{_STEM}.json"
    state = _read_state(state_path)
    if state.get("content_sha256") != report.content_sha256:
        state |= {"content_sha256": report.content_sha256, "composed_at": now().isoformat(timespec="seconds")}
    message = compose(
        subject=report.subject,
        text=report.text,
        html=report.html,
        sender=sender,
        recipient=recipient,
        composed_at=datetime.fromisoformat(state["composed_at"]),
        message_key=f"{night:%Y%m%d}.{report.content_sha256[:24]}",
    )
    html_path, text_path, eml_path = (place / f"{_STEM}.{suffix}" for suffix in ("html", "txt", "eml"))
    _keep(html_path, report.html.encode())
    _keep(text_path, report.text.encode())
    _keep(eml_path, message.as_bytes())
    _keep(state_path, _state_bytes(state))

    def result(is_sent: bool, reason: str) -> ReportResult:
        return ReportResult(report.subject, html_path, text_path, eml_path, is_sent, reason)

    sent: list[dict[str, str]] = state.setdefault("sent", [])
    if any(mail["content_sha256"] == report.content_sha256 and mail["recipient"] == recipient for mail in sent):
        return result(True, "đã gửi trước đó")
    if not smtp_url:
        return result(False, "chưa đặt máy chủ thư")
    if not recipient.strip():
        return result(False, "chưa đặt người nhận")
    try:
        refused = deliver(message, smtp_url)
    except MailError as error:
        return result(False, str(error))
    sent.append(
        {
            "content_sha256": report.content_sha256,
            "recipient": recipient,
            "message_id": str(message["Message-ID"]),
            "sent_at": now().isoformat(timespec="seconds"),
        }
    )
    _keep(state_path, _state_bytes(state))
    return result(True, f"máy chủ từ chối người nhận: {', '.join(refused)}" if refused else "")


def compose_report(night: Findings, language: Language = "vi") -> Report | None:
    """The report's texts; None when nothing failed. All text from forms is escaped in the HTML part."""
    if night.is_clean:
        return None
    wording = Wording(language)
    words = wording.words
    subject = _subject(night, language)
    values: dict[str, Any] = {
        "night": night,
        "wording": wording,
        "subject": subject,
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
        "left": lambda rule: _side(wording, rule.left_text, rule.left, rule.left_value),
        "right": lambda rule: _side(wording, rule.right_text, rule.right, rule.right_value),
        "read": lambda figure: _read(wording, figure),
    }
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=_without_controls,
    )
    html, text = (environment.get_template(f"{_STEM}.{part}.jinja").render(values) for part in ("html", "txt"))
    return Report(night.night, subject, unicodedata.normalize("NFC", html), unicodedata.normalize("NFC", text))


def _subject(night: Findings, language: Language) -> str:
    """``[CCHC] Báo cáo chất lượng số liệu đêm 20/12/2021: 5 biểu bị tạm giữ``. Made of counts alone."""
    counts = [
        (len(night.structural_failures) and 1, "công bố đã dừng", "publication stopped", False),
        (night.quarantined_count, "biểu bị tạm giữ", "quarantined", True),
        (len(night.refused), "tệp bị từ chối", "refused", True),
        (len(night.lost), "nguồn lỗi", "failed sources", True),
        (night.warning_count, "cảnh báo", "warnings", True),
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


def _side(wording: Wording, text: str, expression: str, value: Any) -> str:
    """A side as reported: the gate's own text in Vietnamese, the rule's expression and the figure in English."""
    return text if wording.language == "vi" else f"{expression} = {wording.number(value)}"


def _read(wording: Wording, figure: Figure) -> str:
    remark = wording.status(figure.status)
    if figure.value is None:
        return remark or "–"
    return wording.number(figure.value) + (f" ({remark})" if remark else "")


def _without_controls(value: Any) -> Any:
    """Text from forms without control characters, which no mail part may hold; line breaks become blanks."""
    if type(value) is not str:
        return value
    return "".join(
        " " if character in "\r\n\t" else character
        for character in value
        if character in "\r\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )


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
