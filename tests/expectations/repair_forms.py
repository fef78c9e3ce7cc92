"""Forms of the stand-ins' province with one planted error each, as the reader would have read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.compiler import read_rule_book
from expectations.repair.judge import judge_changes
from stand_ins.province import damage
from stand_ins.province.plan import make_plan
from stand_ins.province.sending import Sending
from tests.expectations.gate_warehouses import SEEDS, Cell, make_warehouse
from tests.stand_ins.stand_in_rules import number

_RATIO = re.compile(r"(\d+)/(\d+)\s+(?:hồ sơ|nhiệm vụ)")


def _swap(sending: Sending, one: str, other: str) -> bool:
    first, second = sending.figures[one], sending.figures[other]
    if first.value is None or second.value is None or first.value <= second.value:
        return False
    sending.figures[one], sending.figures[other] = (
        first._replace(value=second.value),
        second._replace(value=first.value),
    )
    return True


def _posts_swapped(sending: Sending) -> bool:
    return _swap(sending, "IV.2.1", "IV.2.2")


def _tasks_swapped(sending: Sending) -> bool:
    return _swap(sending, "I.1.1", "I.1.2")


def _part_missing(sending: Sending) -> bool:
    if not sending.figures["III.2.3.b"].value:
        return False
    sending.figures["III.2.3.b"] = sending.figures["III.2.3.b"]._replace(value=None)
    return True


def _filled_ten_times(sending: Sending) -> bool:
    posts = sending.figures["IV.2.2"]
    sending.figures["IV.2.2"] = posts._replace(value=10 * (posts.value or 0))
    return True


#: Errors that leave enough in the form, or in the agency's other reports, to tell what it said before.
KINDS: dict[str, Callable[[Sending], object]] = {
    "digits swapped": damage.digits_swapped,
    "rows shifted": damage.rows_shifted,
    "returned missing": damage.returned_missing,
    "received missing": damage.received_missing,
    "some fewer returned": damage.returned_differs,
    "a zero too many": damage.returned_ten_times,
    "levels do not add up": damage.level_sum,
    "share is not its ratio": damage.ratio_mismatch,
    "last digit lost": damage.digit_lost,
    "share without a level": damage.share_without_level,
    "posts and filled posts swapped": _posts_swapped,
    "plan and actual swapped": _tasks_swapped,
    "a part of a sum missing": _part_missing,
    "filled posts ten times": _filled_ten_times,
}
NAMES = [
    "submission_id", "agency_code", "period_code", "indicator_code", "value", "value_text", "note", "observation_status",
    "ratio_numerator", "ratio_denominator", "document_count",
]  # fmt: skip
_SHIFTED = ("III.6.1", "III.6.2", "III.6.3")


@dataclass(frozen=True)
class Damaged:
    """A planted form: ``kind`` of error, and the figures as they were before."""

    submission_id: str
    kind: str
    original: dict[str, Decimal | None]
    typed: dict[str, Decimal | None]


def _cells(sending: Sending, indicators: tuple[object, ...]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for line in sending.lines(indicators):  # type: ignore[arg-type]
        note = line["note"] or ""
        ratio = _RATIO.search(note)
        parts = (ratio[1], ratio[2]) if ratio and ratio[2] != "0" else None
        cells[line["code"]] = Cell(number(line["value"]), note=note, ratio=parts)
    if sending.is_shifted:
        first, second, third = _SHIFTED
        values = {first: None, second: cells[first].value, third: cells[second].value}
        cells |= {code: replace(cells[code], value=value) for code, value in values.items()}
    return cells


def _values(cells: dict[str, Cell]) -> dict[str, Decimal | None]:
    return {code: None if cell.value is None else Decimal(cell.value) for code, cell in cells.items()}


def damaged_province(path: Path, *, seed: int, each: int) -> tuple[Path, list[Damaged]]:
    """A warehouse of ``each`` damaged forms of every kind, beside the agencies' sound reports for other periods, judged by
    the compiled rules. Nothing is known from the systems of record."""
    plan = make_plan(SEEDS, seed=seed, dossiers=4000, errors=False)
    sound = {(s.agency.code, s.period_code): s for s in plan.sendings}
    taken = _choose(sound, each)
    lines: list[tuple[object, ...]] = []
    damaged: list[Damaged] = []
    agencies = {agency_code for agency_code, _ in taken}
    for (agency_code, period_code), sending in sound.items():
        kind = taken.get((agency_code, period_code))
        if agency_code not in agencies:
            continue
        before = after = _cells(sending, plan.reference.indicators)
        if kind:
            KINDS[kind](sending)
            after = _cells(sending, plan.reference.indicators)
            damaged.append(Damaged(sending.door_id, kind, _values(before), _values(after)))
        lines += [(sending.door_id, agency_code, period_code, code, *cell.row()) for code, cell in after.items()]
    warehouse = make_warehouse(path, [])
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("lines", pa.table([pa.array(column) for column in zip(*lines, strict=True)], NAMES))
        connection.execute("insert into intermediate.int_submission_line by name select * from lines")
        book = read_rule_book(connection)
        verdicts = judge_changes(connection, book, [(case.submission_id, ()) for case in damaged])
        for case, verdict in zip(damaged, verdicts, strict=True):
            for rule_id in verdict.failed_errors:
                connection.execute(
                    "insert into audit.rule_result by name select ? as submission_id, ? as rule_id, 'error' as severity,"
                    " 'failed' as outcome, '' as left_text, '' as right_text, ? as rules_version,"
                    " date '2021-12-20' as night_on",
                    [case.submission_id, rule_id, book.version],
                )
    return warehouse, damaged


def _choose(sound: dict[tuple[str, str], Sending], each: int) -> dict[tuple[str, str], str]:
    """Which form gets which error."""
    taken: dict[tuple[str, str], str] = {}
    wanted = list(_in_turn(each))
    for key, sending in sound.items():
        for kind in wanted:
            trial = replace(
                sending, figures=dict(sending.figures), typed=dict(sending.typed), notes=dict(sending.notes)
            )
            if KINDS[kind](trial):
                taken[key] = kind
                wanted.remove(kind)
                break
    return taken


def _in_turn(each: int) -> Iterator[str]:
    for _ in range(each):
        yield from KINDS
