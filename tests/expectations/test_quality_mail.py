from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from expectations.errors import MailError
from expectations.mail import compose, deliver, parse_smtp_url
from tests.expectations.gate_mailbox import Inbox, certificate, running

USER = "cchc%40stc:p%3Aw%2Fd"


def message(**changes: str) -> EmailMessage:
    parts = {
        "subject": "[CCHC] Báo cáo chất lượng số liệu đêm 20/12/2021: 5 biểu bị tạm giữ",
        "text": "Số hồ sơ tiếp nhận phải bằng số hồ sơ trả kết quả\n",
        "html": "<p>Số hồ sơ tiếp nhận</p>",
        "sender": "Kho số liệu CCHC <cchc@soctrang.gov.vn>",
        "recipient": "snv@soctrang.gov.vn",
        "message_key": "20211220.abc",
    } | changes
    return compose(composed_at=datetime(2021, 12, 21, 1, 5, tzinfo=UTC), **parts)


def test_a_mail_has_a_plain_and_an_html_part_and_vietnamese_headers() -> None:
    with running(Inbox()) as inbox:
        assert deliver(message(), f"smtp://127.0.0.1:{inbox.port}") == {}
    (mail,) = inbox.mails
    assert mail["Subject"] == "[CCHC] Báo cáo chất lượng số liệu đêm 20/12/2021: 5 biểu bị tạm giữ"
    assert mail["From"] == "Kho số liệu CCHC <cchc@soctrang.gov.vn>"
    assert mail["Message-ID"] == "<cchc.20211220.abc@soctrang.gov.vn>"
    assert mail["Date"] == "Tue, 21 Dec 2021 01:05:00 +0000"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    plain, html = list(mail.iter_parts())
    assert "Số hồ sơ tiếp nhận phải bằng" in plain.get_content()
    assert "<p>Số hồ sơ tiếp nhận</p>" in html.get_content()


def test_the_same_report_gives_the_same_bytes() -> None:
    assert message().as_bytes() == message().as_bytes()


def test_a_line_break_in_a_header_can_not_add_another_header() -> None:
    mail = message(
        subject="Biểu\r\nBcc: kẻ.xấu@example.org", sender="a@b.vn\nX-Evil: 1", recipient="c@d.vn\r\nBcc: e@f.vn"
    )
    with running(Inbox()) as inbox:
        deliver(message(subject="Biểu\r\nBcc: evil@example.org"), f"smtp://127.0.0.1:{inbox.port}")
    assert set(mail.keys()) == set(message().keys())
    assert inbox.mails[0]["Bcc"] is None
    assert inbox.recipients == [["snv@soctrang.gov.vn"]]


def test_several_recipients_are_all_served() -> None:
    with running(Inbox()) as inbox:
        deliver(message(recipient="a@soctrang.gov.vn, Sở Nội vụ <b@soctrang.gov.vn>"), f"smtp://127.0.0.1:{inbox.port}")
    assert inbox.recipients == [["a@soctrang.gov.vn", "b@soctrang.gov.vn"]]


