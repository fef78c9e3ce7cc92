"""One letter to one owner: rendered, named by what it says, and queued with what it tells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from expectations.mail import Attachment, compose
from expectations.outbox import Outbox
from expectations.pages import render


def queue_letter(
    outbox: Outbox,
    stem: str,
    values: Mapping[str, Any],
    *,
    owner: str,
    recipient: str,
    night: date,
    sender: str,
    now: Callable[[], datetime],
    cases: Iterable[str],
    attachments: Sequence[Attachment] = (),
) -> None:
    """Queue the templates ``<stem>.*`` with these ``values`` (``subject`` among them). The same words to the same owner on the
    same night are one mail, however often they are queued."""
    html, text = render(stem, values)
    subject = str(values["subject"])
    digest = hashlib.sha256("\0".join((subject, html, text)).encode()).hexdigest()
    message = compose(
        subject=subject,
        text=text,
        html=html,
        sender=sender,
        recipient=recipient,
        composed_at=now(),
        message_key=f"{night:%Y%m%d}.{owner}.{digest[:20]}",
        attachments=attachments,
    )
    outbox.put(message, owner=owner, night=night, cases=cases)
