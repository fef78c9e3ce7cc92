from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from expectations.mail import Attachment, compose, deliver
from expectations.outbox import Outbox
from tests.expectations.gate_mailbox import Inbox, certificate, running

NIGHT = date(2021, 12, 20)


def now() -> datetime:
    return datetime(2021, 12, 20, 18, 30, tzinfo=UTC)


def outbox(folder: Path) -> Outbox:
    return Outbox(folder / "outbox.sqlite", now=now)


def mail(key: str, **changes: str) -> EmailMessage:
    texts = {"subject": f"Đêm {key}", "text": "chữ", "html": "<p>chữ</p>", "recipient": "snv@soctrang.gov.vn"} | changes
    return compose(
        **texts, sender="cchc@soctrang.gov.vn", composed_at=now(), message_key=key,
        attachments=[Attachment("biểu.xlsx", b"PK\x03\x04")],
    )  # fmt: skip


def test_a_mail_goes_once_however_often_it_is_queued(tmp_path: Path) -> None:
    with running(Inbox()) as inbox:
        url = f"smtp://127.0.0.1:{inbox.port}"
        for _ in range(3):
            outbox(tmp_path).put(mail("a"), owner="x", night=NIGHT)
            outbox(tmp_path).flush(url)
    assert [m["Message-ID"] for m in inbox.mails] == ["<cchc.a@soctrang.gov.vn>"]
    _, attached = list(inbox.mails[0].iter_parts())
    assert (attached.get_filename(), attached.get_content()) == ("biểu.xlsx", b"PK\x03\x04")  # type: ignore[union-attr]


