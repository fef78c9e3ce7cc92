"""The mailbox's page."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from stand_ins.inbox import inbox_app
from stand_ins.mailbox import Mailbox
from stand_ins.serve import start
from tests.stand_ins.stand_in_client import SEEDS


def letter(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "cchc@soctrang.gov.vn", "snv@soctrang.gov.vn", subject
    mail.set_content("Có 3 báo cáo chưa đạt.\n")
    mail.add_alternative("<p>Có <b>3</b> báo cáo chưa đạt.</p><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"PK bytes", maintype="application", subtype="zip", filename="bảng.zip")
    return mail


@pytest.fixture
def page(tmp_path: Path) -> TestClient:
    box = Mailbox(tmp_path)
    for number, subject in enumerate(("Báo cáo <một>", "Báo cáo hai"), start=1):
        (tmp_path / f"{number:04d}.eml").write_bytes(letter(subject).as_bytes())
    return TestClient(inbox_app(box))


def test_the_latest_mail_stands_first(page: TestClient) -> None:
    text = page.get("/").text
    assert text.index("Báo cáo hai") < text.index("Báo cáo &lt;một&gt;")


def test_a_mail_is_shown_with_what_it_brings_and_runs_nothing(page: TestClient) -> None:
    answer = page.get("/mails/1")
    assert "<script" not in answer.text
    assert "&lt;b&gt;3&lt;/b&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert page.get("/mails/1/0").content == b"PK bytes"
    assert page.get("/mails/1/0").headers["content-disposition"] == "attachment"
    assert [page.get(f"/mails/{path}").status_code for path in ("3", "1/1", "..%2f..")] == [404, 404, 404]


def test_it_is_served_where_it_is_asked_for(tmp_path: Path) -> None:
    with start(seeds=SEEDS, mailbox=tmp_path, only=("smtp",)) as without:
        assert without.inbox_url == ""
    with start(seeds=SEEDS, mailbox=tmp_path, only=("smtp",), inbox_port=0) as running:
        assert "No mail yet" in httpx.get(running.inbox_url).text
