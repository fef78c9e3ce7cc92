"""Parts of an installation: processes that stay when the command that started them is over, and are found again.

``<folder>/<name>.json`` names a part's process by id, start and boot, so that no other process is ever taken for it.
"""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cchc.processes import PATIENCE_SECONDS, begin, end_all, send, session_members, started_ticks

_TOKEN = "CCHC_PART"  # noqa: S105 - the variable's name
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Part:
    """A process that was started. ``token`` stands in its environment and its children's; ``stops_by`` is the signal that it
    alone is sent first, 0 where none is."""

    name: str
    pid: int
    started_ticks: int
    boot: str
    token: str
    stops_by: int = 0

    @property
    def is_alive(self) -> bool:
        return _boot() == self.boot and started_ticks(self.pid) == self.started_ticks

    @property
    def members(self) -> list[int]:
        """The living processes of it: of its session, and those that began sessions of their own with its environment."""
        if _boot() != self.boot:
            return []
        found = set(_with_environment(f"{_TOKEN}={self.token}"))
        if started_ticks(self.pid) in (None, self.started_ticks):  # else another process has got its id since
            found |= set(session_members(self.pid))
        return sorted(found)


class Parts:
    """The parts of one installation, in the order in which they were begun."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def begin(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        user: str | None = None,
        stops_by: signal.Signals | None = None,
    ) -> Part:
        """Start a part; what its log held before goes to ``<name>.log.1``."""
        log = self.log(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        token = secrets.token_hex(16)
        told = {**environment, _TOKEN: token}
        process = begin(command, environment=told, log=log, stdin=subprocess.DEVNULL, user=user)
        process.returncode = 0  # it outlives us: nobody is to wait for it
        ticks = started_ticks(process.pid)
        part = Part(name, process.pid, -1 if ticks is None else ticks, _boot(), token, int(stops_by or 0))
        fresh = self.folder / f".{name}.new"
        fresh.write_text(json.dumps(asdict(part)) + "\n", encoding="ascii")
        fresh.replace(self._path(name))
        return part

    def all(self) -> list[Part]:
        found = [Part(**json.loads(path.read_text(encoding="ascii"))) for path in self.folder.glob("*.json")]
        return sorted(found, key=lambda part: (part.started_ticks, part.pid))

    def forget_past_boots(self) -> None:
        """Nothing of before the machine's last start lives."""
        for part in self.all():
            if part.boot != _boot():
                self._path(part.name).unlink()

    def ask(self, part: Part) -> None:
        """Ask the part to end, with its children, and do not wait: those that are ended one after the other end side by side."""
        for pid in part.members:
            send(pid, signal.SIGTERM)

    def end(self, part: Part) -> bool:
        """End the part with its children and forget it; False where it had ended by itself."""
        was_there = part.is_alive
        if was_there and part.stops_by:
            send(part.pid, part.stops_by)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while part.is_alive and time.monotonic() < deadline:
                time.sleep(0.05)
        end_all(lambda: part.members)
        self._path(part.name).unlink(missing_ok=True)
        return was_there

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _with_environment(line: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if line.encode() in path.read_bytes().split(b"\0") and started_ticks(int(path.parent.name)) is not None:
                found.append(int(path.parent.name))
        except OSError:  # it ended, or is another user's
            continue
    return found


def _boot() -> str:
    return _BOOT.read_text(encoding="ascii").strip()
