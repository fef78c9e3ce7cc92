"""The night's last step: the department's digest, each agency's own mail; and the desk at which letters to agencies are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING

from cchc.settings import Settings
from cchc.steps import Facts

if TYPE_CHECKING:
    from expectations.letters import Desk
    from expectations.outbox import Outbox


def letter_desk(settings: Settings, outbox: Outbox, day: date, now: Callable[[], datetime]) -> Desk:
    """Where letters to agencies are written on ``day``, as the settings have it."""
    from expectations.contacts import read_contacts
    from expectations.letters import Desk

    return Desk(
        day=day,
        outbox=outbox,
        contacts=read_contacts(settings.contacts_path, domain=settings.agency_mail_domain),
        sender=settings.report_from,
        now=now,
        reminder_nights=settings.reminder_nights,
        language=settings.report_language,
    )


def tell(
    settings: Settings,
    night: date,
    structural_failures: Sequence[str],
    *,
    docs: str = "",
    now: Callable[[], datetime],
) -> Facts:
    """Compose, queue, send; on a night whose publication was stopped only the department is told."""
    import duckdb

    from cchc.template import official_form
    from expectations.agency_mail import write_agency_mails
    from expectations.cases import read_cases
    from expectations.outbox import Outbox
    from expectations.report import write_quality_report
    from ingestion.reference import load_catalogue

    outbox = Outbox(settings.outbox_path, now=now)
    told: Facts = {}
    without_contact: tuple[str, ...] = ()
    if not structural_failures and settings.agency_mail:
        catalogue = load_catalogue(settings.seeds_path)
        agencies = {agency.code: agency for agency in catalogue.agencies}
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
            mails = write_agency_mails(
                connection,
                read_cases(connection, night, settings.overdue_days),
                desk=letter_desk(settings, outbox, night, now),
                folder=settings.reports_path / night.isoformat() / "agencies",
                blank_form=lambda code, period: official_form(
                    agencies[code], period, catalogue, seeds=settings.seeds_path
                ),
            )
        told["agency_mail_count"] = mails.mail_count
        without_contact = mails.without_contact
    result = write_quality_report(
        settings.warehouse_path,
        night=night,
        folder=settings.reports_path,
        sender=settings.report_from,
        recipient=settings.report_to,
        smtp_url=settings.smtp_url.get_secret_value() or None,
        now=now,
        language=settings.report_language,
        structural_failures=structural_failures,
        outbox=outbox,
        without_contact=without_contact,
        docs=docs,
        overdue_days=settings.overdue_days,
    )
    told["unsent_count"] = len(outbox.unsent()) if outbox.exists else 0
    if result is None:
        return {"skipped": "nothing failed this night: there is nothing to report"} | told
    facts = asdict(result)
    facts["sent_to"] = settings.report_to if result.is_sent else ""
    return {name: str(value) if name.endswith("_path") else value for name, value in facts.items()} | told
