"""Seconds of the clock and of CPU, and the peak of memory, of a contender of ``bench_quality.py``: one way for all."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

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
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
