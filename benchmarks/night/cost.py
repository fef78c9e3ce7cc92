"""What a command costs with all that it starts: seconds of the clock and of CPU, the peak of memory of all together."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, CPU seconds of the whole tree, peak of the tree's memory in MB (each shared page counted once)."""

    seconds: float
    cpu_seconds: float
    peak_mb: float

    def __add__(self, other: Cost) -> Cost:
        """One after the other."""
        return Cost(
            self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds, max(self.peak_mb, other.peak_mb)
        )


def run(
    command: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str], server: int | None = None
) -> tuple[Cost, str]:
    """Run to the end; its cost and what it printed. ``server``, the id of a process that works for it, is counted too, with
    its children. Raises ``SystemExit`` with the end of what it printed when it fails."""
    before = _server_cpu(server)
    with tempfile.TemporaryFile() as output:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own commands
            list(map(str, command)),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        watch = _Watch([process.pid, *([server] if server else [])])
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        peak_mb = watch.end()
        output.seek(0)
        said = output.read().decode(errors="replace")
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said[-4000:]}")
    return Cost(seconds, used.ru_utime + used.ru_stime + _server_cpu(server) - before, peak_mb), said


class _Watch:
    """Looks at the memory of some processes and all their descendants, five times a second."""

    def __init__(self, roots: list[int]) -> None:
        self._roots = roots
        self._peak_kb = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return self._peak_kb / 1024

    def _look(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._peak_kb = max(self._peak_kb, sum(_pss_kb(pid) for pid in _tree(self._roots)))


def _tree(roots: list[int]) -> set[int]:
    found = set(roots)
    for root in roots:
        with suppress(psutil.Error):
            found |= {child.pid for child in psutil.Process(root).children(recursive=True)}
    return found


def _pss_kb(pid: int) -> int:
    """Memory of a process, its share of what it shares; 0 once it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        return 0
    return 0


def _server_cpu(server: int | None) -> float:
    """Seconds of a server, its living children and those that have ended."""
    if server is None:
        return 0.0
    total = 0.0
    for pid in _tree([server]):
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            total += times.user + times.system
            if pid == server:
                total += times.children_user + times.children_system
    return total