def test_a_server_gone_for_three_nights_gets_every_mail_in_order_when_it_is_back(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    for key in ("1", "2", "3"):
        box.put(mail(key), owner="x", night=NIGHT)
        at_once = partial(deliver, sleep=lambda _: None)
        assert outbox(tmp_path).flush("smtp://127.0.0.1:1", send=at_once) == 0
    assert [(kept.state, kept.tries) for kept in box.unsent()] == [("waiting", 3), ("waiting", 0), ("waiting", 0)]
    assert "không nhận thư" in box.unsent()[0].reason
    with running(Inbox()) as inbox:
        assert outbox(tmp_path).flush(f"smtp://127.0.0.1:{inbox.port}") == 3
    assert [m["Subject"] for m in inbox.mails] == ["Đêm 1", "Đêm 2", "Đêm 3"]
    assert box.unsent() == []


def test_a_process_that_dies_while_it_sends_leaves_the_mail_to_the_next_under_the_same_name(tmp_path: Path) -> None:
    class DiedError(BaseException):
        pass

    def die(_: EmailMessage, __: str, ___: Sequence[str]) -> dict[str, int]:
        raise DiedError

    box = outbox(tmp_path)
    box.put(mail("a"), owner="x", night=NIGHT)
    with pytest.raises(DiedError):
        box.flush("smtp://127.0.0.1:1", send=die)
    assert box.unsent()[0].state == "sending"
    with running(Inbox()) as inbox:
        assert outbox(tmp_path).flush(f"smtp://127.0.0.1:{inbox.port}") == 1
    assert inbox.mails[0]["Message-ID"] == "<cchc.a@soctrang.gov.vn>"


def test_a_mail_that_the_server_took_is_not_sent_again_for_a_rude_farewell(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.put(mail("a"), owner="x", night=NIGHT)
    with running(Inbox(farewell="421 too busy")) as inbox:
        assert box.flush(f"smtp://127.0.0.1:{inbox.port}") == 1
    assert len(inbox.mails) == 1


def test_whom_the_server_refuses_for_the_time_being_gets_the_mail_later_and_nobody_twice(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.put(mail("a", recipient="a@b.vn, c@b.vn, gone@b.vn"), owner="x", night=NIGHT)
    with running(Inbox(refusals={"c@b.vn": "450 greylisted", "gone@b.vn": "550 no such user"})) as inbox:
        url = f"smtp://127.0.0.1:{inbox.port}"
        assert box.flush(url) == 0
        (kept,) = box.unsent()
        assert (kept.state, kept.left_to) == ("waiting", ("c@b.vn",))
        assert "c@b.vn" in kept.reason
        assert "gone@b.vn" in kept.reason
        assert box.flush(url) == 1
        assert box.flush(url) == 0
    assert inbox.recipients == [["a@b.vn"], ["c@b.vn"]]


def test_an_address_that_no_server_takes_does_not_hold_up_the_others(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.put(mail("bad", recipient="người@b.vn"), owner="x", night=NIGHT)
    box.put(mail("good"), owner="x", night=NIGHT)
    with running(Inbox(), knows_utf8=False) as inbox:
        assert box.flush(f"smtp://127.0.0.1:{inbox.port}") == 1
    (kept,) = box.unsent()
    assert kept.message_id == "<cchc.bad@soctrang.gov.vn>"
    assert "không nhận địa chỉ" in kept.reason


def test_two_processes_that_flush_at_once_send_each_mail_once(tmp_path: Path) -> None:
    for key in ("1", "2", "3"):
        outbox(tmp_path).put(mail(key), owner="x", night=NIGHT)
    begun, sent = Event(), []

    def slowly(message: EmailMessage, _: str, __: Sequence[str]) -> dict[str, int]:
        begun.set()
        sleep(0.2)
        sent.append(str(message["Message-ID"]))
        return {}

    with ThreadPoolExecutor(2) as pool:  # each opens the lock's file anew, as a process does
        first = pool.submit(outbox(tmp_path).flush, "smtp://x", send=slowly)
        begun.wait(10)
        second = pool.submit(outbox(tmp_path).flush, "smtp://x", send=slowly)
    assert (first.result(), second.result()) == (3, 0)
    assert len(sent) == len(set(sent)) == 3


def test_a_refused_mail_waits_and_does_not_hold_up_the_others(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    for key in ("bad", "good"):
        box.put(mail(key), owner="x", night=NIGHT)
    with running(Inbox(["554 no such thing"])) as inbox:
        assert box.flush(f"smtp://127.0.0.1:{inbox.port}") == 1
    assert [(kept.message_id, kept.reason[-17:]) for kept in box.unsent()] == [
        ("<cchc.bad@soctrang.gov.vn>", "554 no such thing")
    ]


def test_a_mail_goes_over_starttls_with_a_password(tmp_path: Path) -> None:
    context, ca = certificate(tmp_path)
    box = outbox(tmp_path)
    box.put(mail("a"), owner="x", night=NIGHT)
    with running(Inbox(), tls=context, wants_password=True) as inbox:
        host = f"127.0.0.1:{inbox.port}?starttls=1&ca={ca}"
        assert box.flush(f"smtp://cchc%40stc:wrong@{host}") == 0
        assert "sai tên hoặc mật khẩu" in box.unsent()[0].reason
        assert box.flush(f"smtp://cchc%40stc:p%3Aw%2Fd@{host}") == 1
    assert len(inbox.mails) == 1


def test_text_from_forms_adds_no_header(tmp_path: Path) -> None:
    evil = "x\r\nBcc: evil@example.org\r\n\r\n<script>"
    outbox(tmp_path).put(mail("a", subject=evil, recipient=f"a@b.vn{evil[1:6]}"), owner="x", night=NIGHT)
    with running(Inbox()) as inbox:
        outbox(tmp_path).flush(f"smtp://127.0.0.1:{inbox.port}")
    for came in inbox.mails:
        assert came["Bcc"] is None
    assert not [r for recipients in inbox.recipients for r in recipients if "evil" in r]


def test_what_an_owner_was_told_is_known_by_its_last_night(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    assert box.told("H51.03") == {}
    box.put(mail("a"), owner="H51.03", night=NIGHT, cases=["s1", "late:2021-Q3"])
    box.put(mail("b"), owner="H51.03", night=date(2021, 12, 27), cases=["s1"])
    assert box.told("H51.03") == {"s1": date(2021, 12, 27), "late:2021-Q3": NIGHT}


def test_an_unknown_mail_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        outbox(tmp_path).get("<nobody@nowhere>")
