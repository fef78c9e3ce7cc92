"""Whole nights by the command line: Airflow, dbt, the gate and the publication as they are. Only drops come in."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.settings import ROOT

NIGHT = "2021-12-20"


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
    done = cchc(home, "nightly", "--date", NIGHT)
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

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        lost = cchc(
            home, "nightly", "--date", NIGHT, CCHC_PORTAL_URL=address, CCHC_CLIENT_ID="a", CCHC_CLIENT_SECRET="b"
        )
    assert lost.returncode == 1, lost.stdout
    assert "PUBLICATION STOPPED" in lost.stdout
    told = summary(home)
    assert told["outcome"] == "stopped"
    assert "publish" not in told["seconds"]
    assert "report" in told["seconds"]
    assert published.stat().st_ino == before.st_ino

    runs = cchc(home, "status")
    assert [line.split()[2] for line in runs.stdout.splitlines()[2:5]] == ["stopped", "unchanged", "published"]


def test_wrong_usage_is_told_and_has_a_status_of_its_own(home: Path) -> None:
    assert cchc(home, "nightly", "--date", "20.12.2021").returncode == 2
    wrong = cchc(home, "query", "select nonsense from nowhere")
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr
    assert "Traceback" not in wrong.stderr
