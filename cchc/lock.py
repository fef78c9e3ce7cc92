"""The lock of a ``CCHC_HOME``: one night, or one command that a night must not meet, at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from cchc.settings import Settings


class NightBusyError(Exception):
    """Another night is running in the same ``CCHC_HOME``."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the lock; it goes with the process, however that ends. Raises ``NightBusyError`` where another holds it."""
    settings.home_path.mkdir(parents=True, exist_ok=True)
    with (settings.home_path / "night.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NightBusyError(f"another night is running in {settings.home_path}") from error
        yield
