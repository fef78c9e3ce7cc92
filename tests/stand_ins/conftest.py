"""A running province with errors, shared by the tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stand_ins.province.plan import Plan, make_plan
from stand_ins.serve import StandIns, start
from tests.stand_ins.stand_in_client import SEEDS, Client, ManualClock


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan(SEEDS, seed=2021, dossiers=4_000, errors=True)


@pytest.fixture(scope="session")
def clean_plan() -> Plan:
    return make_plan(SEEDS, seed=2021, dossiers=4_000, errors=False)


@pytest.fixture(scope="session")
def shared(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIns]:
    with start(seeds=SEEDS, mailbox=tmp_path_factory.mktemp("mailbox"), plan=plan) as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def own(plan: Plan, tmp_path: Path, clock: ManualClock) -> Iterator[StandIns]:
    """Stand-ins of one test's own, with a clock that the test moves."""
    with start(seeds=SEEDS, mailbox=tmp_path / "mailbox", plan=plan, clock=clock) as running:
        yield running


@pytest.fixture
def client(shared: StandIns) -> Iterator[Client]:
    with Client(shared) as one:
        yield one
