"""``cchc up`` where a part of the installation fails: told, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable

from tests.cchc.installed import placed

Fault = Callable[[str, str, str], None]
UP = ("cchc.main", "up", "--no-superset")


def test_a_part_that_does_not_start_is_told_and_nothing_of_the_others_stays(fault: Fault) -> None:
    with placed(AIRFLOW__CORE__EXECUTOR="NoSuchExecutor") as installation:
        done = installation.run(*UP)
        assert done.returncode == 1, done.stdout
        said = next(line for line in done.stderr.splitlines() if line.startswith("ended by itself"))
        assert "airflow-scheduler" in said
        assert installation.strays() == []
        assert list((installation.home / "up").glob("*.json")) == []
    fault("cchc up: the scheduler does not start", "it says so; every other part is stopped", said.split(" (")[0])


def test_a_part_that_is_killed_is_told_and_down_and_up_bring_it_back(fault: Fault) -> None:
    with placed() as installation:
        assert installation.run(*UP).returncode == 0, installation.log
        record = json.loads((installation.home / "up" / "airflow-triggerer.json").read_text())
        os.kill(record["pid"], signal.SIGKILL)
        told = installation.run(*UP)
        assert told.returncode == 1
        said = next(line for line in told.stderr.splitlines() if "ended by itself" in line)
        assert "airflow-triggerer" in said
        assert installation.run("cchc.main", "down").returncode == 0
        assert installation.strays() == []
        assert installation.run(*UP).returncode == 0, installation.log
    fault("kill -9 of a part of cchc up", "asked again it says which; down and up bring it back", said.split(";")[0])
