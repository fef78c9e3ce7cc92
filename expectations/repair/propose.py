"""The night's repair proposals: failed forms read from the warehouse, localised, judged again, ranked, stored.

A proposal is never applied. It is kept in ``audit.repair_proposal`` for the mail, the returned workbook and the figure's
passport; ``audit.repair_attempt`` remembers what was tried, so that a form is looked at once under each version of the rules.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from expectations.catalogue import Catalogue, read_catalogue
from expectations.compiler import RuleBook, read_rule_book
from expectations.repair.constraints import Constraint, Relation, constraints_of
from expectations.repair.form import Change, Form, Line, Proposal, Slot
from expectations.repair.judge import Verdict, judge_changes
from expectations.repair.solver import localise, with_ends
from expectations.repair.tables import TABLES, keep_proposals
from state.warehouse import open_warehouse

_WAITING = """
select result.submission_id, list(distinct result.rule_id)
from audit.rule_result as result
where
    result.rules_version = ? and result.outcome = 'failed' and result.severity = 'error'
    and result.submission_id not in (select submission_id from audit.repair_attempt where rules_version = ?)
group by result.submission_id order by result.submission_id
"""

_LINES = """
select submission_id, indicator_code, value, value_text, observation_status, ratio_numerator, ratio_denominator
from intermediate.int_submission_line where submission_id in (select unnest(?))
"""

#: Of each line as many figures of the agency's other forms.
_EARLIER_FIGURES = 4

#: Figures of the same agency in forms that break no error rule, the same period first, then the same kind of period, the
#: nearest first. Forms are put in order first and figures counted off as they come: all of them at once are as many as the
#: failed forms times the agency's forms times the lines.
_HISTORY = f"""
with placed as (
    select distinct line.submission_id, line.agency_code, line.period_code, period.kind, cast(period.due_on as date) as due_on
    from intermediate.int_submission_line as line
    inner join seed.periods as period on line.period_code = period.period_code
),
others as (
    select
        subject.submission_id, other.submission_id as other_id,
        row_number() over (
            partition by subject.submission_id
            order by
                other.period_code = subject.period_code desc, other.kind = subject.kind desc,
                abs(datediff('day', other.due_on, subject.due_on)), other.submission_id
        ) as place
    from placed as subject
    inner join placed as other
        on subject.agency_code = other.agency_code and subject.submission_id <> other.submission_id
    where
        subject.submission_id in (select unnest(?))
        and other.submission_id not in (
            select submission_id from audit.rule_result where outcome = 'failed' and severity = 'error'
        )
)
select others.submission_id, line.indicator_code, arg_min(line.value, others.place, {_EARLIER_FIGURES})
from others
inner join intermediate.int_submission_line as line on others.other_id = line.submission_id
where line.value is not null
group by others.submission_id, line.indicator_code
"""

_RECORDED = """
select line.submission_id, recorded.indicator_code, recorded.recorded_value
from intermediate.int_recorded_measure as recorded
inner join (
    select distinct submission_id, agency_code, period_code from intermediate.int_submission_line
    where submission_id in (select unnest(?))
) as line
    on recorded.agency_code = line.agency_code and recorded.period_code = line.period_code
