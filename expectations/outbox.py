"""The outbox: every mail is kept in a small SQLite file before it is sent, so that none is lost and none is sent again.

A mail is known by its Message-ID, which its content gives: the same content queued twice is one mail. Its state goes
``waiting`` -> ``sending`` -> ``sent``, each written to the disk before the next step. A process that dies after the server has
taken the mail and before that is written leaves it ``sending``; it is then sent once more under the same Message-ID, by
which mail servers and readers know it as the same mail (at least once: a mail that is lost harms more than one that comes
twice). What could not be sent stays and is tried again by every later night, the oldest first.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

from expectations.errors import MailError
from expectations.folding import SMTP
from expectations.mail import ServerGoneError, deliver
from state import connect

_MIGRATIONS = Path(__file__).parent / "outbox_tables"


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail as the outbox knows it. ``left_to``: whom it is still to reach, where others have it already."""

    message_id: str
    owner: str
    night: date
    recipient: str
    subject: str
    state: str
    reason: str
    tries: int
    left_to: tuple[str, ...] = ()

    @property
    def is_sent(self) -> bool:
        return self.state == "sent"


class Outbox:
    """The outbox in ``path``; made when it is first used. Times come from ``now``."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now

    @property
    def exists(self) -> bool:
        """Whether anything was ever queued."""
        return self._path.exists()

    def put(self, message: EmailMessage, *, owner: str, night: date, cases: Iterable[str] = ()) -> Kept:
        """Queue a mail and what it tells its owner of, both or neither; a mail known already stays as it is."""
        message_id = str(message["Message-ID"])
        with self._open() as database, database:
            database.execute(
                "insert into mail values (?, ?, ?, ?, ?, ?, 'waiting', '', 0, ?, null, '') on conflict do nothing",
                (
                    message_id, owner, night.isoformat(), str(message["To"]), str(message["Subject"]),
                    message.as_bytes(policy=SMTP), self._now().isoformat(timespec="seconds"),
                ),
            )  # fmt: skip
            database.executemany(
                "insert into told values (?, ?, ?) on conflict do nothing",
                [(owner, case, night.isoformat()) for case in cases],
            )
        return self.get(message_id)

    def told(self, owner: str) -> dict[str, date]:
        """The last night on which the owner was told of each case."""
        with self._open() as database:
            rows = database.execute(
                "select case_key, max(night) from told where owner = ? group by case_key", (owner,)
            ).fetchall()
        return {case: date.fromisoformat(night) for case, night in rows}

    def get(self, message_id: str) -> Kept:
        """The mail of that name; ``KeyError`` where there is none."""
        for kept in self._select("where message_id = ?", (message_id,)):
            return kept
        raise KeyError(message_id)

    def content(self, message_id: str) -> bytes:
        """The mail as it goes out; ``KeyError`` where there is none."""
        with self._open() as database:
            row = database.execute("select content from mail where message_id = ?", (message_id,)).fetchone()
        if row is None:
            raise KeyError(message_id)
        return bytes(row[0])

    def unsent(self) -> list[Kept]:
        """What waits, the oldest first."""
        return self._select("where state <> 'sent' order by queued_at, rowid")

    def flush(
        self, smtp_url: str, *, send: Callable[[EmailMessage, str, Sequence[str]], dict[str, int]] = deliver
    ) -> int:
        """Send what waits; how many went out. A server that does not answer ends the round: the rest waits with it. Mails
        that the server refuses wait for the next night, and do not hold up others; one that it refuses some recipients
        for the time being (4xx) waits for those alone. Two processes that flush at once take turns."""
        count = 0
        with self._alone():
            for kept in self.unsent():
                self._mark(kept.message_id, "sending", tries=kept.tries + 1)
                try:
                    refused = send(self._message(kept.message_id), smtp_url, kept.left_to)
                except MailError as error:
                    self._mark(kept.message_id, "waiting", reason=str(error))
                    if isinstance(error, ServerGoneError):
                        break
                    continue
                count += self._served(kept.message_id, refused)
        return count

    def empty_sent(self, *, before: datetime) -> int:
        """Drop the content of mails sent before that moment, and keep their heads, by which they are known; how many."""
        with self._open() as database, database:
            return database.execute(
                "update mail set content = x'' where state = 'sent' and length(content) > 0 and sent_at < ?",
                (before.isoformat(timespec="seconds"),),
            ).rowcount

    # Inside ----------------------------------------------------------------------------------------

    def _served(self, message_id: str, refused: dict[str, int]) -> bool:
        """Write down that the server took the mail; whether it is done with."""
        reason = f"máy chủ từ chối người nhận: {', '.join(refused)}" if refused else ""
        later = [address for address, code in refused.items() if 400 <= code < 500]
        if later:
            self._mark(message_id, "waiting", reason=reason, left_to="\n".join(later))
        else:
            sent_at = self._now().isoformat(timespec="seconds")
            self._mark(message_id, "sent", reason=reason, left_to="", sent_at=sent_at)
        return not later

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other process flushes; one that dies lets go."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _message(self, message_id: str) -> EmailMessage:
        message = message_from_bytes(self.content(message_id), policy=SMTP)
        assert isinstance(message, EmailMessage)  # noqa: S101 - the policy makes one
        return message

    def _mark(self, message_id: str, state: str, **columns: str | int) -> None:
        """Write the state through to the disk before anything else is done."""
        names = ", ".join(f"{name} = ?" for name in ("state", *columns))
        with self._open() as database, database:
            database.execute(f"update mail set {names} where message_id = ?", (state, *columns.values(), message_id))

    def _select(self, where: str, values: tuple[str, ...] = ()) -> list[Kept]:
        with self._open() as database:
            rows = database.execute(
                f"select message_id, owner, night, recipient, subject, state, reason, tries, left_to from mail {where}",
                values,
            ).fetchall()
        return [
            Kept(key, owner, date.fromisoformat(night), to, subject, state, reason, tries, tuple(left_to.split()))
            for key, owner, night, to, subject, state, reason, tries, left_to in rows
        ]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(connect(self._path, _MIGRATIONS)) as database:
            database.execute("pragma synchronous = full")
            database.isolation_level = "DEFERRED"  # ``with database`` is a transaction
            yield database
