"""The whole province: what the portal, the register and the axis hold, and what was planted in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from stand_ins.province.axis import other_messages, report_messages, torn_message
from stand_ins.province.citations import Book, decrees, share_out
from stand_ins.province.damage import PlantedError
from stand_ins.province.doors import Doors
from stand_ins.province.dossiers import Dossiers, make_dossiers
from stand_ins.province.figures import draw_year, figures
from stand_ins.province.listing import DossierListing, poison
from stand_ins.province.measures import Measures, measure
from stand_ins.province.packages import Message
from stand_ins.province.periods import Window, windows
from stand_ins.province.reference import Reference, read_reference
from stand_ins.province.register import Register, make_register
from stand_ins.province.roles import assign
from stand_ins.province.sending import Sending
from stand_ins.province.streams import stream
from stand_ins.province.structure import structures

YEAR = 2021
REGISTER_DOCUMENTS = 15_000


@dataclass(frozen=True)
class Plan:
    """``sendings`` are the portal's submissions, every listed state, in order of (updated_at, submission_id); ``messages`` those
    of the axis by created_time; ``measures`` what the systems of record say, by period code, indexed by agency;
    ``planted`` everything that was put in on purpose; ``offset`` ends every time that the portal serves."""

    reference: Reference
    windows: tuple[Window, ...]
    sendings: tuple[Sending, ...]
    messages: tuple[Message, ...]
    dossiers: Dossiers
    listing: DossierListing
    register: Register
    measures: dict[str, Measures]
    planted: tuple[PlantedError, ...]
    offset: str

    @cached_property
    def submissions(self) -> list[dict[str, Any]]:
        """The portal's submissions as served."""
        return [sending.item(self.reference.indicators, self.offset) for sending in self.sendings]


def make_plan(seeds: Path, *, seed: int, dossiers: int, errors: bool, with_offset: bool = False) -> Plan:
    """The province of ``seed``, from the agencies and indicators in the folder ``seeds``. Without ``errors`` every relation of
    the rule table holds and what is reported is what the systems of record say."""
    reference = read_reference(seeds)
    offset = "+07:00" if with_offset else ""
    periods = windows(YEAR)
    everyone = structures(reference, seed)
    roles = assign(len(everyone), len(periods), stream(seed, "roles"))
    still_open = [slot[0] for slot in roles.still_open] if errors else []
    made = make_dossiers(everyone, seed=seed, year=YEAR, count=dossiers, open_in_last_quarter=still_open)
    register = make_register(everyone, seed=seed, year=YEAR, count=REGISTER_DOCUMENTS, offset=offset)
    measures = {window.code: measure(made, register, window, len(everyone)) for window in periods}

    per_day = np.bincount(register.agency, minlength=len(everyone)) / 300
    books = tuple(Book(one.agency, YEAR, max(1.2, float(per_day[index]))) for index, one in enumerate(everyone))
    cited = share_out(decrees(YEAR), len(everyone), stream(seed, "decrees"))
    forms = {}
    for index, one in enumerate(everyone):
        year = draw_year(one, books[index], cited[index], stream(seed, f"figures {one.agency.code}"))
        for place, window in enumerate(periods):
            forms[index, place] = figures(year, window, measures[window.code], index)

    doors = Doors(reference, periods, books, forms, stream(seed, "doors"), [], [], [])
    doors.fill(roles, measures[periods[-1].code] if errors else None)
    poisoned, found = poison(made, everyone, stream(seed, "poison")) if errors else ({}, [])
    doors.planted.extend(found)
    messages = _messages(doors, stream(seed, "axis"), errors=errors)
    return Plan(
        reference=reference,
        windows=periods,
        sendings=tuple(sorted(doors.portal, key=lambda one: (one.updated_at, one.door_id))),
        messages=messages,
        dossiers=made,
        listing=DossierListing(made, everyone, poisoned, seed, offset),
        register=register,
        measures=measures,
        planted=tuple(doors.planted),
        offset=offset,
    )


def _messages(doors: Doors, rng: np.random.Generator, *, errors: bool) -> tuple[Message, ...]:
    messages: list[Message] = []
    for place, (sending, shape) in enumerate(doors.edoc):
        if errors and place == 0:
            doors.plant(sending, [("typing", "attachment_misnamed", "a workbook under the name of a .doc")])
            shape = "misnamed"
        second = str(740_000 + place)
        messages += report_messages(sending, shape, doors.reference, doors.book(sending.agency), second)
    messages += other_messages(doors.reference, YEAR, rng, 750_000)
    if errors:
        message, planted = torn_message(doors.reference, YEAR, 750_000)
        messages.append(message)
        doors.planted.append(planted)
    return tuple(sorted(messages, key=lambda one: (one.created_at, one.door_id)))
