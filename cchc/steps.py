"""What each step of a run came to, one JSON line each: the run's own record, which terminal and summary read.

A line says ``started`` or ``ended``; a step that was tried again has several pairs, and the last one counts.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

Facts = dict[str, Any]

#: The steps that read a door, with the door's name for officers.
DOORS = {
    "pull_portal_submissions": "Cổng dịch vụ công (biểu thống kê)",
    "pull_portal_dossiers": "Cổng dịch vụ công (hồ sơ)",
    "pull_edocuments": "Trục liên thông văn bản",
    "collect_drops": "Thư mục nhận tệp",
}
#: Every step whose end the night's end depends on, in order.
STEPS = (
    *DOORS,
    "load_raw",
    "build",
    "gate",
    "build_marts",
    "publish",
    "report",
)


def door_failure(facts: Facts) -> str:
    """Why a door was not read to its end, or a second register behind it was not; empty where all was."""
    return facts.get("failure") or (facts.get("outgoing") or {}).get("failure") or ""


class StepError(Exception):
    """A step ended otherwise than designed; the message says why, ``facts`` what it came to all the same."""

    def __init__(self, reason: str, facts: Facts | None = None) -> None:
        super().__init__(reason)
        self.facts = facts or {}


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of one run. ``seconds`` is None while it runs; ``failure`` is empty when it ended well."""

    step: str
    started_at: str
    seconds: float | None = None
    failure: str = ""
    facts: Facts = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        return self.seconds is not None


class RunRecord:
    """The steps of one run of the DAG, in a file of its own. Several processes may write to it at once."""

    def __init__(self, folder: Path, run_id: str) -> None:
        self.run_id = run_id
        self.path = folder / f"{re.sub(r'[^0-9A-Za-z._-]+', '_', run_id)}.jsonl"

    def run(self, step: str, body: Callable[[], Facts], *, now: Callable[[], datetime]) -> Facts:
        """Run ``body``, writing down when it began, how long it took and what it gave or why it failed."""
        started_at = now().isoformat(timespec="seconds")
        started = time.monotonic()
        self._write({"step": step, "started_at": started_at})
        try:
            facts = body()
        except BaseException as error:
            told = error.facts if isinstance(error, StepError) else {}
            self._write(
                {
                    "step": step,
                    "started_at": started_at,
                    "seconds": round(time.monotonic() - started, 3),
                    "failure": str(error) or type(error).__name__,
                    "facts": told,
                }
            )
            raise
        self._write(
            {"step": step, "started_at": started_at, "seconds": round(time.monotonic() - started, 3), "facts": facts}
        )
        return facts

    def steps(self) -> dict[str, StepRecord]:
        """The last word on each step that was begun, in the order in which they were begun."""
        if not self.path.exists():
            return {}
        found: dict[str, StepRecord] = {}
        for line in self.path.read_text(encoding="utf-8").splitlines():
            found[json.loads(line)["step"]] = StepRecord(**json.loads(line))
        return found

    def _write(self, line: Facts) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One write of one whole line to a file opened for appending: processes side by side can't mix their lines.
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, (json.dumps(line, ensure_ascii=False, default=str) + "\n").encode())
        finally:
            os.close(handle)
