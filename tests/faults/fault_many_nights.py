"""24 nights in a row, each with new reports: what a night costs stays what it was, and nothing is left behind."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from cchc.settings import ROOT
from ingestion.forms.template import Recorded, write_template
from ingestion.reference import Catalogue, load_catalogue
from tests.faults.province import Home

NIGHTS = 24
NEW_REPORTS = 5
#: Of the gate's results; fewer than the nights, so that what goes is seen to go.
KEPT_RUNS = 5
PERIODS = ("2020", "2021-Q1", "2021-H1", "2021")
#: Sunday's nights read every row in the data tests, by design (docs/decisions/012).
SUNDAY = 6


def test_many_nights_cost_what_the_first_ones_did(fault: Callable[[str, str, str], None], tmp_path: Path) -> None:
    catalogue = load_catalogue(ROOT / "dbt_project" / "seeds")
    home = Home(tmp_path / "home").with_settings(CCHC_GATE_KEPT_RUNS=str(KEPT_RUNS))
    costs: list[dict[str, float]] = []
    files: list[set[str]] = []
    for number in range(NIGHTS):
        night = date(2021, 12, 20) + timedelta(days=number)
        for report in range(number * NEW_REPORTS, (number + 1) * NEW_REPORTS):
            _drop(home, report, catalogue)
        done = home.night(on=night.isoformat(), clock=f"{night}T01:30:00+07:00", record=f"night{number}")
        assert done.returncode == 0, done.stderr[-3000:]
        costs.append(json.loads(done.stdout.splitlines()[-1]) | {"is_sunday": night.weekday() == SUNDAY})
        files.append(_files(home))
    plain = [cost for cost in costs[1:] if not cost["is_sunday"]]  # the first builds everything
    early, late = plain[:6], plain[-6:]
    cpu = [median(cost["cpu_seconds"] for cost in some) for some in (early, late)]
    memory = [median(cost["megabytes"] for cost in some) for some in (early, late)]
    assert cpu[1] < cpu[0] * 1.25, costs
    assert memory[1] < memory[0] * 1.15, costs
    assert _left_behind(home) == []
    # What a night adds for good is what it took in and what it told.
    fresh, gone = files[-1] - files[-8], files[-8] - files[-1]
    grown = Counter(path.partition("/")[0] for path in fresh)
    grown.subtract(path.partition("/")[0] for path in gone)
    assert {folder for folder, count in grown.items() if count > 0} <= {"landing", "reports", "airflow"}, sorted(fresh)
    fault(
        f"{NIGHTS} nights in a row, {NEW_REPORTS} new reports in each",
        "CPU and memory stay as they were; no half file and no process is left",
        f"a night: {cpu[0]:.1f} then {cpu[1]:.1f} s of CPU, {memory[0]:.0f} then {memory[1]:.0f} MB",
    )


def _drop(home: Home, number: int, catalogue: Catalogue) -> None:
    chance = random.Random(number)  # noqa: S311
    agency = catalogue.agencies[1 + number % 30]
    values = {
        row.code: Recorded(Decimal(100 if row.value_type == "percent" else chance.randint(0, 900)), "")
        for row in catalogue.answered
        if row.value_type not in ("reference",) and not row.choices
    }
    target = home.path / "drops" / "inbox" / agency.code / f"bieu-{number}.xlsx"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(write_template(agency, PERIODS[number // 30 % len(PERIODS)], catalogue, values))


def _files(home: Home) -> set[str]:
    """Every file of the home, by its path in it; without dbt's full logs, of which dbt keeps five."""
    found = [path for path in home.path.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path.relative_to(home.path)) for path in found if not path.match("dbt/logs/dbt.log.*")}


def _left_behind(home: Home) -> list[str]:
    """Half-written files, and processes of this home."""
    unfinished = [
        str(path)
        for pattern in (".writing-*", "*.new", "*.wal", "*.tmp", "*.unfinished")
        for path in home.path.rglob(pattern)
    ]
    wanted = f"CCHC_HOME={home.path}".encode()
    for process in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in process.read_bytes().split(b"\0"):
                unfinished.append(str(process))
        except OSError:
            continue
    return unfinished
