"""Processes that the command line starts: each in a session of its own, so that it can be ended with all its children."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 10.0


def begin(
    command: Sequence[str], *, environment: Mapping[str, str], log: Path, stdin: int, user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output appended to ``log``; as another user where this one is root."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own programs, no shell
            command,
            bufsize=0,
            env=dict(environment),
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )


@contextmanager
def running(command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its output appended to ``log`` and a pipe to its standard input.

    It is ended with every process of its session on the way out, and on Ctrl-C too.
    """
    process = begin(command, environment=environment, log=log, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.stdin and not process.stdin.closed:
            process.stdin.close()
        end_session(process)


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Ask every process of the session to stop, and stop by force what has not after 10 s. Orphans of it included."""

    def living() -> list[int]:
        process.poll()  # reaps the leader, which would else stay in the list
        return session_members(process.pid)

    end_all(living)
    process.wait()


def end_all(living: Callable[[], list[int]], numbers: Sequence[int] = (signal.SIGTERM, signal.SIGKILL)) -> None:
    """Send each signal in turn to those that are ``living`` then, with 10 s to end before the next."""
    for number in numbers:
        deadline = time.monotonic() + PATIENCE_SECONDS
        for pid in living():
            send(pid, number)
        while living():
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return


def session_members(session: int) -> list[int]:
    """The ids of the living processes of a session (the id of its leader)."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if (stat := _stat(pid)) and int(stat[3]) == session]


def started_ticks(pid: int) -> int | None:
    """When a living process was started, in clock ticks since the machine's; None where there is none. Together with its id
    it names one process and no later one."""
    stat = _stat(pid)
    return int(stat[19]) if stat else None


def _stat(pid: int) -> list[str] | None:
    """What ``/proc/<pid>/stat`` says after the name; None where the process has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it ended while we looked
        return None
    return None if fields[0] == "Z" else fields


def send(pid: int, number: int) -> None:
    """Send a signal; nothing where the process has ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