where recorded.recorded_value is not null
"""


@dataclass(frozen=True, slots=True)
class RepairResult:
    """How many failed forms were looked at this night, and for how many of them a repair is proposed."""

    form_count: int
    proposed_count: int
    seconds: float


def propose_repairs(
    warehouse: Path, *, night: date, seconds_each: float = 3.0, seconds_all: float = 120.0, best: int = 3
) -> RepairResult:
    """Look at every failed form not looked at under these rules; keep its ``best`` proposals.

    ``seconds_each`` bounds one form, ``seconds_all`` the night; forms beyond it are looked at the next night. Raises
    ``RuleError`` and ``GateError`` as the gate does.
    """
    began = time.monotonic()
    with open_warehouse(warehouse) as connection:
        connection.execute(TABLES)
        book, catalogue = read_rule_book(connection), read_catalogue(connection)
        forms = read_forms(connection, book, catalogue)
        constraints = constraints_of((compiled.rule for compiled in book.compiled), catalogue)
        looked_at: list[Form] = []
        spent: dict[str, float] = {}
        found: list[Proposal] = []
        for form in forms:
            if time.monotonic() - began > seconds_all:
                break
            started = time.monotonic()
            found += candidates(form, constraints, seconds=seconds_each)
            looked_at.append(form)
            spent[form.submission_id] = time.monotonic() - started
        ranked = rank(connection, book, looked_at, found, best=best)
        for form in looked_at:
            kept = ranked[form.submission_id]
            ranked[form.submission_id] = [with_ends(proposal, form, constraints) for proposal in kept]
        keep_proposals(connection, ranked, spent, rules_version=book.version, night=night)
    return RepairResult(len(looked_at), sum(bool(kept) for kept in ranked.values()), round(time.monotonic() - began, 3))


def candidates(form: Form, constraints: tuple[Constraint, ...], *, seconds: float) -> list[Proposal]:
    """Every repair that the solver thinks of, with missing parts named as such."""
    return [
        replace(proposal, changes=tuple(_named(change, constraints) for change in proposal.changes))
        for proposal in localise(form, constraints, seconds=seconds)
    ]


def rank(
    connection: duckdb.DuckDBPyConnection,
    book: RuleBook,
    forms: Sequence[Form],
    found: Sequence[Proposal],
    *,
    best: int,
) -> dict[str, list[Proposal]]:
    """By submission the proposals after which the compiled rules are content, the most plausible first."""
    by_id = {form.submission_id: form for form in forms}
    ranked: dict[str, list[Proposal]] = {form.submission_id: [] for form in forms}
    verdicts = judge_changes(connection, book, [(p.submission_id, p.changes) for p in found]) if found else []
    for proposal, verdict in zip(found, verdicts, strict=True):
        if not verdict.failed_errors:
            score = _score(proposal, by_id[proposal.submission_id], verdict)
            ranked[proposal.submission_id].append(replace(proposal, score=round(score, 3)))
    for submission_id, proposals in ranked.items():
        proposals.sort(key=lambda p: (p.score, len(p.changes), sorted(c.slot for c in p.changes)))
        ranked[submission_id] = proposals[:best]
    return ranked


def read_forms(connection: duckdb.DuckDBPyConnection, book: RuleBook, catalogue: Catalogue) -> list[Form]:
    """The failed forms that wait, with what is known besides them."""
    failed = dict(connection.execute(_WAITING, [book.version, book.version]).fetchall())
    if not failed:
        return []
    ids = list(failed)
    lines: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for submission_id, code, *rest in connection.execute(_LINES, [ids]).fetchall():
        lines[submission_id][code] = tuple(rest)
    history: dict[str, dict[str, tuple[Decimal, ...]]] = defaultdict(dict)
    for submission_id, code, figures in connection.execute(_HISTORY, [ids]).fetchall():
        history[submission_id][code] = tuple(figures)
    recorded: dict[str, dict[str, Decimal]] = defaultdict(dict)
    if _has_recorded(connection):
        for submission_id, code, value in connection.execute(_RECORDED, [ids]).fetchall():
            is_share = (indicator := catalogue.find(code)) is not None and indicator.value_type == "percent"
            recorded[submission_id][code] = round(value, 2) if is_share else value
    return [
        Form(
            submission_id,
            tuple(_line(indicator.code, lines[submission_id].get(indicator.code), catalogue)
                  for indicator in catalogue.indicators if indicator.is_answered),
            frozenset(rules),
            recorded[submission_id],
            history[submission_id],
        )
        for submission_id, rules in failed.items()
    ]  # fmt: skip


def _line(code: str, found: tuple[Any, ...] | None, catalogue: Catalogue) -> Line:
    indicator = catalogue.find(code)
    value, text, status, numerator, denominator = found or (None, "", "blank", None, None)
    return Line(
        code=code,
        value=value,
        text=text,
        is_unread=value is None and status in ("unreadable", "doubtful"),
        numerator=numerator if denominator else None,
        denominator=denominator or None,
        is_percent=indicator is not None and indicator.value_type == "percent",
        measure=indicator.measure if indicator else "",
    )


def _named(change: Change, constraints: tuple[Constraint, ...]) -> Change:
    """A filled blank (or a corrected zero) among the addends of a sum is a missing part."""
    is_empty = change.old is None or (change.kind == "corrected" and change.old == 0)
    is_part = any(
        isinstance(c, Relation) and c.operator == "=" and any(len(side) > 1 and change.slot in
        [addend.slot for addend in side] for side in (c.left, c.right))
        for c in constraints
    )  # fmt: skip
    return replace(change, kind="missing_part") if is_empty and is_part and change.kind != "unread_filled" else change


def _score(proposal: Proposal, form: Form, verdict: Verdict) -> float:
    """The cost of the causes, and what else speaks for or against: warnings, the systems of record, earlier periods."""
    score = proposal.score + 2.0 * len(verdict.failed_warnings)
    for change in proposal.changes:
        if change.slot.aspect != "value" or change.new is None:
            continue
        recorded = form.recorded.get(change.slot.code)
        if recorded is not None:
            score += -6.0 if change.new == recorded else 2.0
        elif history := form.history.get(change.slot.code, ()):
            near = min(abs(math.log10((float(abs(change.new)) + 1) / (float(abs(h)) + 1))) for h in history)
            score += min(8.0 * near, 6.0) - 1.0
    changed = {change.slot for change in proposal.changes}
    for line in form.lines:  # a figure that the record says was wrong, and that stays
        recorded = form.recorded.get(line.code)
        if (
            recorded is not None
            and line.value is not None
            and Slot(line.code) not in changed
            and line.value != recorded
        ):
            score += 1.0
    return score


def _has_recorded(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(
        connection.execute(
            "select 1 from information_schema.tables where table_schema = 'intermediate'"
            " and table_name = 'int_recorded_measure'"
        ).fetchone()
    )
