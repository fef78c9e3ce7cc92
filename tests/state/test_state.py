"""Our own files of the first release, opened by this one; and what happens when that can't be done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from expectations.outbox import Outbox
from ingestion.landing import Landing
from state import StateError, connect

ROOT = Path(__file__).resolve().parents[2]
FIRST = Path(__file__).parent / "first_release"
MOMENT = datetime(2021, 12, 21, 1, 30)


def made(name: str, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FIRST / name).read_text(encoding="utf-8"))
    return path


def migrations(folder: Path, *texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, start=1):
        (folder / f"{number:04}_step.sql").write_text(text, encoding="utf-8")
    return folder


def test_a_ledger_of_the_first_release_is_brought_up_and_keeps_what_it_says(tmp_path: Path) -> None:
    made("ledger.sql", tmp_path / "ledger.sqlite")
    with Landing(tmp_path) as landing:
        (row,) = landing.landed_after(0)
        assert (row.locator, row.night_on) == ("H51.03/a.txt", date(2021, 12, 20))
        assert landing.outcomes_after(0)[0][7] == "không đọc được"
        assert landing.watermark("dossiers") == "2021-12-19T08:00:00"
        assert [owed[0] for owed in landing.owed_acknowledgements()] == ["750200"]
        landing.purge(row.sha256, reason="gửi nhầm", decided_by="Trần B", now=MOMENT)
        assert landing.purged() == {row.sha256: "gửi nhầm"}


def test_an_outbox_of_the_first_release_still_has_its_mail(tmp_path: Path) -> None:
    outbox = Outbox(made("outbox.sql", tmp_path / "outbox.sqlite"), now=lambda: MOMENT)
    (kept,) = outbox.unsent()
    assert (kept.owner, kept.subject) == ("H51.03", "Báo cáo")
    assert outbox.told("H51.03") == {"late:2021": date(2021, 12, 20)}


def test_a_file_of_a_newer_release_is_left_alone_and_named(tmp_path: Path) -> None:
    path = tmp_path / "ours.sqlite"
    connect(path, migrations(tmp_path / "new", "create table one (x text)", "create table two (x text)")).close()
    before = path.read_bytes()
    with pytest.raises(StateError, match=r"ours\.sqlite was made by a newer release"):
        connect(path, migrations(tmp_path / "old", "create table one (x text)"))
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ours.sqlite"
    first = "create table one (x text)"
    with closing(connect(path, migrations(tmp_path / "steps", first))) as database:
        database.execute("insert into one values ('kept')")
    steps = migrations(tmp_path / "steps", first, "alter table one rename to two; insert into nowhere values (1)")
    with pytest.raises(sqlite3.OperationalError):
        connect(path, steps)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select x from one").fetchall() == [("kept",)]
    mended = migrations(tmp_path / "steps", first, "alter table one rename to two")
    with closing(connect(path, mended)) as database:
        assert database.execute("select x from two").fetchall() == [("kept",)]


def test_several_processes_may_open_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from ingestion.landing import Landing; Landing(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)]  # noqa: S603
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [(b"", 0)] * 4
    with Landing(tmp_path) as landing:
        assert landing.purged() == {}
