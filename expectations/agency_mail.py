"""What an agency is told: its own forms only, each as a workbook to correct and send back, one mail a night at most.

A case (a form held back, a report that is late) is told once, then again only every so many nights while it stands; what was
told is kept in the outbox. A late report is one line, not a list of the lines that are missing by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.cases import Cases, Late, OpenForm
from expectations.findings import BrokenRule, Fault
from expectations.gather import broken_rules, faults_of
from expectations.letters import AgencyMails, Desk, Letter, late_key
from expectations.mail import Attachment
from expectations.proposals import Repair, read_repairs, say_cause, say_new, say_repair
from expectations.wording import Wording
from expectations.workbook import FilledLine, Mark, marked_form

#: The official form of an agency and period, blank, as a workbook that is recognised when it returns.
BlankForm = Callable[[str, str], bytes]

_LINES = """
select submission_id, indicator_code, value, value_text, note
from intermediate.int_submission_line where submission_id in (select unnest(cast(? as varchar[])))
"""


@dataclass(frozen=True, slots=True)
class ToldForm:
    """One form as the mail speaks of it, with its workbook."""

    case: OpenForm
    rules: tuple[BrokenRule, ...]
    faults: tuple[Fault, ...]
    repairs: tuple[Repair, ...]
    workbook_name: str
    workbook: bytes


def write_agency_mails(
    connection: duckdb.DuckDBPyConnection, cases: Cases, *, desk: Desk, folder: Path, blank_form: BlankForm
) -> AgencyMails:
    """Queue a mail to every agency that has something new (or due again) to be told, and keep its workbooks under
    ``folder``.

    A night that is run again with the same cases queues the same mails, which are one.
    """
    open_forms: dict[str, list[OpenForm]] = defaultdict(list)
    late: dict[str, list[Late]] = defaultdict(list)
    names: dict[str, str] = {}
    for form in cases.open_forms:
        open_forms[form.agency_code].append(form)
        names[form.agency_code] = form.agency_name
    for report in cases.late:
        late[report.agency_code].append(report)
        names[report.agency_code] = report.agency_name
    wording = desk.wording

    def letter(agency_code: str, told: Mapping[str, date]) -> Letter | None:
        due_forms = [form for form in open_forms[agency_code] if desk.is_due(told.get(form.submission_id))]
        due_late = [report for report in late[agency_code] if desk.is_due(told.get(late_key(report)))]
        if not due_forms and not due_late:
            return None
        forms = _told_forms(connection, due_forms, blank_form, folder / agency_code, wording)
        return Letter(
            counts={"agency_subject_forms": len(forms), "agency_subject_late": len(due_late)},
            values={"forms": forms, "late": due_late, "say_repair": lambda repair: say_repair(repair, wording)},
            keys=(*(form.case.submission_id for form in forms), *map(late_key, due_late)),
            attachments=tuple(Attachment(form.workbook_name, form.workbook) for form in forms),
        )

    return desk.write("agency_mail", names, letter)


def _told_forms(
    connection: duckdb.DuckDBPyConnection,
    cases: Sequence[OpenForm],
    blank_form: BlankForm,
    folder: Path,
    wording: Wording,
) -> list[ToldForm]:
    ids = [case.submission_id for case in cases]
    rules, faults, repairs = broken_rules(connection, ids), faults_of(connection, ids), read_repairs(connection, ids)
    codes = [
        code
        for (code,) in connection.execute(
            "select code from seed.indicators order by try_cast(form_row as integer)"
        ).fetchall()
    ]
    lines: dict[str, dict[str, FilledLine]] = defaultdict(dict)
    for submission_id, code, value, text, note in connection.execute(_LINES, [ids]).fetchall():
        lines[submission_id][code] = FilledLine(value, text, note)
    forms = []
    for case in cases:
        broken = rules.get(case.submission_id, ())
        proposed = repairs.get(case.submission_id, ())
        content = marked_form(
            blank_form(case.agency_code, case.period_code),
            codes,
            lines[case.submission_id],
            _marks(broken, proposed, wording),
            heads=(wording.words["workbook_reason"], wording.words["workbook_proposal"]),
        )
        name = f"{case.agency_code}_{case.period_code}_can-sua.xlsx"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        forms.append(
            ToldForm(case, broken, faults.get(case.submission_id, ()), proposed, name, content),
        )
    return forms


def _marks(rules: Sequence[BrokenRule], repairs: Sequence[Repair], wording: Wording) -> Mapping[str, Mark]:
    """By code: the broken rules that name the line, and what the best proposal (and the next best) would have there."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for rule in rules:
        message = rule.message_vi if wording.language == "vi" else rule.message_en
        for figure in rule.figures:
            sides = "; ".join(
                f"{left} {wording.words['against']} {right}" if right else left
                for left, right in rule.cases_of(figure.code)
            )
            reasons[figure.code].append(f"{message} ({rule.rule_id}): {sides}")
    proposals: dict[str, list[str]] = defaultdict(list)
    best: set[str] = set()
    for repair in repairs:
        for change in repair.changes:
            said = f"{say_new(change, wording)} ({say_cause(change, wording.language)})"
            if change.aspect != "value":
                said = say_repair(Repair(repair.rank, (change,)), wording)
            proposals[change.code].append(f"{repair.rank}. {said}")
            if repair.rank == 1:
                best.add(change.code)
    return {
        code: Mark(tuple(reasons[code]), "\n".join(proposals[code]), code in best)
        for code in {*list(reasons), *list(proposals)}
    }
