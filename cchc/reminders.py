"""The morning's reminders: who has not reported yet, read from the published marts, told through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from cchc.night import LOCAL, now
from cchc.query import NothingPublishedError
from cchc.settings import Settings, load_settings
from cchc.steps import Facts
from cchc.telling import letter_desk


def remind_on(context: Mapping[str, Any]) -> Facts:
    """``remind`` inside an Airflow task, for its parameter ``day``, else the local date after which the run was to begin."""
    asked = (context.get("params") or {}).get("day")
    run_after: datetime = context["dag_run"].run_after.astimezone(LOCAL)
    return remind(date.fromisoformat(str(asked)) if asked else run_after.date(), load_settings())


def remind(day: date, settings: Settings) -> Facts:
    """Queue the reminders of ``day`` and send what waits in the outbox.

    Gives ``mail_count`` (agencies written to), ``without_contact`` (names of agencies without an address), ``sent_count`` and
    ``unsent_count`` (mails of any kind). Raises ``NothingPublishedError`` before the first publication.
    """
    import duckdb

    from expectations.outbox import Outbox
    from expectations.reminders import write_reminders

    if not settings.published_path.exists():
        raise NothingPublishedError("nothing is published yet: who has reported is known after the first night")
    outbox = Outbox(settings.outbox_path, now=now)
    with duckdb.connect(str(settings.published_path), read_only=True) as connection:
        told = write_reminders(
            connection,
            desk=letter_desk(settings, outbox, day, now),
            steps=settings.reminder_steps,
            overdue_days=settings.overdue_days,
        )
    smtp_url = settings.smtp_url.get_secret_value()
    sent_count = outbox.flush(smtp_url) if smtp_url and outbox.exists else 0
    return {
        "mail_count": told.mail_count,
        "without_contact": list(told.without_contact),
        "sent_count": sent_count,
        "unsent_count": len(outbox.unsent()) if outbox.exists else 0,
    }
