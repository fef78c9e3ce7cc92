"""The night that nothing disturbs, which the others are held against; and the table of faults at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from rich.console import Console
from rich.table import Table

from stand_ins.province.plan import Plan, make_plan
from stand_ins.serve import StandIns, start
from tests.faults.province import Home, told
from tests.stand_ins.stand_in_client import SEEDS

DOSSIERS = 600


class Serve(Protocol):
    def __call__(self, *only: str) -> StandIns: ...


@dataclass(frozen=True)
class Calm:
    """An undisturbed night: its home, a copy of it before each step, what it published and whom it told."""

    home: Home
    before: Path
    marts: dict[str, int]
    told: Counter[tuple[str, str]]
    seconds: dict[str, float]


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan(SEEDS, seed=2021, dossiers=DOSSIERS, errors=True)


@pytest.fixture(scope="session")
def calm(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calm]:
    """Its servers stay, and know that everything was fetched and acknowledged."""
    folder = tmp_path_factory.mktemp("calm")
    with start(seeds=SEEDS, mailbox=folder / "mailbox", plan=plan) as sources:
        home = Home(folder / "home").fed_by(sources)
        home.good_night("--keep", str(folder / "before"))
        seconds = {step: told.seconds for step, told in home.steps().items()}
        yield Calm(home, folder / "before", home.marts(), told(sources.mails), seconds)


@pytest.fixture
def serve(plan: Plan, tmp_path: Path) -> Iterator[Serve]:
    """Starts servers of one test's own."""
    with ExitStack() as running:

        def begin(*only: str) -> StandIns:
            sources = start(
                seeds=SEEDS, mailbox=tmp_path / "mailbox", plan=plan, only=only or ("portal", "edoc", "smtp")
            )
            return running.enter_context(sources)

        yield begin


@pytest.fixture
def fault(record_property: Callable[[str, object], None]) -> Callable[[str, str, str], None]:
    """Tells a line of the table: the fault, what is expected, what was seen (after it was asserted)."""

    def tell(what: str, expected: str, seen: str) -> None:
        record_property("fault", (what, expected, seen))

    return tell


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = [
        line
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        for name, line in report.user_properties
        if name == "fault"
    ]
    if not lines:
        return
    table = Table("fault", "expected", "seen", title="Faults")
    for line in lines:
        table.add_row(*line)
    console = Console(width=160, force_terminal=False)
    with console.capture() as drawn:
        console.print(table)
    terminalreporter.write_line(drawn.get())
