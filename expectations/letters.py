"""Letters to agencies: one mail an agency, day and kind at most, named by what it says, kept with what it tells.

What an agency is told (a form held back, a report that is late or nearly due) has a key of its own, under which the outbox
keeps the day on which it was told; whoever writes a letter asks for those days and leaves out what is not due again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from expectations.cases import Late
from expectations.contacts import Contacts
from expectations.mail import Attachment, compose
from expectations.outbox import Outbox
from expectations.pages import render
from expectations.wording import Language, Wording


@dataclass(frozen=True, slots=True)
class Letter:
    """What one agency is told. ``counts`` are the words of the subject and what they count, ``values`` the templates', ``keys``
    what it is told of."""

    counts: Mapping[str, int]
    values: Mapping[str, Any]
    keys: tuple[str, ...]
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class AgencyMails:
    """How many agencies are written to, and the names of those who could not be for want of an address."""

    mail_count: int
    without_contact: tuple[str, ...]


#: What the agency of this code is told, given on which day it was told of what; None where nothing is due.
Compose = Callable[[str, Mapping[str, date]], Letter | None]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where letters of one ``day`` are written. With ``reminder_nights`` 0 nothing is told twice."""

    day: date
    outbox: Outbox
    contacts: Contacts
    sender: str
    now: Callable[[], datetime]
    reminder_nights: int = 7
    language: Language = "vi"

    @property
    def wording(self) -> Wording:
        return Wording(self.language)

    def is_due(self, told_on: date | None) -> bool:
        """New, told on this very day (which is run again), or told long enough ago."""
        if told_on is None or told_on == self.day:
            return True
        return self.reminder_nights > 0 and (self.day - told_on).days >= self.reminder_nights

    def write(self, stem: str, names: Mapping[str, str], compose_to: Compose) -> AgencyMails:
        """Queue to each agency (``names`` by code) its letter, made of the templates ``<stem>.*``.

        The same words to the same agency on the same day are one mail, however often they are queued.
        """
        mail_count = 0
        without: list[str] = []
        for code, name in sorted(names.items()):
            recipient = self.contacts.of(code)
            if not recipient:
                without.append(name)
            elif letter := compose_to(code, self.outbox.told(code)):
                self._queue(stem, letter, code, name, recipient)
                mail_count += 1
        return AgencyMails(mail_count, tuple(without))

    def _queue(self, stem: str, letter: Letter, code: str, name: str, recipient: str) -> None:
        words = self.wording.words
        told = ", ".join(words[word].format(count) for word, count in letter.counts.items() if count)
        subject = f"[CCHC] {name}: {told}"
        html, text = render(
            stem, {"wording": self.wording, "subject": subject, "agency_name": name, "day": self.day, **letter.values}
        )
        digest = hashlib.sha256("\0".join((subject, html, text)).encode()).hexdigest()
        message = compose(
            subject=subject,
            text=text,
            html=html,
            sender=self.sender,
            recipient=recipient,
            composed_at=self.now(),
            message_key=f"{self.day:%Y%m%d}.{code}.{digest[:20]}",
            attachments=letter.attachments,
        )
        self.outbox.put(message, owner=code, night=self.day, cases=letter.keys)


def late_key(late: Late) -> str:
    """Under which name the outbox keeps that an agency was told of a late report."""
    return f"late:{late.period_code}"
