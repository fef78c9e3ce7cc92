"""``cchc doctor`` on sound and on broken set-ups."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from wsgiref.handlers import format_date_time

import pytest

from cchc import doctor
from cchc.doctor import Finding, as_text, examine
from cchc.night import LOCAL
from cchc.settings import Settings


def settings(home: Path, **changes: object) -> Settings:
    return Settings(_env_file=None, home=home, **changes)  # type: ignore[call-arg,arg-type]


def of(findings: list[Finding], check: str) -> Finding:
    (found,) = [finding for finding in findings if finding.check == check]
    return found


@pytest.fixture
def hour_ahead() -> Iterator[str]:
    """A token endpoint whose clock is an hour ahead of ours."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b'{"access_token": "t", "token_type": "Bearer", "expires_in": 300}'
            self.send_response_only(200)
            self.send_header("Date", format_date_time((datetime.now(LOCAL) + timedelta(hours=1)).timestamp()))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_new_machine_has_nothing_to_mend(tmp_path: Path) -> None:
    findings = examine(settings(tmp_path / "data"))
    assert [finding for finding in findings if finding.state == "fail"] == []
    assert not (tmp_path / "data").exists()  # it looks and touches nothing
    assert as_text(findings).splitlines()[-1].endswith("0 to mend")


def test_each_broken_thing_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be", encoding="ascii")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        findings = examine(
            settings(
                tmp_path / "home",
                portal_url=f"http://127.0.0.1:{port}",
                client_id="us",
                client_secret="s3cret-word",
                smtp_url=f"smtp://u:s3cret-word@127.0.0.1:{port}?starttls=1",
                stand_ins=False,
            )
        )
    assert of(findings, "CCHC_HOME").state == "fail"
    assert "is a file" in of(findings, "CCHC_HOME").found
    assert of(findings, "portal").state == "fail"
    assert "CCHC_PORTAL_URL" in of(findings, "portal").advice
    assert of(findings, "edoc") == Finding("edoc", "warn", "no address: skipped", "set CCHC_EDOC_URL")
    assert of(findings, "mail server").state == "fail"
    assert of(findings, "report's recipient").advice == "set CCHC_REPORT_TO"
    assert "s3cret-word" not in as_text(findings)


def test_a_clock_that_is_an_hour_off_is_found_by_the_sources_own(tmp_path: Path, hour_ahead: str) -> None:
    findings = examine(settings(tmp_path, portal_url=hour_ahead))
    assert of(findings, "portal").found == "a token was given"
    assert of(findings, "clock").state == "fail"
    assert of(findings, "clock").found.startswith(("-3600", "-3599", "-3601"))


def test_a_damaged_ledger_and_a_published_file_that_is_none_are_found(tmp_path: Path) -> None:
    ledger = tmp_path / "landing" / "ledger.sqlite"
    ledger.parent.mkdir()
    with sqlite3.connect(ledger) as database:
        database.execute("create table landed (landed_id integer primary key, text)")
        database.executemany("insert into landed (text) values (?)", [("x" * 500,)] * 100)
    database.close()
    damaged = bytearray(ledger.read_bytes())
    damaged[4096:8192] = b"\xff" * 4096
    ledger.write_bytes(damaged)
    findings = examine(settings(tmp_path))
    assert [finding.state for finding in findings if finding.check in ("landing ledger", "state")] == ["fail"]


def test_a_published_file_that_is_none_is_found(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    with sqlite3.connect(tmp_path / "landing" / "ledger.sqlite") as database:
        database.execute("create table landed (landed_id integer primary key)")
    database.close()
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "cchc.duckdb").write_bytes(b"no database")
    findings = examine(settings(tmp_path))
    assert of(findings, "landing ledger").found == "0 bodies"
    assert of(findings, "published file").state == "fail"


def test_a_check_that_breaks_is_a_finding_and_the_others_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_check(_: Settings) -> Iterator[Finding]:
        raise OSError("no such device")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (broken_check, doctor.versions))
    findings = examine(settings(tmp_path))
    assert of(findings, "broken check") == Finding(
        "broken check", "fail", "OSError: no such device", "see the message; the check itself broke"
    )
    assert of(findings, "python").state == "ok"


def test_a_taken_port_is_told_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        findings = examine(settings(tmp_path, marts_port=holder.getsockname()[1]))
    assert of(findings, "port of marts").state == "warn"
    assert "CCHC_MARTS_PORT" in of(findings, "port of marts").advice
