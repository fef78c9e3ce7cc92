"""One short mail to the department: a night is not over by its deadline."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from html import escape

from expectations.mail import compose
from expectations.outbox import Outbox
from expectations.wording import Language, Wording


def write_late_night(
    outbox: Outbox,
    *,
    run_id: str,
    minutes: int,
    sender: str,
    recipient: str,
    language: Language,
    now: Callable[[], datetime],
) -> None:
    """Queue the mail; one a run, however often the deadline is reported."""
    words = Wording(language).words
    moment = now()
    text = words["late_night_text"].format(run=run_id, minutes=minutes)
    message = compose(
        subject=f"[CCHC] {words['late_night_subject']}",
        text=text + "\n",
        html=f'<!DOCTYPE html><html lang="{language}"><meta charset="utf-8"><p>{escape(text)}</p></html>',
        sender=sender,
        recipient=recipient,
        composed_at=moment,
        message_key=f"late.{hashlib.sha256(run_id.encode()).hexdigest()[:20]}",
    )
    outbox.put(message, owner="department", night=moment.date())
