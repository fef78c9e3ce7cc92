"""A night whose processes are killed in the middle of every source, and again, ends as one that nobody disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stand_ins.province.plan import Plan, make_plan
from stand_ins.serve import StandIns, start
from tests.ingestion.raw.night_in_processes import SEEDS, STEPS, Province, run

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def province_at(home: Path, plan: Plan) -> Iterator[tuple[Province, StandIns]]:
    """A home with dropped files, and stand-ins of its own for the rest."""
    inbox = home / "inbox" / "H51.03"
    inbox.mkdir(parents=True)
    for example in sorted((ROOT / "examples" / "H51.03").iterdir()):
        (inbox / example.name).write_bytes(example.read_bytes())
    (inbox / "hỏng.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with start(seeds=SEEDS, mailbox=home / "mailbox", plan=plan, only=("portal", "edoc")) as running:
        yield (
            Province(home, running.portal_url, running.edoc_url, running.client_id, running.client_secret),
            running,
        )


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(SEEDS, seed=2021, dossiers=500, errors=True)


@pytest.fixture(scope="module")
def calm(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Province, StandIns, dict[str, int]]]:
    """A night that nobody disturbs, and how many moments each of its steps has."""
    with province_at(tmp_path_factory.mktemp("calm"), plan) as (province, systems):
        yield province, systems, {step: run(province, step) for step in STEPS}


def answers(systems: StandIns) -> tuple[set[object], set[object]]:
    """What the axis and the senders were told, once or more."""
    assert systems.axis is not None
    told = {(sent.recipients, sent.document_id, sent.status_code, sent.description) for sent in systems.axis.sent}
    return set(systems.axis.status_updates), told


@pytest.mark.parametrize("parts", [(0.12, 0.3, 0.25), (0.33, 0.05, 0.4)], ids=["early", "late"])
def test_a_night_killed_in_the_middle_of_every_source_ends_like_an_undisturbed_one(
    plan: Plan, calm: tuple[Province, StandIns, dict[str, int]], parts: tuple[float, ...], tmp_path: Path
) -> None:
    undisturbed, calm_systems, moments = calm
    with province_at(tmp_path, plan) as (province, systems):
        for step in STEPS:
            # Parts of all moments; each run goes on where the last was killed, a load begins anew.
            for part in parts[:1] if step == "load" else parts:
                run(province, step, killed_at=max(2, int(moments[step] * part)))
            run(province, step)
        expected = undisturbed.raw()
        for table, rows in province.raw().items():
            assert rows == expected[table], table
            assert rows, table
        assert answers(systems) == answers(calm_systems)
        with province.landing() as landing:
            assert landing.owed_acknowledgements() == []
        assert not [path for path in province.inbox.rglob("*") if path.is_file()]
