"""Who reports what by which door: every agency and period gets one role, by the seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Slot = tuple[int, int]  # an agency's index and a window's index
EDOC_SHAPES = ("plain", "zipped", "many", "replaced", "updated", "recalled")


@dataclass(frozen=True, slots=True)
class Roles:
    """Slots by role; each slot stands in one of them only. ``edoc`` pairs a slot with the shape of its message."""

    never: tuple[Slot, ...]
    edoc: tuple[tuple[Slot, str], ...]
    both: tuple[Slot, ...]
    withdrawn: tuple[Slot, ...]
    revised: tuple[Slot, ...]
    late: tuple[Slot, ...]
    still_open: tuple[Slot, ...]
    plain: tuple[Slot, ...]


def assign(agencies: int, windows: int, rng: np.random.Generator) -> Roles:
    """Deal the roles; ``ValueError`` when there are too few agencies for all of them."""
    if agencies < 16:
        raise ValueError(f"a believable province needs at least 16 reporting agencies, not {agencies}")
    slots = [(agency, window) for agency in range(agencies) for window in range(windows)]
    pool = [slots[index] for index in rng.permutation(len(slots))]
    last = windows - 1

    def take(count: int, fits: Callable[[Slot], bool] = lambda _: True) -> tuple[Slot, ...]:
        taken: list[Slot] = []
        for slot in list(pool):
            if len(taken) == count:
                break
            if fits(slot) and slot[0] not in {one[0] for one in taken}:
                taken.append(slot)
                pool.remove(slot)
        return tuple(taken)

    still_open = take(2, lambda slot: slot[1] == last)
    busy = {slot[0] for slot in still_open}
    never = take(4, lambda slot: slot[0] not in busy)
    busy |= {slot[0] for slot in never}
    by_edoc = take(len(EDOC_SHAPES), lambda slot: slot[0] not in busy)
    return Roles(
        never=never,
        edoc=tuple(zip(by_edoc, EDOC_SHAPES, strict=True)),
        both=take(3),
        withdrawn=take(2, lambda slot: slot[0] not in busy),
        revised=take(10),
        late=take(8),
        still_open=still_open,
        plain=tuple(pool),
    )
