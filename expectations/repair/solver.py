"""Error localisation by CP-SAT: which causes, at the least cost, make every error rule hold. Whole numbers throughout.

Figures are scaled to whole numbers by the most decimals that the form has, so that nothing is compared as a float.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from expectations.repair.constraints import Constraint, neighbourhood
from expectations.repair.form import Change, Form, Move, Open, Proposal, Slot
from expectations.repair.model import Model
from expectations.repair.moves import moves_for

_MOST = 12


def localise(form: Form, constraints: tuple[Constraint, ...], *, seconds: float) -> list[Proposal]:
    """The cheapest repairs first, with the cost of their causes as score; none when no change of the thought-of kinds satisfies
    the rules, or figures are too large to be counted exactly. Stops after ``seconds`` with what was found by then."""
    model = Model(form, constraints, moves_for(form, neighbourhood(constraints, form), constraints))
    if not model.is_countable:
        return []
    deadline = time.monotonic() + seconds
    found: list[Proposal] = []
    for chosen, cost in model.cheapest(deadline):
        changes = _settle(form, constraints, chosen)
        proposal = Proposal(form.submission_id, changes, float(cost), tuple(chosen))
        if changes and proposal.result not in {one.result for one in found}:
            found.append(proposal)
        if len(found) == _MOST:
            break
    return found


def with_ends(proposal: Proposal, form: Form, constraints: tuple[Constraint, ...]) -> Proposal:
    """The proposal with the ends of what the rules allow, where its moves leave a figure open."""
    left_open = _left_open(proposal.moves)
    settled = {change.slot: change.new for change in proposal.changes if change.slot in left_open}
    if not settled:
        return proposal
    model = Model(form, constraints, list(proposal.moves))
    model.take_all(left_open)
    changes = []
    for change in proposal.changes:
        if change.slot in settled and change.new is not None:
            low, high = model.ends(change.slot, settled)
            change = replace(change, low=low, high=high)
        changes.append(change)
    return replace(proposal, changes=tuple(changes))


def _settle(form: Form, constraints: tuple[Constraint, ...], chosen: list[Move]) -> tuple[Change, ...]:
    """The figures of these moves: an open one comes as near as the rules allow to what was typed, or to what the agency
    reported before."""
    left_open = _left_open(chosen)
    settled = Model(form, constraints, chosen).nearest(left_open) if left_open else {}
    if settled is None:
        return ()
    changes = []
    for move in chosen:
        for slot, figure in move.changes.items():
            new = settled[slot] if isinstance(figure, Open) else figure
            if new != form.observed(slot):
                text = form.by_code[slot.code].text
                changes.append(Change(slot, move.kind, form.observed(slot), new, text, other_code=move.other_code))
    return tuple(changes)


def _left_open(moves: Iterable[Move]) -> list[Slot]:
    return [slot for move in moves for slot, figure in move.changes.items() if isinstance(figure, Open)]
