"""Reports on their way: from an agency's figures and its role to what the portal and the axis hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import numpy as np

from stand_ins.province import damage
from stand_ins.province.citations import Book
from stand_ins.province.damage import Finding, PlantedError
from stand_ins.province.figures import Cell, Figures, percent
from stand_ins.province.measures import Measures
from stand_ins.province.periods import Window
from stand_ins.province.reference import Agency, Reference
from stand_ins.province.roles import Roles, Slot
from stand_ins.province.sending import HABITS, Sending


@dataclass(slots=True)
class Doors:
    """Sendings in the making. ``edoc`` pairs a sending with the shape of its message."""

    reference: Reference
    windows: tuple[Window, ...]
    books: tuple[Book, ...]
    forms: dict[Slot, Figures]
    rng: np.random.Generator
    portal: list[Sending]
    edoc: list[tuple[Sending, str]]
    planted: list[PlantedError]
    numbered: int = 0

    def fill(self, roles: Roles, recorded: Measures | None) -> None:
        """Send everybody's reports, by role. With ``recorded``, what the systems of record say of the last window, damage
        some of them; without it everything is in order."""
        errors = recorded is not None
        for place, slot in enumerate(sorted(roles.revised)):
            self._send_twice(slot, place, wrong_at_first=errors and place < 4)
        for slot in sorted(roles.late):
            self._send(slot, late=True)
        for place, slot in enumerate(sorted(roles.withdrawn)):
            self._withdraw(self._send(slot), both_states=place == 0)
        for slot in sorted(roles.both):
            sending = self._send(slot)
            number = self._edoc_id()
            self.edoc.append((replace(sending, door="edoc", door_id=number, figures=dict(sending.figures)), "plain"))
        for slot, shape in sorted(roles.edoc):
            sending = self._make(slot, door="edoc", door_id=self._edoc_id())
            self.edoc.append((sending, shape))
        still_open = [self._send(slot) for slot in sorted(roles.still_open)]
        plain = {slot: self._send(slot) for slot in sorted(roles.plain)}
        if recorded is not None:
            self._plant_open(still_open, recorded)
            self._plant_shift(self.edoc[len(roles.both) :])
            self._plant_all([plain[slot] for slot in roles.plain])

    def plant(self, sending: Sending, findings: list[Finding]) -> None:
        """Write down what was done to a sending."""
        known = sending.agency.organ_id == sending.organ_id or sending.agency.code == sending.organ_id
        self.planted.extend(
            PlantedError(
                agency_code=sending.agency.code if known else "",
                period_code=sending.window.code if sending.period_code == sending.window.code else "",
                source=sending.door,
                code=code,
                description=description,
                kind=kind,
                place=sending.door_id,
                revision=sending.revision,
            )
            for kind, code, description in findings
        )

    # One report ----------------------------------------------------------------------------------

    def _make(self, slot: Slot, *, door: str, door_id: str, late: bool = False, early: bool = False) -> Sending:
        index, place = slot
        agency, window = self.reference.agencies[index], self.windows[place]
        latest = 1 if early else (window.due - window.last).days - 1
        days = int(self.rng.integers(1, latest + 1))
        if late:
            days = (window.due - window.last).days + int(self.rng.integers(1, 10))
        submitted_at = self.moment(window, days)
        return Sending(
            agency=agency,
            window=window,
            figures=dict(self.forms[slot]),
            habit=HABITS[index % len(HABITS)],
            door="edoc" if door == "edoc" else "portal",
            door_id=door_id,
            submitted_at=submitted_at,
            updated_at=submitted_at + timedelta(minutes=int(self.rng.integers(1, 30))),
            document_number=self.books[index].number("BC", submitted_at.date()),
            document_date=submitted_at.date(),
        )

    def moment(self, window: Window, days: int) -> datetime:
        """A time of an office day, ``days`` after the window's last day."""
        seconds = int(self.rng.integers(0, 30_000))
        return datetime.combine(window.last + timedelta(days=days), time(8)) + timedelta(seconds=seconds)

    def book(self, agency: Agency) -> Book:
        return self.books[self.reference.agencies.index(agency)]

    def _portal_id(self) -> str:
        self.numbered += 1
        return f"PS{self.windows[-1].code}-{self.numbered:06d}"

    def _edoc_id(self) -> str:
        self.numbered += 1
        return str(730_000 + self.numbered)

    def _send(self, slot: Slot, *, late: bool = False) -> Sending:
        sending = self._make(slot, door="portal", door_id=self._portal_id(), late=late)
        self.portal.append(sending)
        return sending

    def _send_twice(self, slot: Slot, place: int, *, wrong_at_first: bool) -> None:
        """Revision 1, then revision 2 within days: every other chain keeps its submission_id, the rest get a new one."""
        first = self._make(slot, door="portal", door_id=self._portal_id(), early=True)
        again = first.submitted_at + timedelta(days=int(self.rng.integers(1, 4)), minutes=7)
        second = replace(
            first,
            figures=dict(first.figures),
            door_id=first.door_id if place % 2 == 0 else self._portal_id(),
            revision=2,
            submitted_at=again,
            updated_at=again + timedelta(minutes=3),
            document_number=self.book(first.agency).number("BC", again.date()),
            document_date=again.date(),
        )
        news = int(first.figures["I.3.3"].value or 0)
        first.figures["I.3.3"] = Cell(max(news - 1, 0))
        if wrong_at_first:
            self.plant(first, damage.returned_missing(first))
        self.portal += [first, second]

    def _withdraw(self, sending: Sending, *, both_states: bool) -> None:
        """Withdrawn two days later; the portal lists the submission once as it stands now, or in both its states."""
        gone = replace(sending, status="withdrawn", updated_at=sending.updated_at + timedelta(days=2))
        if not both_states:
            self.portal.remove(sending)
        self.portal.append(gone)

    # Errors --------------------------------------------------------------------------------------

    def _plant_open(self, still_open: list[Sending], recorded: Measures) -> None:
        """What three dossiers left in progress change, where an agency has as many dossiers as that."""
        for sending in still_open:
            index = self.reference.agencies.index(sending.agency)
            on_time, received = int(recorded.on_time[index]), int(recorded.on_time_of[index])
            reported = sending.figures["III.6.3"].value
            if received == int(recorded.returned[index]) or reported is None:
                continue
            description = "three dossiers of the last quarter are still in progress"
            self.plant(sending, [("rule", "S-01", description)])
            if abs(reported - (percent(on_time, received) or Decimal(0))) > Decimal("0.05"):
                self.plant(sending, [("rule", "S-03", description)])

    def _plant_shift(self, pool: list[tuple[Sending, str]]) -> None:
        """Shift rows in one workbook that came by this door alone, of an agency with dossiers enough for it to show."""
        for sending, shape in pool:
            if shape in ("plain", "zipped", "many") and (findings := damage.rows_shifted(sending)):
                self.plant(sending, findings)
                return

    def _plant_all(self, pool: list[Sending]) -> None:
        by_slot = {(sending.agency.code, sending.window.quarters): sending for sending in pool}
        # A flow that shrinks needs both its periods as they are: the six months' report stays out of everything else.
        for sending in pool:
            other = by_slot.get((sending.agency.code, (0, 1)))
            if sending.window.quarters == (0,) and other is not None:
                sending.figures["I.3.2"] = Cell(60)
                self.plant(
                    sending, [("rule", "T-01", "more news items in the first quarter than in six months (I.3.2)")]
                )
                pool = [one for one in pool if one is not sending and one is not other]
                break
        for harm in damage.PORTAL_DAMAGES:
            for sending in pool:
                findings = harm(sending)
                if findings:
                    self.plant(sending, findings)
                    pool = [one for one in pool if one is not sending]
                    break
        self._send_stray(pool[0], period_code=f"{self.windows[0].code[:4]}-Q5", code="period_unknown")
        self._send_stray(pool[1], organ_id=f"000.00.77.{self.reference.province_code}", code="agency_unknown")

    def _send_stray(self, like: Sending, *, code: str, period_code: str = "", organ_id: str = "") -> None:
        """One more submission, of an agency or a period that nobody knows."""
        stray = replace(
            like,
            door_id=self._portal_id(),
            figures=dict(like.figures),
            organ_id=organ_id or like.organ_id,
            period_code=period_code or like.period_code,
            updated_at=like.updated_at + timedelta(minutes=20),
        )
        self.portal.append(stray)
        self.plant(stray, [("problem", code, f"a submission of {organ_id or period_code}")])
