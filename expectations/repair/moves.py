"""Ways in which people mistype a form, undone: each a set of changes with one cause and a cost.

The solver chooses the cheapest set of causes that makes every error rule hold. A named cause (two digits swapped, a row
shifted) is cheaper than a figure that is simply another, and one cause over several cells costs once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from expectations.repair.constraints import Constraint, Presence, Relation
from expectations.repair.form import Form, Line, Move, MoveKind, Open, Slot

COSTS: dict[MoveKind, int] = {
    "recorded": 8,
    "unread_filled": 8,
    "digits_swapped": 10,
    "ten_times": 10,
    "tenth": 10,
    "as_before": 11,
    "digit_lost": 12,
    "blank_filled": 12,
    "missing_part": 12,
    "many_times": 13,
    "many_parts": 13,
    "swapped_with": 14,
    "row_too_low": 15,
    "row_too_high": 15,
    "cleared": 16,
    "note_corrected": 18,
    "corrected": 18,
}
#: Plan and actual of the same item standing in each other's place are more likely than any two figures.
_PLAN_AND_ACTUAL = 11
#: Where a right figure was found, in contrast to how a wrong one came about.
_SOURCES = ("recorded", "as_before")
_LONGEST_RUN = 6


def moves_for(form: Form, slots: set[Slot], constraints: tuple[Constraint, ...]) -> list[Move]:
    """Every move thought of that touches ``slots``; no two change the same slots to the same figures."""
    found: list[Move] = []
    by_code = form.by_code
    broken = {slot for constraint in constraints if constraint.rule_id in form.failed for slot in constraint.slots}
    guarded = {c.subject for c in constraints if isinstance(c, Presence)}
    for slot in sorted(slots):
        line = by_code.get(slot.code)
        if line is None:
            continue
        if slot.aspect == "value":
            found += _single(form, line, is_guarded=slot in guarded)
        elif slot.aspect == "denominator" and slot in broken and line.denominator is not None:
            found += _note(line)
    found += _swaps(form, constraints, slots)
    found += _shifts(form, slots)
    return _cheapest(found)


def _single(form: Form, line: Line, *, is_guarded: bool) -> Iterator[Move]:
    slot = Slot(line.code)
    recorded = form.recorded.get(line.code)
    if recorded is not None and recorded != line.value:
        yield _to(slot, "recorded", recorded)
    if line.value is None:
        yield _to(slot, "unread_filled" if line.is_unread else "blank_filled", Open())
        return
    for before in form.history.get(line.code, ())[:1]:
        if _loses_a_digit(before, line.value):
            yield Move("digit_lost", {slot: before}, COSTS["digit_lost"] - 3)
        elif before != line.value and line.measure in ("stock", "plan"):
            yield _to(slot, "as_before", before)
    yield from (_to(slot, "digits_swapped", figure) for figure in _digits_swapped(line.value))
    for factor in (10, 100) if line.is_percent else (10, 100, 1000):
        yield _to(slot, "tenth" if factor == 10 else "many_parts", line.value * factor)
        part = line.value / factor
        if line.value and (line.is_percent or part == part.to_integral_value()):
            yield _to(slot, "ten_times" if factor == 10 else "many_times", part)
    if line.value > 0 and not line.is_percent:
        yield _to(slot, "digit_lost", Open(line.value * 10 + 1, line.value * 10 + 9))
    yield _to(slot, "corrected", Open())
    yield Move("cleared", {slot: None}, COSTS["cleared"] if is_guarded else 2 * COSTS["cleared"])


def _note(line: Line) -> Iterator[Move]:
    numerator, denominator = Slot(line.code, "numerator"), Slot(line.code, "denominator")
    yield _to(denominator, "note_corrected", Open(Decimal(1)))
    if line.numerator is not None:
        yield _to(numerator, "note_corrected", Open())
        if line.numerator and line.numerator != line.denominator:
            swapped: dict[Slot, Decimal | Open | None] = {numerator: line.denominator, denominator: line.numerator}
            yield Move("note_corrected", swapped, COSTS["note_corrected"] - 4)


def _swaps(form: Form, constraints: tuple[Constraint, ...], slots: set[Slot]) -> Iterator[Move]:
    """The two figures of one relation in each other's place."""
    by_code = form.by_code
    for constraint in constraints:
        pair = constraint.slots
        if not isinstance(constraint, Relation) or len(pair) != 2 or not slots & set(pair):
            continue
        first, second = (by_code.get(slot.code) for slot in pair)
        if first is None or second is None or {slot.aspect for slot in pair} != {"value"}:
            continue
        if first.value is None or second.value is None or first.value == second.value:
            continue
        are_near = first.code.rpartition(".")[0] == second.code.rpartition(".")[0]
        is_plan = "plan" in (first.measure, second.measure) and first.measure != second.measure
        cost = _PLAN_AND_ACTUAL if is_plan and are_near else COSTS["swapped_with"] + (0 if are_near else 6)
        yield Move("swapped_with", {pair[0]: second.value, pair[1]: first.value}, cost, other_code=second.code)


