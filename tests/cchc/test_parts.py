"""Parts of an installation are ended with all that they started, and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cchc.parts import Part, Parts
from cchc.processes import started_ticks

SLEEP = "import time; time.sleep(600)"
# Starts a child in a session of its own, as Superset's server is, then says so and stays or goes.
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)
print(child.pid, flush=True)
"""


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    parts = Parts(tmp_path)
    yield parts
    for part in parts.all():
        parts.end(part)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as process:  # noqa: S603
        yield process
        process.kill()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def begun(parts: Parts, body: str) -> Part:
    return parts.begin("part", [sys.executable, "-c", body], environment=dict(os.environ))


@pytest.mark.parametrize("stays", ["time.sleep(600)", ""])
def test_a_part_ends_with_children_that_left_its_session(parts: Parts, stays: str) -> None:
    part = begun(parts, PARENT + stays)
    until(lambda: parts.log("part").read_text() != "" and (part.is_alive is bool(stays)))
    child = int(parts.log("part").read_text())
    assert child in part.members
    assert parts.end(part) is bool(stays)
    assert started_ticks(child) is None
    assert parts.all() == []


def test_a_process_that_got_the_id_later_is_let_alone(parts: Parts, bystander: subprocess.Popen[bytes]) -> None:
    part = begun(parts, SLEEP)
    record = parts.folder / "part.json"
    before = (started_ticks(bystander.pid) or 0) - 1
    of_another = {"name": "other", "pid": bystander.pid, "started_ticks": before, "token": "another"}
    other = json.loads(record.read_text()) | of_another
    (parts.folder / "other.json").write_text(json.dumps(other))
    assert [found.is_alive for found in parts.all() if found.pid == bystander.pid] == [False]
    for found in parts.all():
        assert parts.end(found) is (found.pid == part.pid)
    assert bystander.poll() is None


def test_a_part_of_before_the_last_boot_is_nobody(parts: Parts) -> None:
    part = begun(parts, SLEEP)
    record = parts.folder / "part.json"
    (parts.folder / "before.json").write_text(
        json.dumps(json.loads(record.read_text()) | {"name": "before", "boot": "another"})
    )
    before = next(found for found in parts.all() if found.boot == "another")
    assert (before.is_alive, before.members) == (False, [])
    parts.forget_past_boots()
    assert parts.all() == [part]
    assert part.is_alive


def test_a_log_of_before_is_kept_once(parts: Parts) -> None:
    for word in ("first", "second", "third"):
        part = begun(parts, f"print({word!r}, flush=True)")
        until(lambda part=part: not part.is_alive)  # type: ignore[misc]
    assert [parts.log("part").read_text(), (parts.folder / "part.log.1").read_text()] == ["third\n", "second\n"]
