"""``cchc nightly``: everything around one run of the DAG, from the stand-ins to the summary on the terminal."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from rich.console import Console

from cchc.airflow_home import airflow_environment
from cchc.doors import StandInError, missing_doors, stand_ins
from cchc.lock import NightBusyError, alone
from cchc.night import now, run_record
from cchc.processes import running
from cchc.settings import Settings
from cchc.show import show_step, show_summary
from cchc.steps import Facts, RunRecord
from cchc.summary import GOOD_OUTCOMES, summarise, write_summary

POLL_SECONDS = 0.1


def run_night(night: date, settings: Settings) -> int:
    """Run the night and print it; 0 when it ended as designed, 1 when publication was stopped or a step failed."""
    console = Console(soft_wrap=True, highlight=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the night as Ctrl-C does, children first
    try:
        with alone(settings):
            return _run(night, settings, console)
    except (NightBusyError, StandInError) as error:
        console.print(f"The night of {night} was not run: {error}", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted: everything that was started is stopped; what was published before stays.")
        return 130


def _run(night: date, settings: Settings, console: Console) -> int:
    started = time.monotonic()
    record = run_record(settings, f"{now():%Y-%m-%dT%H%M%S}")
    log = settings.airflow_path / "logs" / "nightly" / f"{record.run_id}.log"
    result_path = record.path.with_suffix(".result.json")
    doors = missing_doors(settings)
    console.print(f"Night of {night}, in {settings.home_path}", markup=False)
    with ExitStack() as stack:
        opened = stack.enter_context(stand_ins(settings, doors)) if doors else None
        environment = airflow_environment(settings)
        command = [sys.executable, "-m", "cchc.run_dag", night.isoformat(), record.run_id, str(result_path)]
        airflow = stack.enter_context(running(command, environment=environment, log=log))
        if settings.stand_ins and settings.drops is None:
            copy_examples(settings)
        told = opened.wait() if opened else {}
        if doors:
            console.print(
                f"  stand-ins ready after {time.monotonic() - started:.1f} s: {', '.join(doors)}", markup=False
            )
        _tell(airflow, told)
        _follow(airflow, record, console)
    result: Facts = json.loads(result_path.read_text(encoding="utf-8")) if result_path.exists() else {}
    summary = summarise(settings, night, record)
    summary |= {"total_seconds": round(time.monotonic() - started, 3), "airflow": result, "log": str(log)}
    summary["airflow_seconds"] = round(
        result.get("airflow_loading_seconds", 0.0)
        + result.get("run_seconds", 0.0)
        - sum(told.seconds or 0.0 for told in record.steps().values()),
        3,
    )
    if result.get("state") != "success" and summary["outcome"] in GOOD_OUTCOMES:
        summary["outcome"] = "failed"
    if not result and not summary["failures"]:
        ended = f"Airflow ended with status {airflow.returncode} before the run was over"
        summary["failures"] = {"airflow": ": ".join(filter(None, (ended, _last_error(log))))}
    summary["path"] = str(write_summary(settings, summary))
    show_summary(summary, console)
    return 0 if summary["outcome"] in GOOD_OUTCOMES else 1


def _last_error(log: Path) -> str:
    """The exception by which the process ended, as its log has it; empty where it left none."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return next((line for line in reversed(lines) if re.match(r"[\w.]+(Error|Exception|Exit): ", line)), "")


def copy_examples(settings: Settings) -> None:
    """Copy the shipped examples into the inbox, once in the life of a ``CCHC_HOME``, each under its agency's folder."""
    stamp = settings.home_path / "drops" / "examples-copied"
    if stamp.exists():
        return
    for path in sorted(settings.examples_path.glob("*/*")):
        target = settings.drops_path / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()


def _tell(airflow: subprocess.Popen[bytes], settings: dict[str, str]) -> None:
    """Give the waiting process the addresses of the doors."""
    assert airflow.stdin is not None  # noqa: S101 - it was asked for
    try:
        airflow.stdin.write(json.dumps(settings).encode() + b"\n")
        airflow.stdin.close()
    except BrokenPipeError:  # it ended before; its status and its log say why
        return


def _follow(airflow: subprocess.Popen[bytes], record: RunRecord, console: Console) -> None:
    """Print each step as it ends, until the process is over."""
    shown: set[tuple[str, str]] = set()  # a step that is tried again begins anew
    with console.status("Airflow is loading") as waiting:
        while True:
            is_over = airflow.poll() is not None
            steps = record.steps()
            for step in steps.values():
                if step.has_ended and (step.step, step.started_at) not in shown:
                    shown.add((step.step, step.started_at))
                    show_step(step, console)
            going = [name for name, step in steps.items() if not step.has_ended]
            waiting.update(", ".join(going) or ("Airflow" if steps else "Airflow is loading"))
            if is_over:
                return
            time.sleep(POLL_SECONDS)
