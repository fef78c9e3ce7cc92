"""Processes started by the command line leave nothing behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from cchc.processes import running, session_members

# Starts a grandchild that outlives its parent, then goes.
ORPHAN = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("gone", flush=True)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def wait_for(log: Path, word: str) -> None:
    deadline = time.monotonic() + 20
    while word not in (log.read_text() if log.exists() else ""):
        assert time.monotonic() < deadline, f"{word} never came"
        time.sleep(0.02)


def test_a_grandchild_left_by_its_parent_is_ended_too(tmp_path: Path) -> None:
    with running([sys.executable, "-c", ORPHAN], environment=dict(os.environ), log=tmp_path / "log") as process:
        wait_for(tmp_path / "log", "gone")
        assert process.wait() == 0
        assert len(session_members(process.pid)) == 1
    assert session_members(process.pid) == []


def test_a_process_is_ended_when_what_it_serves_fails(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        running(
            [sys.executable, "-c", "import time; time.sleep(600)"], environment=dict(os.environ), log=tmp_path / "log"
        ) as process,
    ):
        raise KeyboardInterrupt
    assert process.returncode is not None
    assert session_members(process.pid) == []


def test_one_that_will_not_stop_is_stopped_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cchc.processes.PATIENCE_SECONDS", 0.5)
    with running([sys.executable, "-c", STUBBORN], environment=dict(os.environ), log=tmp_path / "log") as process:
        wait_for(tmp_path / "log", "up")
    assert session_members(process.pid) == []
