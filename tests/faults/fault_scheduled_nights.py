"""Nights as Airflow's scheduler runs them: a backfill over past nights, and tasks spread over Celery's workers."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from cchc.night import BODIES
from tests.cchc.installed import Installation, free_ports, installed
from tests.faults.conftest import Calm
from tests.faults.province import figures

Fault = Callable[[str, str, str], None]
PATIENCE_SECONDS = 600
#: The last of them is the stand-ins' own: all of their province has reported by then.
NIGHTS = [date(2021, 12, 18) + timedelta(days=number) for number in range(3)]


class Airflow:
    """What its page's own API says and does, for whoever has logged in."""

    def __init__(self, installation: Installation) -> None:
        login = {"username": "admin", "password": installation.airflow_password}
        token = httpx.post(f"{installation.airflow_url}/auth/token", json=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=f"{installation.airflow_url}/api/v2", headers=headers, timeout=60)

    def post(self, path: str, **told: Any) -> dict[str, Any]:
        answer = self._client.post(path, json=told)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def runs(self) -> list[dict[str, Any]]:
        answer = self._client.get("/dags/nightly_load/dagRuns", params={"order_by": "start_date"})
        found: list[dict[str, Any]] = answer.json()["dag_runs"]
        return found

    def wait(self, count: int) -> list[dict[str, Any]]:
        """Until so many runs have ended, well or not."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len([run for run in self.runs() if run["state"] in ("success", "failed")]) < count:
            assert time.monotonic() < deadline, self.runs()
            time.sleep(2)
        return self.runs()


def summaries(home: Path) -> dict[str, dict[str, Any]]:
    found = sorted((home / "reports").glob("*/summary.json"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in found}


def test_a_backfill_runs_past_nights_in_order_one_at_a_time(calm: Calm, fault: Fault, tmp_path: Path) -> None:
    with installed(CCHC_DROPS=str(tmp_path)) as installation:
        airflow = Airflow(installation)
        airflow.post(
            "/backfills",
            dag_id="nightly_load",
            from_date=f"{NIGHTS[0] - timedelta(days=1)}T00:00:00+07:00",
            to_date=f"{NIGHTS[-1]}T00:00:00+07:00",
            max_active_runs=1,
            run_backwards=False,
            reprocess_behavior="none",
            dag_run_conf={},
        )
        runs = airflow.wait(len(NIGHTS))
        assert [run["state"] for run in runs] == ["success"] * len(NIGHTS), installation.log
        spans = [(run["start_date"], run["end_date"]) for run in runs]
        assert all(before[1] <= after[0] for before, after in pairwise(spans)), spans
        told = summaries(installation.home)
        assert list(told) == [night.isoformat() for night in NIGHTS]
        by_start = sorted(told.values(), key=lambda summary: summary["started_at"])
        assert [summary["night"] for summary in by_start] == list(told)
        assert [summary["outcome"] for summary in by_start] == ["published", "unchanged", "unchanged"]
        held = figures(installation.home)
        assert held == figures(calm.home.path)
    fault(
        "nights were missed: a backfill over three of them",
        "run in order, one at a time; each has its summary",
        f"{', '.join(told)}: {', '.join(summary['outcome'] for summary in by_start)}; {len(held)} figures as expected",
    )


def test_a_night_is_spread_over_two_workers(calm: Calm, fault: Fault, tmp_path: Path) -> None:
    with redis(tmp_path) as broker:
        told = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "AIRFLOW__CELERY__BROKER_URL": broker}
        with installed(
            **told, CCHC_DROPS=str(tmp_path / "drops"), AIRFLOW__CELERY__WORKER_CONCURRENCY="2"
        ) as installation:
            airflow = Airflow(installation)
            ping = (
                "inspect",
                "ping",
                "--destination",
                f"worker-1@{socket.gethostname()}",
            )  # the containers' health check
            health = installation.run(
                "celery", "--app", "airflow.providers.celery.executors.celery_executor.app", *ping
            )
            assert health.returncode == 0, health.stdout + health.stderr
            airflow.post("/dags/nightly_load/dagRuns", logical_date=None, conf={"night": NIGHTS[-1].isoformat()})
            (run,) = airflow.wait(1)
            assert run["state"] == "success", installation.log
            logs = [(installation.home / "up" / f"airflow-worker-{number}.log").read_text() for number in (1, 2)]
            done = [len(re.findall(r"\] received", log)) for log in logs]
            assert sum(done) == len(BODIES), done
            assert min(done) > 0, done
            held = figures(installation.home)
            assert held == figures(calm.home.path)
            assert installation.run("cchc.main", "down").returncode == 0
            assert installation.strays() == []
    fault(
        "tasks go to Celery's workers instead of the scheduler's own processes",
        "the night is right; both workers did some of it; down stops them too",
        f"{' and '.join(map(str, done))} of {len(BODIES)} tasks; {len(held)} figures",
    )


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis with a password; its address."""
    (port,) = free_ports(1)
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "a-test"]
    with (folder / "redis.log").open("w") as log:
        process = subprocess.Popen([*command, "--dir", str(folder)], stdout=log, stderr=log)  # noqa: S603
    try:
        yield f"redis://:a-test@127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(20)
