"""Who is reminded of which report, when, and how often."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import duckdb
import pytest

from expectations.cases import OVERDUE_DAYS
from expectations.contacts import Contacts, read_contacts
from expectations.late_night import write_late_night
from expectations.letters import AgencyMails, Desk
from expectations.outbox import Outbox
from expectations.reminders import write_reminders
from expectations.wording import Language

CONTACTS = Contacts({"H51.03": "stc@soctrang.gov.vn"}, "soctrang.example")
MARTS = """
create schema mart;
create table mart.dim_agency as from (values
    ('H51.02', 'Sở Nội vụ', true, date '2000-01-01', null::date),
    ('H51.03', 'Sở Tài chính', true, date '2000-01-01', null),
    ('H51.09', 'Sở cũ', true, date '2000-01-01', date '2020-12-31'),
    ('H51', 'UBND tỉnh', false, date '2000-01-01', null)
) as t(agency_code, name_vi, is_reporting, valid_from, valid_to);
create table mart.dim_period as from (values
    ('2021-Q3', 'Quý III năm 2021', date '2021-09-14', date '2021-09-20'),
    ('2021', 'Năm 2021', date '2021-12-14', date '2021-12-20')
) as t(period_code, label_vi, data_to, due_on);
create table mart.fct_submission as from (values
    ('H51.02', '2021', 'quarantined'), ('H51.02', '2021-Q3', 'accepted'),
    ('H51.03', '2021', 'withdrawn'), ('H51.03', '2021-Q3', 'accepted')
) as t(agency_code, period_code, status);
create table mart.mart_reporting_rate as
select agency_code, period_code, true as is_expected, bool_or(status <> 'withdrawn') as is_received
from mart.fct_submission group by all;
"""


def now() -> datetime:
    return datetime(2021, 12, 15, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(MARTS)
    return connection


def remind(
    marts: duckdb.DuckDBPyConnection,
    folder: Path,
    day: date,
    *,
    contacts: Contacts = CONTACTS,
    language: Language = "vi",
    overdue_days: int = OVERDUE_DAYS,
) -> AgencyMails:
    box = Outbox(folder / "outbox.sqlite", now=now)
    desk = Desk(day, box, contacts, sender="cchc@soctrang.gov.vn", now=now, language=language)
    return write_reminders(marts, desk=desk, steps=(5, 1), overdue_days=overdue_days)


def mails(folder: Path) -> list[EmailMessage]:
    box = Outbox(folder / "outbox.sqlite", now=now)
    return [message_from_bytes(box.content(kept.message_id), policy=default) for kept in box.unsent()]


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_only_agencies_whose_report_is_not_there_are_reminded_before_the_due_day(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert remind(marts, tmp_path, date(2021, 12, 14)) == AgencyMails(0, ())
    assert remind(marts, tmp_path, date(2021, 12, 15)) == AgencyMails(1, ())
    (mail,) = mails(tmp_path)
    assert (mail["To"], mail["Subject"]) == ("stc@soctrang.gov.vn", "[CCHC] Sở Tài chính: 1 báo cáo sắp đến hạn")
    assert "- Năm 2021 (hạn 20/12/2021, còn 5 ngày)" in plain(mail)


def test_each_step_is_told_once_and_a_day_that_was_missed_is_made_up_for(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    days = [date(2021, 12, day) for day in (16, 16, 17, 18, 19, 20)]
    assert [remind(marts, tmp_path, day).mail_count for day in days] == [1, 1, 0, 0, 1, 0]
    told = [plain(mail) for mail in mails(tmp_path)]
    assert len(told) == 2  # the second time on the 16th is the same mail
    assert "còn 4 ngày" in told[0]
    assert "còn 1 ngày" in told[1]


def test_an_overdue_report_is_told_once_and_again_after_the_set_number_of_days(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    days = [date(2021, 12, day) for day in (21, 22, 27, 28)]
    assert [remind(marts, tmp_path, day).mail_count for day in days] == [1, 0, 0, 1]
    first, second = mails(tmp_path)
    assert first["Subject"] == "[CCHC] Sở Tài chính: 1 báo cáo quá hạn"
    assert "quá hạn 1 ngày" in plain(first)
    assert "quá hạn 8 ngày" in plain(second)


def test_a_report_that_is_overdue_for_long_is_not_asked_for_any_more(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert remind(marts, tmp_path, date(2023, 1, 24)).mail_count == 1
    assert remind(marts, tmp_path, date(2023, 2, 24)).mail_count == 0
    assert remind(marts, tmp_path, date(2023, 2, 24), overdue_days=0).mail_count == 1


def test_english_by_a_switch_and_an_agency_without_an_address_is_named(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert remind(marts, tmp_path, date(2021, 12, 19), contacts=Contacts()) == AgencyMails(0, ("Sở Tài chính",))
    assert remind(marts, tmp_path, date(2021, 12, 19), language="en").mail_count == 1
    (mail,) = mails(tmp_path)
    assert mail["Subject"].endswith("1 reports due soon")
    assert "(due 20/12/2021, 1 day left)" in plain(mail)


def test_contacts_are_read_from_the_departments_file(tmp_path: Path) -> None:
    path = tmp_path / "agency_contacts.csv"
    path.write_text("agency_code,mail\nH51.03, stc@soctrang.gov.vn \nH51.04,\n", encoding="utf-8")
    contacts = read_contacts(path, domain="soctrang.example")
    assert [contacts.of(code) for code in ("H51.03", "H51.04")] == ["stc@soctrang.gov.vn", "h51.04@soctrang.example"]
    assert read_contacts(path).of("H51.04") == ""


def test_a_late_night_is_told_once_a_run(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "outbox.sqlite", now=now)
    for run in ("scheduled__1", "scheduled__1", "scheduled__2"):
        write_late_night(
            box, run_id=run, minutes=240, sender="cchc@soctrang.gov.vn", recipient="sonoivu@soctrang.gov.vn",
            language="vi", now=now,
        )  # fmt: skip
    first, second = mails(tmp_path)
    assert first["Subject"] == "[CCHC] Đêm nạp số liệu chưa xong đúng hạn"
    assert "scheduled__1 đã quá 240 phút" in plain(first)
    assert "scheduled__2" in plain(second)
