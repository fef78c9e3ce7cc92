"""The mailbox over SMTP, and the stand-ins as a process of their own."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import ssl
import subprocess
import sys
import time
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from stand_ins.serve import StandIns, start
from tests.stand_ins.stand_in_client import SEEDS

ROOT = Path(__file__).parents[2]


def letter(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "cchc@soctrang.gov.vn", "snv@soctrang.gov.vn", subject
    mail.set_content("Có 3 báo cáo chưa đạt.\n")
    mail.add_alternative("<p>Có 3 báo cáo chưa đạt.</p>", subtype="html")
    return mail


def send(running: StandIns, mail: EmailMessage, *, password: str | None = None) -> None:
    url = urlsplit(running.smtp_url)
    with smtplib.SMTP(url.hostname or "", url.port or 0, timeout=10) as connection:
        if url.query == "starttls=1":
            connection.starttls(context=ssl.create_default_context(cafile=str(running.smtp_certificate)))
        connection.login(url.username or "", password or url.password or "")
        connection.send_message(mail)


def test_every_mail_is_one_file_as_it_was_sent(tmp_path: Path) -> None:
    with start(seeds=SEEDS, mailbox=tmp_path / "mails", only=("smtp",)) as running:
        assert running.portal_url == running.edoc_url == ""
        send(running, letter("Báo cáo chất lượng"))
        send(running, letter("Báo cáo thứ hai"))
        assert [path.name for path in running.mails] == ["0001.eml", "0002.eml"]
        mail = BytesParser(policy=policy.default).parsebytes(running.mails[0].read_bytes())
    assert mail["Subject"] == "Báo cáo chất lượng"
    assert mail["X-Envelope-To"] == "snv@soctrang.gov.vn"
    assert [part.get_content_type() for part in mail.walk()][1:] == ["text/plain", "text/html"]


def test_a_wrong_password_is_refused_at_once_and_leaves_no_mail(shared: StandIns) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(shared, letter("Không được gửi"), password="wrong")
    assert shared.mails == []


def test_nobody_sends_without_a_password(shared: StandIns) -> None:
    url = urlsplit(shared.smtp_url)
    with (
        smtplib.SMTP(url.hostname or "", url.port or 0, timeout=10) as connection,
        pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"),
    ):
        connection.send_message(letter("Không được gửi"))


def test_starttls_comes_with_a_certificate_that_a_client_can_trust(tmp_path: Path) -> None:
    with start(seeds=SEEDS, mailbox=tmp_path, only=("smtp",), starttls=True) as running:
        assert running.smtp_url.endswith("?starttls=1")
        send(running, letter("Qua TLS"))
        assert len(running.mails) == 1


def launch(folder: Path, *options: str) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "stand_ins", "--seeds", str(SEEDS), "--mailbox", str(folder / "mails")]
    process = subprocess.Popen(  # noqa: S603 our own module
        [*command, "--ready-file", str(ready), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 30
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            _, errors = process.communicate()
            pytest.fail(f"did not start: {errors.decode()}")
        time.sleep(0.02)
    return process, json.loads(ready.read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_is_ready_when_its_file_says_so_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    process, told = launch(tmp_path, "--dossiers", "200")
    form = {"grant_type": "client_credentials", "client_id": told["client_id"], "client_secret": told["client_secret"]}
    for url in (told["portal_url"], told["edoc_url"]):
        assert httpx.post(f"{url}/oauth/token", data=form, trust_env=False).status_code == 200
    assert told["smtp_url"].startswith("smtp://cchc:")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    assert (told["pid"], children) == (process.pid, "")
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    assert not (tmp_path / "ready.json").exists()


def test_the_process_starts_only_what_is_asked_for(tmp_path: Path) -> None:
    process, told = launch(tmp_path, "--only", "smtp")
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert (told["portal_url"], told["edoc_url"], process.returncode, errors) == ("", "", 0, b"")


def test_a_process_that_can_not_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stand_ins", "--seeds", str(tmp_path), "--mailbox", str(tmp_path / "mails")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert answer.returncode == 1
    assert "agencies.csv" in answer.stderr
