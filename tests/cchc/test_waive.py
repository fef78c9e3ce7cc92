from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from cchc.settings import Settings
from cchc.waive import WaiverError, waive
from ingestion.landing import Landing
from ingestion.raw.load import load_raw
from ingestion.reference import load_catalogue
from tests.expectations.gate_warehouses import SEEDS, Planted, make_warehouse


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which one submission failed one rule and passed another."""
    home = Settings(home=tmp_path)
    home.warehouse_path.parent.mkdir(parents=True)
    make_warehouse(home.warehouse_path, [Planted("q1", {"III.6.1": 5, "III.6.2": 4})])
    with duckdb.connect(str(home.warehouse_path)) as connection:
        connection.execute("create view staging.stg_audit__rule_result as select * from audit.rule_result_now")
        for rule, outcome in (("III-06", "failed"), ("I-01", "passed")):
            connection.execute(
                "insert into audit.rule_result values ('q1', ?, 'error', ?, 5, 4, '', '', 'v', '2021-12-20')",
                [rule, outcome],
            )
    return home


def loaded(settings: Settings) -> list[tuple[object, ...]]:
    """The waivers in the warehouse after a load."""
    with Landing(settings.landing_path) as landing:
        load_raw(
            landing,
            warehouse=settings.warehouse_path,
            catalogue=load_catalogue(SEEDS),
            refused=settings.drops_refused_path,
            night=date(2021, 12, 21),
            now=lambda: datetime.now(UTC),
        )
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        return connection.execute(
            "select submission_id, rule_id, is_in_force, reason, decided_by from raw.waiver order by landed_id"
        ).fetchall()


def test_a_waiver_is_kept_with_who_and_why_and_loaded_once(settings: Settings) -> None:
    waived = waive(settings, "q1", "III-06", reason=" đã đối chiếu với sổ ", by="Nguyễn Thị An")
    assert waived.decided_by == "Nguyễn Thị An"
    expected = [("q1", "III-06", True, "đã đối chiếu với sổ", "Nguyễn Thị An")]
    assert loaded(settings) == expected
    assert loaded(settings) == expected


def test_a_waiver_taken_back_leaves_both_words(settings: Settings) -> None:
    waive(settings, "q1", "III-06", reason="nhầm", by="An")
    assert len(loaded(settings)) == 1
    waive(settings, "q1", "III-06", reason="không đúng", by="Bình", takes_back=True)
    assert [row[2:] for row in loaded(settings)] == [(True, "nhầm", "An"), (False, "không đúng", "Bình")]


def test_a_waiver_given_by_mistake_is_taken_back_before_any_night_has_seen_it(settings: Settings) -> None:
    waive(settings, "q1", "III-06", reason="nhầm", by="An")
    waive(settings, "q1", "III-06", reason="nhầm biểu", by="An", takes_back=True)
    assert [row[2] for row in loaded(settings)] == [True, False]


@pytest.mark.parametrize(
    ("submission", "rule", "reason", "said"),
    [
        ("q9", "III-06", "vì", "no submission 'q9' ever came"),
        ("q1", "III-99", "vì", "the rule table has no rule 'III-99'"),
        ("q1", "I-01", "vì", "'q1' did not fail I-01"),
        ("q1", "III-06", "  ", "a waiver needs a reason"),
    ],
)
def test_what_can_not_be_waived_is_said_and_nothing_is_kept(
    settings: Settings, submission: str, rule: str, reason: str, said: str
) -> None:
    with pytest.raises(WaiverError, match=said):
        waive(settings, submission, rule, reason=reason)
    assert loaded(settings) == []


def test_taking_back_what_was_never_waived_is_refused(settings: Settings) -> None:
    with pytest.raises(WaiverError, match="was never waived"):
        waive(settings, "q1", "III-06", reason="vì", takes_back=True)


def test_a_home_without_a_night_has_nothing_to_waive(tmp_path: Path) -> None:
    with pytest.raises(WaiverError, match="no night has run yet"):
        waive(Settings(home=tmp_path), "q1", "III-06", reason="vì")
