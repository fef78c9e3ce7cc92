"""What Airflow's triggerer calls when a night is not over by its deadline: the department and the log are told."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from cchc.settings import load_settings

log = logging.getLogger(__name__)


async def tell_late_night(context: dict[str, Any] | None = None) -> None:
    """Mail that a night is late, once a run; a mail server that is gone gets it with the next night's mails."""
    run = (context or {}).get("dag_run") or {}
    run_id = str(run.get("run_id") or run.get("dag_run_id") or "") if isinstance(run, dict) else str(run)
    log.error("The night's run %s is not over by its deadline", run_id)
    await asyncio.to_thread(_mail, run_id)


def _mail(run_id: str) -> None:
    from cchc.night import now
    from expectations.late_night import write_late_night
    from expectations.outbox import Outbox

    settings = load_settings()
    if not settings.report_to:
        return
    outbox = Outbox(settings.outbox_path, now=now)
    write_late_night(
        outbox,
        run_id=run_id,
        minutes=settings.deadline_minutes,
        sender=settings.report_from,
        recipient=settings.report_to,
        language=settings.report_language,
        now=now,
    )
    if smtp_url := settings.smtp_url.get_secret_value():
        outbox.flush(smtp_url)
