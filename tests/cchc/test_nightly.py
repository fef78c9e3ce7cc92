"""Whole nights by the command line: Airflow, dbt, the gate and the publication as they are. Only drops come in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.settings import ROOT

NIGHT = "2021-12-20"
#: Of the sources, the mail server, the personal numbers, PostgreSQL: none may stand in anything that a night leaves behind.
SECRETS = tuple(f"planted-secret-{number}" for number in range(4))


@contextmanager
def echoing() -> Iterator[str]:
    """A server that refuses everything, and says again what it was told; its host and port."""

    class Echo(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = self.rfile.read(int(self.headers["Content-Length"] or 0))
            answer = json.dumps({"error": "invalid_client", "error_description": f"{told!r} {self.headers}"}).encode()
            self.send_response(401)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def cchc(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCHC_")}
    environment |= {"CCHC_HOME": str(home), "CCHC_STAND_INS": "0", "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "cchc.main", *arguments],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )


def summary(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "reports" / NIGHT / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one night that took in the shipped scan and a file that nobody can read."""
    home = tmp_path_factory.mktemp("home")
    inbox = home / "drops" / "inbox" / "H51.03"
    inbox.mkdir(parents=True)
    (inbox / "scan.txt").write_bytes((ROOT / "examples" / "H51.03" / "report_5686_BC-STC_2021_scan.txt").read_bytes())
    (inbox / "hỏng.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    for_others = {"AIRFLOW_HOME": "/nonexistent", "AIRFLOW__CORE__DAGS_FOLDER": "/nonexistent", "DBT_TARGET": "prod"}
    done = cchc(home, "nightly", "--date", NIGHT, **for_others)
    assert done.returncode == 0, done.stdout + done.stderr
    (home / "first.out").write_text(done.stdout, encoding="utf-8")
    return home


def test_the_first_night_publishes_what_it_read_and_names_what_it_could_not(home: Path) -> None:
    out = (home / "first.out").read_text(encoding="utf-8")
    assert "new marts are published" in out
    assert "hỏng.xlsx" in out
    assert "the portal is skipped" in out
    with duckdb.connect(str(home / "published" / "cchc.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from mart.fct_indicator_value").fetchall() == [(133,)]
    assert [oct((home / name).stat().st_mode & 0o777) for name in ("landing", "warehouse")] == ["0o700", "0o700"]
    asked = cchc(home, "query", "select value from fct_indicator_value where indicator_code = 'III.6.1'", "--csv")
    assert asked.stdout == "value\n529\n"


def test_the_same_night_twice_changes_nothing_and_a_lost_source_stops_the_publication(home: Path) -> None:
    published = home / "published" / "cchc.duckdb"
    before = published.stat()
    again = cchc(home, "nightly", "--date", NIGHT)
    assert again.returncode == 0, again.stdout
    assert "Nothing new came by any door" in again.stdout
    assert summary(home)["outcome"] == "unchanged"
    assert published.stat().st_ino == before.st_ino

    with echoing() as address:
        lost = cchc(
            home,
            *("nightly", "--date", NIGHT),
            CCHC_PORTAL_URL=f"http://{address}",
            CCHC_CLIENT_ID="a",
            CCHC_CLIENT_SECRET=SECRETS[0],
            CCHC_SMTP_URL=f"smtp://cchc:{SECRETS[1]}@{address}",
            CCHC_REPORT_TO="cchc@example.vn",
            CCHC_PSEUDONYM_KEY=SECRETS[2],
            CCHC_PUBLISH_POSTGRES=f"postgresql://cchc:{SECRETS[3]}@{address}/cchc",
        )
    assert lost.returncode == 1, lost.stdout
    assert [secret for secret in SECRETS if secret in lost.stdout + lost.stderr] == []
    written = [(path, path.read_bytes()) for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [(path, secret) for path, text in written for secret in SECRETS if secret.encode() in text] == []
    assert "PUBLICATION STOPPED" in lost.stdout
    told = summary(home)
    assert told["outcome"] == "stopped"
    assert "publish" not in told["seconds"]
    assert "report" in told["seconds"]
    assert published.stat().st_ino == before.st_ino

    runs = cchc(home, "status")
    assert [line.split()[2] for line in runs.stdout.splitlines()[2:5]] == ["stopped", "unchanged", "published"]


def test_an_airflow_that_does_not_come_up_is_told_with_its_error(tmp_path: Path) -> None:
    done = cchc(tmp_path, "nightly", "--date", NIGHT, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:////nonexistent/a.db")
    assert done.returncode == 1
    assert "Airflow ended with status 1 before the run was over: sqlalchemy.exc.OperationalError" in done.stdout
    assert "unable to open database file" in done.stdout


def test_wrong_usage_is_told_and_has_a_status_of_its_own(home: Path) -> None:
    assert cchc(home, "nightly", "--date", "20.12.2021").returncode == 2
    wrong = cchc(home, "query", "select nonsense from nowhere")
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr
    assert "Traceback" not in wrong.stderr