@pytest.mark.parametrize("option", ["", "&tls_verify=0", "&ca={ca}"])
def test_a_mail_goes_over_starttls_with_a_percent_encoded_password(tmp_path: Path, option: str) -> None:
    context, ca = certificate(tmp_path)
    with running(Inbox(), tls=context, wants_password=True) as inbox:
        deliver(message(), f"smtp://{USER}@127.0.0.1:{inbox.port}?starttls=1" + option.format(ca=ca))
    assert len(inbox.mails) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused_when_it_is_to_be_verified(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    with running(Inbox(), tls=context) as inbox, pytest.raises(MailError, match="chứng thư"):
        deliver(message(), f"smtp://127.0.0.1:{inbox.port}?starttls=1&tls_verify=1")
    assert inbox.tries == 0


def test_a_server_without_starttls_is_not_talked_to_in_clear_text() -> None:
    waits: list[float] = []
    with running(Inbox()) as inbox, pytest.raises(MailError, match="STARTTLS"):
        deliver(message(), f"smtp://127.0.0.1:{inbox.port}?starttls=1", sleep=waits.append)
    assert (inbox.tries, waits) == (0, [])


def test_a_wrong_password_is_told_without_the_password_and_not_tried_again(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    waits: list[float] = []
    with running(Inbox(), tls=context, wants_password=True) as inbox, pytest.raises(MailError) as caught:
        deliver(message(), f"smtp://cchc%40stc:bi-mat@127.0.0.1:{inbox.port}?starttls=1", sleep=waits.append)
    assert "sai tên hoặc mật khẩu" in str(caught.value)
    assert "bi-mat" not in str(caught.value)
    assert waits == []


def test_a_passing_refusal_is_tried_again() -> None:
    waits: list[float] = []
    with running(Inbox(["451 busy", "421 try later"])) as inbox:
        deliver(message(), f"smtp://127.0.0.1:{inbox.port}", sleep=waits.append)
    assert (inbox.tries, len(inbox.mails), waits) == (3, 1, [1.0, 4.0])


def test_a_final_refusal_is_told_at_once() -> None:
    waits: list[float] = []
    with running(Inbox(["554 no"])) as inbox, pytest.raises(MailError, match="554 no"):
        deliver(message(), f"smtp://127.0.0.1:{inbox.port}", sleep=waits.append)
    assert waits == []


def test_a_server_that_is_not_there_is_told_after_three_tries() -> None:
    with running(Inbox()) as inbox:
        port = inbox.port
    waits: list[float] = []
    with pytest.raises(MailError, match=f"127.0.0.1:{port}"):
        deliver(message(), f"smtp://127.0.0.1:{port}", sleep=waits.append)
    assert waits == [1.0, 4.0]


def test_an_smtp_address_is_parsed() -> None:
    server = parse_smtp_url("smtp://cchc%40stc:p%3Aw%2Fd@mail.soctrang.gov.vn?starttls=1&ca=/etc/ca.pem")
    assert (server.host, server.port, server.user, server.password) == (
        "mail.soctrang.gov.vn",
        587,
        "cchc@stc",
        "p:w/d",
    )
    assert (server.is_tls, server.is_starttls, server.is_verified, server.ca_file) == (False, True, True, "/etc/ca.pem")
    assert (parse_smtp_url("smtps://mail.vn").port, parse_smtp_url("smtp://mail.vn").port) == (465, 587)
    assert parse_smtp_url("smtp://mail.vn?starttls=0").port == 25
    assert "p:w/d" not in repr(server)


@pytest.mark.parametrize("host", ["mail.vn", "10.0.0.5:25", "user:bi-mat@mail.vn"])
def test_a_mail_leaves_this_machine_encrypted_unless_the_address_says_otherwise(host: str) -> None:
    assert parse_smtp_url(f"smtp://{host}").is_starttls
    assert not parse_smtp_url(f"smtp://{host}?starttls=0").is_starttls
    assert not parse_smtp_url("smtp://localhost").is_starttls


def test_a_certificate_is_verified_unless_the_server_is_this_machine() -> None:
    assert parse_smtp_url("smtp://mail.vn:587?starttls=1").is_verified
    assert parse_smtp_url("smtp://10.0.0.5:587?starttls=1").is_verified
    assert not parse_smtp_url("smtp://mail.vn:587?starttls=1&tls_verify=0").is_verified
    assert not parse_smtp_url("smtp://127.0.0.1:587?starttls=1").is_verified
    assert parse_smtp_url("smtp://localhost:587?starttls=1&tls_verify=1").is_verified


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://mail.vn", "phải có dạng"),
        ("smtp://", "phải có dạng"),
        ("smtp://mail.vn:port", "không hợp lệ"),
        ("smtp://mail.vn?starttls=1&tls=yes", "tuỳ chọn lạ: tls"),
        ("smtp://user:bi-mat@mail.vn?tls=0", "tuỳ chọn lạ: tls"),
    ],
)
def test_an_address_that_can_not_be_used_is_refused_without_telling_the_password(url: str, said: str) -> None:
    with pytest.raises(MailError, match=said) as caught:
        parse_smtp_url(url)
    assert "bi-mat" not in str(caught.value)
