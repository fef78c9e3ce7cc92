"""Our side of the reading process: a request goes in, plain records come out, and a process that misbehaves is ended."""

from __future__ import annotations

import atexit
import io
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from ingestion.forms.containers.limits import BROKE_THE_READER, Limits, RefusedError

_ROOT = Path(__file__).resolve().parents[3]
_RECORDS = {kind.__name__: kind for kind in (date, datetime, time_of_day, timedelta)}
_START_SECONDS = 60.0


class _PlainUnpickler(pickle.Unpickler):
    """Takes numbers, texts, times and collections of them; no other class is ever looked up."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in _RECORDS:
            return _RECORDS[name]
        raise pickle.UnpicklingError(f"{module}.{name}")


class Reader:
    """A reading process and the pipe to it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._connection, other = Pipe()
        number = other.fileno()
        self._process = subprocess.Popen(  # noqa: S603 - our own module, with arguments of our own
            [sys.executable, "-m", "ingestion.forms.containers.worker", str(number), pickle.dumps(limits).hex()],
            cwd="/",
            env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1", "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(number,),
        )
        other.close()
        if not self._connection.poll(_START_SECONDS):
            self.end()
            raise RefusedError("trình đọc không khởi động được; xin thử lại")
        self._connection.recv_bytes()

    def ask(self, request: tuple[Any, ...], deadline: float) -> Iterator[tuple[Any, ...]]:
        """The answers to a request, the last being one of result or refusal. Raises ``RefusedError`` when it gives none."""
        try:
            self._connection.send_bytes(pickle.dumps(request, protocol=5))
            while True:
                if not self._connection.poll(max(deadline - time.monotonic(), 0)):
                    self.end()
                    raise RefusedError(f"đọc quá lâu (hơn {self.limits.most_seconds:g} giây), đã dừng")
                answer = _PlainUnpickler(io.BytesIO(self._connection.recv_bytes())).load()
                if answer[0] == "busy":
                    deadline = time.monotonic() + self.limits.most_seconds
                    continue
                if answer[0] == "spent":  # it ends by itself, but the next file must not meet it while it does
                    self.end()
                yield answer
                return
        except (EOFError, OSError) as error:
            self.end()
            raise RefusedError(BROKE_THE_READER) from error

    def end(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()

    @property
    def is_usable(self) -> bool:
        return not self._connection.closed and self._process.poll() is None


_idle: list[Reader] = []
_lock = threading.Lock()


def ask(request: tuple[Any, ...], limits: Limits, deadline: float) -> tuple[Any, ...]:
    """One request to a reading process that is free; as many run side by side as there are callers.

    Raises ``RefusedError`` with the reason when the file is not read.
    """
    taken_at = time.monotonic()
    reader = _take(limits)
    deadline += time.monotonic() - taken_at  # the file is not to blame for the start of a process
    try:
        (answer,) = reader.ask(request, deadline)
    finally:
        _give_back(reader)
    if answer[0] in ("refused", "spent"):
        raise RefusedError(str(answer[1]))
    return answer


def _take(limits: Limits) -> Reader:
    with _lock:
        for index, reader in enumerate(_idle):
            if reader.limits == limits and reader.is_usable:
                return _idle.pop(index)
    return Reader(limits)


def _give_back(reader: Reader) -> None:
    if not reader.is_usable:
        return
    with _lock:
        _idle.append(reader)
        surplus = _idle[:-4]
        del _idle[:-4]
    for old in surplus:
        old.end()


@atexit.register
def end_all() -> None:
    with _lock:
        while _idle:
            _idle.pop().end()


# A forked process must not speak through pipes that its parent reads from.
os.register_at_fork(after_in_child=_idle.clear)
