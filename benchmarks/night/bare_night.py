"""The steps of our nights one after the other in this process, without Airflow: ``python -m benchmarks.night.bare_night DATE …``.

Settings come from the environment. Between nights one more workbook is taken from ``NEXT_WORKBOOKS`` into the inbox, where that
is set. Prints one JSON list: for each night its seconds of CPU (its ended children's too) and by step seconds of the clock.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

from cchc.night import BODIES, now, run_record
from cchc.settings import load_settings


def main(nights: list[date]) -> None:
    gc.set_threshold(200_000, 20, 50)  # what a night does
    settings = load_settings()
    waiting = sorted(Path(folder).rglob("*.xlsx")) if (folder := os.environ.get("NEXT_WORKBOOKS")) else []
    told: list[dict[str, Any]] = []
    for number, night in enumerate(nights):
        if number and waiting:
            path = waiting.pop(0)
            target = settings.drops_path / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        before = _cpu_seconds()
        record = run_record(settings, f"{night}")
        for step, body in BODIES.items():
            record.run(step, lambda body=body: body(night, settings, record), now=now)  # type: ignore[misc] # noqa: B023
        told.append(
            {
                "cpu_seconds": _cpu_seconds() - before,
                "steps": {name: step.seconds for name, step in record.steps().items()},
            }
        )
    print(json.dumps(told))


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main([date.fromisoformat(word) for word in sys.argv[1:]])
