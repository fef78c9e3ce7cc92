"""The metrics of a night, read back by Prometheus' own parser; and that each is told in docs/watching.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cchc.metrics import METRICS, write_metrics
from cchc.settings import ROOT, Settings
from ingestion.landing import Landing

ENDED = datetime(2021, 12, 20, 18, 30, tzinfo=UTC)


def summary(**said: Any) -> dict[str, Any]:
    return {
        "outcome": "published",
        "failures": {},
        "seconds": {"build": 18.277, "gate": 13.995},
        "arrived": {"collect_drops": {"landed_count": 3, "failure": None}},
        "quarantined_count": 17,
        "gate": {"failed_error_count": 14, "failed_warning_count": 29},
        "refused": [{}, {}],
        "report": {"unsent_count": 1},
        "published": {"row_counts": {"fct_submission": 133}},
    } | said


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with Landing(tmp_path / "landing") as landing:
        for number, kind in enumerate(("waiver", "drop_file"), start=1):
            landing.land(
                b"x" * 100 * number,
                source="drops",
                kind=kind,
                locator="a",
                night_on=ENDED.date(),
                now=ENDED,  # type: ignore[arg-type]
            )
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "warehouse.duckdb").write_bytes(b"x" * 50)
    return Settings(home=tmp_path)


def read(path: Path) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(path.read_text(encoding="utf-8"))
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_a_night_is_told(settings: Settings) -> None:
    told = read(write_metrics(settings, summary(), now=ENDED))
    assert told["cchc_night_timestamp_seconds",] == ENDED.timestamp()
    assert told["cchc_last_good_night_timestamp_seconds",] == ENDED.timestamp()
    assert told["cchc_night_outcome", "published"] == 1
    assert told["cchc_night_outcome", "failed"] == 0
    assert told["cchc_step_duration_seconds", "build"] == 18.277
    assert told["cchc_landed_bodies", "collect_drops"] == 3
    assert told["cchc_submissions_quarantined",] == 17
    assert told["cchc_rules_failed", "warning"] == 29
    assert told["cchc_files_refused",] == 2
    assert told["cchc_mails_waiting",] == 1
    assert told["cchc_published_rows", "fct_submission"] == 133
    ledger = (settings.landing_path / "ledger.sqlite").stat().st_size
    assert told["cchc_folder_bytes", "landing"] == 300 + ledger
    assert told["cchc_folder_bytes", "warehouse"] == 50
    assert told["cchc_disk_free_bytes",] > 0
    assert {name for name, *_ in told} == set(METRICS)


def test_a_door_whose_register_was_not_read_is_told(settings: Settings) -> None:
    read_well = {"landed_count": 2, "failure": None}
    arrived = {"pull_edocuments": read_well | {"outgoing": {"landed_count": 0, "failure": "không kết nối được"}}}
    told = read(write_metrics(settings, summary(arrived=arrived), now=ENDED))
    assert told["cchc_source_failed", "pull_edocuments"] == 1
    assert told["cchc_source_failed", "collect_drops"] == 0


def test_a_night_that_fails_leaves_the_last_good_one_where_it_was(settings: Settings) -> None:
    write_metrics(settings, summary(), now=ENDED)
    failed = summary(outcome="failed", failures={"build": "no room"}, gate={}, report={}, published={})
    told = read(write_metrics(settings, failed, now=ENDED + timedelta(days=1)))
    assert told["cchc_last_good_night_timestamp_seconds",] == ENDED.timestamp()
    assert told["cchc_night_timestamp_seconds",] == (ENDED + timedelta(days=1)).timestamp()
    assert told["cchc_night_outcome", "failed"] == 1
    assert told["cchc_step_failed", "build"] == 1
    assert ("cchc_mails_waiting",) not in told


def test_a_first_night_that_fails_knows_no_good_one(settings: Settings) -> None:
    told = read(write_metrics(settings, summary(outcome="failed"), now=ENDED))
    assert ("cchc_last_good_night_timestamp_seconds",) not in told


def test_every_metric_is_told_in_the_docs() -> None:
    text = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    assert [name for name in METRICS if f"`{name}`" not in text] == []
