"""Processes that the command line starts: each in a session of its own, so that it can be ended with all its children."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 10.0


@contextmanager
def running(command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its output appended to ``log`` and a pipe to its standard input.

    It is ended with every process of its session on the way out, and on Ctrl-C too.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            command,
            bufsize=0,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.stdin and not process.stdin.closed:
            process.stdin.close()
        end_session(process)


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Ask every process of the session to stop, and stop by force what has not after 10 s. Orphans of it included."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE_SECONDS
        members = session_members(process.pid)
        for pid in members:
            _signal(pid, number)
        while members and time.monotonic() < deadline:
            process.poll()  # reaps the leader, which would else stay in the list
            time.sleep(0.05)
            members = session_members(process.pid)
        if not members:
            break
    process.wait()


def session_members(session: int) -> list[int]:
    """The ids of the living processes of a session (the id of its leader)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended while we looked
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
