"""The constraint model of one form: whole numbers, a Boolean for every move, exact relations."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ortools.sat.python import cp_model

from expectations.repair.constraints import Addend, Constraint, Presence, Quotient, Relation
from expectations.repair.form import Form, Move, Open, Slot

#: How much more than the cheapest a repair may cost and still be thought of.
_SLACK = 10
_SETTLE_SECONDS = 0.3
#: With more moves than these a model is made smaller before it is solved.
_MANY_MOVES = 200
#: Scaled figures stay far below 2^63, also when two are multiplied.
_LARGEST = 10**13
_LARGEST_PRODUCT = 10**18


class Model:
    """Variables of every slot that a constraint names or a move touches; a Boolean for every move."""

    def __init__(self, form: Form, constraints: tuple[Constraint, ...], moves: list[Move]) -> None:
        self._form = form
        self._moves = moves
        self._moved = moved = {slot for move in moves for slot in move.changes}
        # What no move touches stays as it is: broken rules must still be there to be found unsatisfied.
        constraints = tuple(c for c in constraints if moved & set(c.slots) or c.rule_id in form.failed)
        self._constraints = constraints
        self._slots = sorted(moved | {slot for constraint in constraints for slot in constraint.slots})
        observed = [figure for slot in self._slots if (figure := form.observed(slot)) is not None]
        proposed = [f for move in self._moves for f in move.changes.values() if isinstance(f, Decimal)]
        constants = [a.coefficient for c in constraints for a in _addends(c) if a.slot is None]
        tolerances: list[Decimal] = [c.tolerance for c in constraints if not isinstance(c, Presence)]
        decimals = max([2, *(_decimals(figure) for figure in (*observed, *proposed, *constants, *tolerances))])
        self._scale = 10**decimals
        figures = [abs(figure) for slot, figure in zip(self._slots, map(form.observed, self._slots), strict=True)
                   if figure is not None and slot.aspect == "value"]  # fmt: skip
        cited = [f for slot in self._slots if slot.aspect != "value" and (f := form.observed(slot)) is not None]
        self._top = int(max([Decimal(100), *figures, *(abs(f) for f in proposed), *cited])) * 10 + 9
        self._shares: dict[str, Decimal] = {
            line.code: max(10 * abs(line.value or Decimal(0)), Decimal(1000)) for line in form.lines if line.is_percent
        }
        self.is_countable = (
            self._top * self._scale < _LARGEST and decimals <= 6 and all(f >= 0 and f == int(f) for f in cited)
        )
        if self.is_countable:
            self._build()

    def cheapest(self, deadline: float) -> Iterator[tuple[list[Move], int]]:
        """Sets of moves with their cost, the cheapest first; no set holds another one."""
        self._model.minimize(sum(move.cost * bool_ for move, bool_ in zip(self._moves, self._chosen, strict=True)))
        least: int | None = None
        while (left := deadline - time.monotonic()) > 0:
            solver = _solver(left, is_large=len(self._moves) > _MANY_MOVES)
            if solver.solve(self._model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return
            chosen = [index for index, bool_ in enumerate(self._chosen) if solver.boolean_value(bool_)]
            cost = sum(self._moves[index].cost for index in chosen)
            least = cost if least is None else least
            if not chosen or cost > least + _SLACK:
                return
            yield [self._moves[index] for index in chosen], cost
            self._model.add(sum(self._chosen[index] for index in chosen) < len(chosen))

    def take_all(self, left_open: Iterable[Slot]) -> None:
        """Let every move be made, and the open slots have figures."""
        for bool_ in self._chosen:
            self._model.add(bool_ == 1)
        for slot in left_open:
            if self._form.observed(slot) is None:
                self._model.add(self._given[slot] == 1)

    def nearest(self, left_open: list[Slot]) -> dict[Slot, Decimal | None] | None:
        """With every move taken: the figures nearest to what the open slots are drawn to; None where nothing fits."""
        self.take_all(left_open)
        distances = []
        for slot in left_open:
            top = 2 * self._top * self._scale
            distance = self._model.new_int_var(0, top, f"distance {slot}")
            self._model.add_abs_equality(distance, self._figure[slot] - self._reference(slot))
            distances.append(distance)
        self._model.minimize(sum(distances))
        solver = _solver(_SETTLE_SECONDS)
        if solver.solve(self._model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        return {slot: self._read(solver, slot) for slot in left_open}

    def ends(self, slot: Slot, settled: Mapping[Slot, Decimal | None]) -> tuple[Decimal | None, Decimal | None]:
        """The lowest and the highest figure that the rules allow in ``slot`` beside the ``settled`` ones, every move taken; no
        highest where nothing bounds it from above."""
        others = {other: figure for other, figure in settled.items() if other != slot and figure is not None}
        model = self._model.clone() if others else self._model
        for other, figure in others.items():
            model.add(self._figure[other] == _whole(figure, self._scale_of(other)))
        found = []
        for towards in (model.minimize, model.maximize):
            towards(self._figure[slot])
            solver = _solver(_SETTLE_SECONDS)
            found.append(self._read(solver, slot) if solver.solve(model) == cp_model.OPTIMAL else settled[slot])
        low, high = found
        top = self._shares.get(slot.code, Decimal(self._top)) if slot.aspect == "value" else Decimal(self._top)
        return low, None if high is not None and high >= int(top) else high

    # Inside ----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._model = cp_model.CpModel()
        self._chosen = [self._model.new_bool_var(f"move {index}") for index in range(len(self._moves))]
        self._figure: dict[Slot, cp_model.IntVar] = {}
        self._given: dict[Slot, cp_model.IntVar] = {}
        touching: dict[Slot, list[int]] = {slot: [] for slot in self._slots}
        for index, move in enumerate(self._moves):
            for slot in move.changes:
                touching[slot].append(index)
        for slot in self._slots:
            self._slot(slot, touching[slot])
        for constraint in self._constraints:
            if isinstance(constraint, Relation):
                self._relation(constraint)
            elif isinstance(constraint, Quotient):
                self._quotient(constraint)
            else:
                self._presence(constraint)

    def _slot(self, slot: Slot, touching: list[int]) -> None:
        scale = self._scale_of(slot)
        observed = self._form.observed(slot)
        is_value = slot.aspect == "value"
        top = int(self._shares.get(slot.code, self._top)) * scale if is_value else self._top
        low = min(0, _whole(observed, scale)) if observed is not None else 0
        figure = self._model.new_int_var(low, max(top, 0), f"figure {slot}")
        given = self._model.new_bool_var(f"given {slot}")
        self._figure[slot], self._given[slot] = figure, given
        self._model.add(figure == 0).only_enforce_if(given.negated())
        bools = [self._chosen[index] for index in touching]
        self._model.add_at_most_one(bools)
        untouched = self._model.new_bool_var(f"untouched {slot}")
        self._model.add(sum(bools) + untouched == 1)
        self._set(slot, observed, untouched, scale)
        for index in touching:
            wanted = self._moves[index].changes[slot]
            if not isinstance(wanted, Open):
                self._set(slot, wanted, self._chosen[index], scale)
                continue
            if not wanted.may_be_blank:
                self._model.add(given == 1).only_enforce_if(self._chosen[index])
            self._model.add(figure >= 0).only_enforce_if(self._chosen[index])
            line = self._form.by_code.get(slot.code)
            if is_value and line is not None and not line.is_percent:
                cases = self._model.new_int_var(0, self._top, f"whole {slot} {index}")
                self._model.add(figure == cases * scale).only_enforce_if(self._chosen[index])
            elif is_value:
                step = max(scale // 100, 1)  # a share is proposed to two decimals
                cents = self._model.new_int_var(0, self._top * 100, f"share {slot} {index}")
                self._model.add(figure == cents * step).only_enforce_if(self._chosen[index])
            if wanted.low is not None:
                self._model.add(figure >= _whole(wanted.low, scale)).only_enforce_if(self._chosen[index])
            if wanted.high is not None:
                self._model.add(figure <= _whole(wanted.high, scale)).only_enforce_if(self._chosen[index])

    def _set(self, slot: Slot, figure: Decimal | None, bool_: cp_model.IntVar, scale: int) -> None:
        self._model.add(self._given[slot] == (figure is not None)).only_enforce_if(bool_)
        if figure is not None:
            self._model.add(self._figure[slot] == _whole(figure, scale)).only_enforce_if(bool_)

    def _relation(self, c: Relation) -> None:
        sides = [self._total(side) for side in (c.left, c.right)]
        tolerance = _whole(c.tolerance, self._scale)
        for here in itertools.product(*(self._heres(side, is_any=c.is_zero_filled) for side in (c.left, c.right))):
            bools = [self._given[slot] for slots in here for slot in slots]
            self._model.add(sides[0] <= sides[1] + tolerance).only_enforce_if(bools)
            if c.operator == "=":
                self._model.add(sides[1] <= sides[0] + tolerance).only_enforce_if(bools)
        if c.is_both_or_none and len(c.slots) == 2:
            for one, other in (c.slots, c.slots[::-1]):
                line = self._form.by_code.get(other.code)
                if not (line and line.is_unread):
                    self._model.add_implication(self._given[one], self._given[other])

    def _quotient(self, c: Quotient) -> None:
        figure = self._total(c.figure)
        bools = [self._given[slot] for slot in c.slots]
        numerator, denominator = self._figure[c.numerator], self._figure[c.denominator]
        reach = sum(
            int(abs(a.coefficient) * (1 if a.slot is None else self._shares.get(a.slot.code, self._top)) + 1)
            * self._scale
            for a in c.figure
        )
        if reach * self._top > _LARGEST_PRODUCT:
            return
        if c.denominator not in self._moved:  # then it is linear
            observed = self._form.observed(c.denominator)
            if observed:
                self._near(figure * int(observed), c, numerator, int(observed), bools)
            return
        product = self._model.new_int_var(-reach * self._top, reach * self._top, f"product {c.rule_id}")
        whole = self._model.new_int_var(-reach, reach, f"figure of {c.rule_id}")
        self._model.add(whole == figure)
        self._model.add_multiplication_equality(product, [whole, denominator])
        is_ratio = self._model.new_bool_var(f"ratio {c.rule_id}")
        self._model.add(denominator >= 1).only_enforce_if(is_ratio)
        self._model.add(denominator <= 0).only_enforce_if(is_ratio.negated())
        self._near(product, c, numerator, denominator, [*bools, is_ratio])

    def _near(
        self,
        product: Any,
        c: Quotient,
        numerator: cp_model.IntVar,
        denominator: cp_model.IntVar | int,
        bools: list[cp_model.IntVar],
    ) -> None:
        """``|figure × denominator - coefficient × numerator| <= tolerance × denominator``."""
        distance = product - _whole(c.coefficient, self._scale) * numerator
        allowed = _whole(c.tolerance, self._scale) * denominator
        self._model.add(distance <= allowed).only_enforce_if(bools)
        self._model.add(-distance <= allowed).only_enforce_if(bools)

    def _presence(self, c: Presence) -> None:
        subject, condition = self._given[c.subject], self._figure[c.condition]
        line = self._form.by_code.get(c.subject.code)
        if c.operator == "present_if":
            applies = self._model.new_bool_var(f"applies {c.rule_id}")
            self._model.add(condition >= 1).only_enforce_if(applies)
            self._model.add(condition <= 0).only_enforce_if(applies.negated())
            if not (line and line.is_unread):
                self._model.add_implication(applies, subject)
            return
        both = [subject, self._given[c.condition]]
        is_negative = self._model.new_bool_var(f"negative {c.rule_id}")
        self._model.add(condition >= 1).only_enforce_if([*both, is_negative.negated()])
        self._model.add(condition <= -1).only_enforce_if([*both, is_negative])

    def _total(self, side: tuple[Addend, ...]) -> Any:
        total: Any = 0
        for addend in side:
            if addend.slot is None:
                total += _whole(addend.coefficient, self._scale)
            else:
                unit = self._scale // self._scale_of(addend.slot)
                total += int(addend.coefficient * unit) * self._figure[addend.slot]
        return total

    @staticmethod
    def _heres(side: tuple[Addend, ...], *, is_any: bool) -> list[tuple[Slot, ...]]:
        """The sets of slots that make the side a figure when all of a set are given."""
        slots = tuple(addend.slot for addend in side if addend.slot)
        return [(slot,) for slot in slots] if is_any and len(slots) > 1 else [slots]

    def _scale_of(self, slot: Slot) -> int:
        return self._scale if slot.aspect == "value" else 1

    def _reference(self, slot: Slot) -> int:
        """What an open figure is drawn to: the record, the likest period before, what was typed."""
        history = self._form.history.get(slot.code, ()) if slot.aspect == "value" else ()
        recorded = self._form.recorded.get(slot.code) if slot.aspect == "value" else None
        line = self._form.by_code[slot.code]
        is_stock = line.measure in ("stock", "plan")
        for c in self._constraints:
            if isinstance(c, Quotient) and [addend.slot for addend in c.figure] == [slot]:
                numerator, denominator = (self._form.observed(part) for part in (c.numerator, c.denominator))
                if numerator is not None and denominator:
                    share = (c.coefficient * numerator / denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
                    return _whole(share, self._scale)
        near = recorded if recorded is not None else history[0] if history and is_stock else self._form.observed(slot)
        near = near if near is not None else history[0] if history else Decimal(0)
        return _whole(near, self._scale_of(slot))

    def _read(self, solver: cp_model.CpSolver, slot: Slot) -> Decimal | None:
        if not solver.boolean_value(self._given[slot]):
            return None
        return Decimal(solver.value(self._figure[slot])) / self._scale_of(slot)


def _addends(constraint: Constraint) -> tuple[Addend, ...]:
    if isinstance(constraint, Relation):
        return (*constraint.left, *constraint.right)
    return constraint.figure if isinstance(constraint, Quotient) else ()


def _solver(seconds: float, *, is_large: bool = False) -> cp_model.CpSolver:
    """Of a small model most of the time would go into making it smaller."""
    solver = cp_model.CpSolver()
    if not is_large:
        solver.parameters.cp_model_presolve = False
        solver.parameters.linearization_level = 0
        solver.parameters.symmetry_level = 0
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_time_in_seconds = seconds
    return solver


def _decimals(figure: Decimal) -> int:
    exponent = figure.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _whole(figure: Decimal, scale: int) -> int:
    return int(figure * scale)
