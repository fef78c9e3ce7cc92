"""What the systems of record say, by the definitions of the reporting guide: one number an agency for a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stand_ins.province.dossiers import DAY_SECONDS, NONE, Dossiers
from stand_ins.province.periods import Window, day_number
from stand_ins.province.register import Register

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts of one window, indexed by agency. A share is told by its two parts."""

    received: Ints
    returned: Ints
    on_time: Ints
    on_time_of: Ints
    by_post: Ints
    returned_by_post: Ints
    level3_online: Ints
    level3: Ints
    level4_online: Ints
    level4: Ints
    documents: Ints
    documents_electronic: Ints
    documents_parallel: Ints


def measure(dossiers: Dossiers, register: Register, window: Window, agencies: int) -> Measures:
    """Measure every agency in ``window``, on the latest state of each dossier and document."""
    first, last = day_number(window.first), day_number(window.last)

    def count(mask: npt.NDArray[np.bool_]) -> Ints:
        return np.bincount(dossiers.agency[mask], minlength=agencies)

    def within(seconds: Ints) -> npt.NDArray[np.bool_]:
        day = seconds // DAY_SECONDS
        inside: npt.NDArray[np.bool_] = (seconds != NONE) & (day >= first) & (day <= last)
        return inside

    state = dossiers.state
    received = within(dossiers.received) & (state != 1) & (state != 3)
    returned = (state == 10) & within(dossiers.returned)
    ended = np.where(dossiers.finished != NONE, dossiers.finished, dossiers.returned)
    on_time = received & (state >= 9) & ((dossiers.due == NONE) | (ended <= dossiers.due))
    online = dossiers.channel == 2
    in_register = (register.day >= first) & (register.day <= last)

    def documents(mask: npt.NDArray[np.bool_]) -> Ints:
        return np.bincount(register.agency[in_register & mask], minlength=agencies)

    return Measures(
        received=count(received),
        returned=count(returned),
        on_time=count(on_time),
        on_time_of=count(received & (state != 7) & (state != 8)),
        by_post=count(received & (dossiers.channel == 3)),
        returned_by_post=count(returned & (dossiers.return_form == 1)),
        level3_online=count(received & (dossiers.level == 3) & online),
        level3=count(received & (dossiers.level == 3)),
        level4_online=count(received & (dossiers.level == 4) & online),
        level4=count(received & (dossiers.level == 4)),
        documents=documents(np.full(len(register.day), True)),
        documents_electronic=documents((register.sent_form == 0) & register.signed),
        documents_parallel=documents(register.sent_form == 1),
    )
