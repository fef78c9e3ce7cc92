"""The stand-ins' process: started for the doors that have no address of their own, ended with its user."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cchc.processes import running
from cchc.settings import Settings, process_environment

STAND_IN_RECIPIENT = "phong-cchc@sonoivu.stand-in.example"
START_SECONDS = 120.0


class StandInError(Exception):
    """The stand-ins did not start; the message says why, and where their log is."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """A stand-ins' process that was started, and the file in which it says that it is ready."""

    process: subprocess.Popen[bytes]
    ready_file: Path
    log: Path
    only: tuple[str, ...]

    def wait(self) -> dict[str, str]:
        """Wait until they answer; the settings with which the night finds them. Raises ``StandInError``."""
        deadline = time.monotonic() + START_SECONDS
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise StandInError(f"the stand-ins did not start; see {self.log}")
            time.sleep(0.05)
        told: dict[str, str] = json.loads(self.ready_file.read_text(encoding="utf-8"))
        return told


def missing_doors(settings: Settings) -> list[str]:
    """Which of portal, edoc and smtp have no address of their own; none when no stand-in is wanted."""
    if not settings.stand_ins:
        return []
    addresses = {
        "portal": settings.portal_url,
        "edoc": settings.edoc_url,
        "smtp": settings.smtp_url.get_secret_value(),
    }
    return [name for name, address in addresses.items() if not address]


@contextmanager
def stand_ins(settings: Settings, only: list[str]) -> Iterator[StandIns]:
    """The stand-ins as a process of their own on loopback; they end with this context."""
    folder = settings.home_path / "stand_ins"
    folder.mkdir(parents=True, exist_ok=True)
    ready_file = folder / "ready.json"
    ready_file.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "stand_ins"),
        *("--seeds", str(settings.seeds_path)),
        *("--mailbox", str(settings.mailbox_path)),
        *("--ready-file", str(ready_file)),
        *("--only", ",".join(only)),
    ]
    log = folder / "stand_ins.log"
    with running(command, environment=process_environment(), log=log) as process:
        yield StandIns(process=process, ready_file=ready_file, log=log, only=tuple(only))
