"""Error localisation by CP-SAT: which causes, at the least cost, make every error rule hold. Whole numbers throughout.

Figures are scaled to whole numbers by the most decimals that the form has, so that nothing is compared as a float.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

from expectations.repair.constraints import Constraint, neighbourhood
from expectations.repair.form import Change, Form, Slot
from expectations.repair.model import Model
from expectations.repair.moves import Move, Open, moves_for

_MOST = 12


@dataclass(frozen=True, slots=True)
class Found:
    """One repair as the solver sees it: changes with the cost of their causes."""

    changes: tuple[Change, ...]
    cost: int


def localise(form: Form, constraints: tuple[Constraint, ...], *, seconds: float) -> list[Found]:
    """The cheapest repairs first; none when no change of the thought-of kinds satisfies the rules, or figures are too
    large to be counted exactly. Stops after ``seconds`` with what was found by then."""
    model = Model(form, constraints, moves_for(form, neighbourhood(constraints, form), constraints))
    if not model.is_countable:
        return []
    deadline = time.monotonic() + seconds
    found: list[Found] = []
    for chosen, cost in model.cheapest(deadline):
        changes = _settle(form, constraints, chosen)
        if changes and not any(
            {(c.slot, c.new) for c in changes} == {(c.slot, c.new) for c in f.changes} for f in found
        ):
            found.append(Found(changes, cost))
        if len(found) == _MOST:
            break
    return found


def _settle(form: Form, constraints: tuple[Constraint, ...], chosen: list[Move]) -> tuple[Change, ...]:
    """The figures of these moves: an open one comes as near as the rules allow to what was typed, or to what the agency
    reported before; with the ends of what is allowed."""
    left_open = [slot for move in chosen for slot, figure in move.changes.items() if isinstance(figure, Open)]
    settled: dict[Slot, Decimal | None] = {}
    model = Model(form, constraints, chosen)
    if left_open:
        nearest = model.nearest(left_open)
        if nearest is None:
            return ()
        settled = nearest
    changes = []
    for move in chosen:
        for slot, figure in move.changes.items():
            new = settled[slot] if isinstance(figure, Open) else figure
            if new == form.observed(slot):
                continue
            low = high = None
            if slot in settled and new is not None:
                low, high = (model.end(slot, settled, is_high=is_high) for is_high in (False, True))
            text = form.by_code[slot.code].text
            changes.append(Change(slot, move.kind, form.observed(slot), new, text, low, high, move.other_code))
    return tuple(changes)
