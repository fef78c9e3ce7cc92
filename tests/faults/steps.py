"""The steps of a night in one process, as the DAG wires them: ``python -m tests.faults.steps NIGHT RECORD CLOCK [...]``.

Airflow's own start-up is left out, for speed. ``--kill STEP SECONDS`` sends this process SIGKILL so long after the step began
(0: before its body), ``--kill STEP end`` when its body is done and not yet written down; ``--keep FOLDER`` copies the home
there before each step, and ``--begin STEP`` goes on from such a copy. CLOCK is what the wall clock says. Exits 1 when the
night failed. The last line printed is what the night cost: CPU seconds and the largest process's megabytes, its children's too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from cchc import night as nights
from cchc.settings import load_settings
from cchc.steps import DOORS, Facts, StepError

#: The steps that Airflow runs whatever became of those before.
ALWAYS = {*DOORS, "load_raw", "report", "conclude"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("night", type=date.fromisoformat)
    parser.add_argument("record")
    parser.add_argument("clock", type=datetime.fromisoformat)
    parser.add_argument("--kill", nargs=2, metavar=("STEP", "WHEN"), default=("", ""))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--begin", choices=nights.BODIES, default=next(iter(nights.BODIES)))
    asked = parser.parse_args()
    settings = load_settings()
    record = nights.run_record(settings, asked.record)

    def now() -> datetime:
        moment: datetime = asked.clock
        return moment

    nights.now = now
    is_well = True
    begin = list(nights.BODIES).index(asked.begin)
    for step, body in list(nights.BODIES.items())[begin:]:
        if not is_well and step not in ALWAYS:
            continue
        if asked.keep:
            shutil.copytree(settings.home_path, asked.keep / step, symlinks=True)
        killing = _killing(asked.kill[1]) if step == asked.kill[0] else lambda work: work()

        def work(body: Callable[..., Facts] = body) -> Facts:
            return body(asked.night, settings, record)

        try:
            record.run(step, lambda killing=killing, work=work: killing(work), now=now)  # type: ignore[misc]
        except StepError as error:
            print(f"{step}: {error}", file=sys.stderr)
            is_well = False
        except Exception as error:  # as Airflow does: the task failed, the night goes on
            print(f"{step}: {type(error).__name__}: {error}", file=sys.stderr)
            is_well = False
    print(json.dumps(_cost()))
    return 0 if is_well else 1


def _cost() -> dict[str, float]:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "cpu_seconds": round(sum(each.ru_utime + each.ru_stime for each in used), 2),
        "megabytes": max(each.ru_maxrss for each in used) / 1024,
    }


def _killing(when: str) -> Callable[[Callable[[], Facts]], Facts]:
    def killed(work: Callable[[], Facts]) -> Facts:
        if when == "end":
            work()
            _die()
        if float(when) == 0:
            _die()
        timer = threading.Timer(float(when), _die)
        timer.daemon = True
        timer.start()
        try:
            return work()
        finally:
            _die()  # it was faster than last time

    return killed


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