def _shifts(form: Form, slots: set[Slot]) -> Iterator[Move]:
    """Figures typed one row too low (the first line of the run is blank) or too high (the last one is)."""
    lines = form.lines
    touched = {slot.code for slot in slots if slot.aspect == "value"}
    for start in range(len(lines)):
        section = lines[start].code.split(".")[0]
        for end in range(start + 2, min(start + _LONGEST_RUN, len(lines))):
            run = lines[start : end + 1]
            if run[-1].code.split(".")[0] != section or not touched & {line.code for line in run}:
                continue
            places = [Slot(line.code) for line in run]
            values = [line.value for line in run]
            if values[0] is None and not run[0].is_unread and None not in values[1:]:
                moved = dict(zip(places[:-1], values[1:], strict=True))
                yield Move(
                    "row_too_low", moved | {places[-1]: Open(may_be_blank=True)}, COSTS["row_too_low"] + len(run) - 3
                )
            if values[-1] is None and not run[-1].is_unread and None not in values[:-1]:
                moved = dict(zip(places[1:], values[:-1], strict=True))
                yield Move(
                    "row_too_high", moved | {places[0]: Open(may_be_blank=True)}, COSTS["row_too_high"] + len(run) - 3
                )


def _digits_swapped(value: Decimal) -> Iterator[Decimal]:
    """Every figure that two neighbouring digits in each other's place would have made of it."""
    text = f"{value.normalize():f}"
    digits = [index for index, character in enumerate(text) if character.isdigit()]
    for here, there in pairwise(digits):
        if text[here] == text[there]:
            continue
        characters = list(text)
        characters[here], characters[there] = text[there], text[here]
        swapped = "".join(characters)
        if not (swapped.startswith("0") and not swapped.startswith("0.")):
            yield Decimal(swapped)


def _loses_a_digit(whole: Decimal, typed: Decimal) -> bool:
    """Whether ``typed`` is ``whole`` without one of its digits."""
    full, short = (f"{figure.normalize():f}" for figure in (whole, typed))
    return any(full[:index] + full[index + 1 :] == short for index in range(len(full)))


def _to(slot: Slot, kind: MoveKind, figure: Decimal | Open | None) -> Move:
    return Move(kind, {slot: figure}, COSTS[kind])


def _cheapest(moves: list[Move]) -> list[Move]:
    """One move for each set of fixed figures, at the least cost of them; a mistake is a better name than where the right
    figure was found. Open moves stay."""
    kept: dict[object, Move] = {}
    for index, move in enumerate(moves):
        is_open = any(isinstance(figure, Open) for figure in move.changes.values())
        key: object = index if is_open else frozenset(move.changes.items())
        if known := kept.get(key):
            named = known if move.kind in _SOURCES else move
            move = replace(named, cost=min(known.cost, move.cost))
        kept[key] = move
    return list(kept.values())
