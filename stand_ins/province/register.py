"""The register of outgoing documents: numbers rise with the date within an agency and a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from stand_ins.province.dossiers import shares, workday
from stand_ins.province.periods import day_number, to_date, to_datetime
from stand_ins.province.streams import stream
from stand_ins.province.structure import Structure

SENT_FORMS = ("electronic", "electronic_and_paper", "paper")
_TYPES = ("CV", "CV", "CV", "BC", "KH", "QĐ", "TB", "TTr", "GM")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Register:
    """Columns by document; ``sent_form`` is an index of ``SENT_FORMS``."""

    structures: tuple[Structure, ...]
    agency: Ints
    day: Ints
    number: Ints
    type_index: Ints
    sent_form: Ints
    signed: npt.NDArray[np.bool_]
    clock: Ints
    offset: str

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """What is served, in order of (promulgated_on, document_id, updated_at). About one document in 200 stands there
        twice: sent again, with a later updated_at."""
        rows = []
        columns = zip(
            self.agency.tolist(), self.day.tolist(), self.number.tolist(), self.type_index.tolist(),
            self.sent_form.tolist(), self.signed.tolist(), self.clock.tolist(), strict=True,
        )  # fmt: skip
        days = {day: to_date(day) for day in np.unique(self.day).tolist()}
        for agency, day, number, type_index, sent_form, signed, clock in columns:
            one = self.structures[agency].agency
            kind = _TYPES[type_index]
            code = f"{number}/{one.doc_suffix if kind == 'CV' else f'{kind}-{one.doc_suffix}'}"
            on = days[day].isoformat()
            item = {
                "document_id": f"{one.organ_id},{on.replace('-', '/')},{code}",
                "organ_id": one.organ_id if clock % 12 else one.code,
                "code": code,
                "promulgated_on": on,
                "sent_form": SENT_FORMS[sent_form],
                "digitally_signed": signed,
                "updated_at": self._time(day, clock),
            }
            rows.append(item)
            if clock % 200 == 7:
                rows.append(item | {"updated_at": self._time(day, clock + 93_600)})
        return sorted(rows, key=lambda row: (row["promulgated_on"], row["document_id"], row["updated_at"]))

    def _time(self, day: int, clock: int) -> str:
        return to_datetime(day * 86_400 + 28_800 + clock).isoformat() + self.offset


def make_register(structures: tuple[Structure, ...], *, seed: int, year: int, count: int, offset: str = "") -> Register:
    """``count`` documents promulgated from 15/12 of the year before to 31/12; ``offset`` ends every time served."""
    rng = stream(seed, "register")
    agency = np.repeat(np.arange(len(structures)), shares([one.document_weight for one in structures], count))
    first, last = day_number(date(year - 1, 12, 15)), day_number(date(year, 12, 31))
    day = workday(rng.integers(first, last + 1, count))
    order = np.lexsort((day, agency))
    agency, day = agency[order], day[order]

    # Numbered from 1 each January; those of last December come at the end of a book of their own.
    in_year = day >= day_number(date(year, 1, 1))
    number = np.empty(count, np.int64)
    for index in range(len(structures)):
        mine = agency == index
        number[mine & in_year] = np.arange(1, int((mine & in_year).sum()) + 1)
        before = int((mine & ~in_year).sum())
        number[mine & ~in_year] = 18 * before + np.arange(1, before + 1)
    electronic = rng.uniform(0.86, 0.995, len(structures))[agency]
    chance = rng.random(count)
    sent_form = np.where(chance < electronic, 0, np.where(chance < electronic + (1 - electronic) * 0.7, 1, 2))
    return Register(
        structures=structures,
        agency=agency,
        day=day,
        number=number,
        type_index=rng.integers(0, len(_TYPES), count),
        sent_form=sent_form,
        signed=(sent_form < 2) & (rng.random(count) < 0.985),
        clock=rng.integers(0, 28_000, count),
        offset=offset,
    )
