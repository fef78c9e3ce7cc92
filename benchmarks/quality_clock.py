"""Seconds of the clock and of CPU, and the peak of memory, of a contender of ``bench_quality.py``: one way for all."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

Spent = dict[str, float]


class Clock:
    """``start`` once everything is imported, ``spent`` at the last result; what is left out in between is not counted."""

    def start(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def leave_out(self, work: Callable[[], None]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        self._wall += time.perf_counter() - wall
        self._cpu += time.process_time() - cpu

    def spent(self) -> Spent:
        return {
            "seconds": time.perf_counter() - self._wall,
            "cpu_seconds": time.process_time() - self._cpu,
            "memory_mb": _peak_memory_mb(),
        }


def _peak_memory_mb() -> float:
    """Of this program alone: what ``getrusage`` tells starts at the memory of the process that started it."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    assert found  # noqa: S101 - every Linux tells
    return int(found[1]) / 1024
