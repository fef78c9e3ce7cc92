"""What a monitor watches, in the Prometheus text format: ``$CCHC_HOME/metrics/cchc.prom``, written whole after each night.

The file is for node_exporter's textfile collector, so that the warehouse opens no port. What to alert on, and which page of
the runbook an alert leads to: ``docs/watching.md``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cchc.settings import Settings
from cchc.steps import DOORS, STEPS, Facts, door_failure
from cchc.summary import GOOD_OUTCOMES, OUTCOMES

_LAST_GOOD = "cchc_last_good_night_timestamp_seconds"

#: A metric's name and what it says; each value comes with the labels that it has.
METRICS = {
    "cchc_night_timestamp_seconds": "When the last night ended (Unix time)",
    _LAST_GOOD: "When the last night ended that published, or had nothing to change (Unix time)",
    "cchc_night_outcome": "1 for what the last night came to, 0 for the others",
    "cchc_step_duration_seconds": "How long a step of the last night took",
    "cchc_step_failed": "1 where the step failed in the last night",
    "cchc_landed_bodies": "Files, pages and messages that a door landed in the last night",
    "cchc_source_failed": "1 where a door was not read to its end in the last night",
    "cchc_submissions_quarantined": "Submissions that are in quarantine now",
    "cchc_rules_failed": "Rules that submissions failed at the last gate",
    "cchc_files_refused": "Bodies of the last night that could not be read",
    "cchc_mails_waiting": "Mails that wait in the outbox",
    "cchc_published_rows": "Rows of a published table",
    "cchc_disk_free_bytes": "Free bytes where CCHC_HOME is",
    "cchc_folder_bytes": "Bytes of a folder of CCHC_HOME",
}
_WALKED = ("warehouse", "published", "reports", "gate", "airflow")

Value = tuple[str, dict[str, str], float]


def write_metrics(settings: Settings, summary: Facts, *, now: datetime) -> Path:
    """Write the metrics of a night that is over, ``summary`` as ``cchc.summary`` has it; the file's path."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()
    gauges: dict[str, Gauge] = {}
    for name, labels, value in _values(settings, summary, now):
        if name not in gauges:
            gauges[name] = Gauge(name, METRICS[name], tuple(labels), registry=registry)
        (gauges[name].labels(**labels) if labels else gauges[name]).set(value)
    path = settings.metrics_path
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)
    return path


def _values(settings: Settings, summary: Facts, now: datetime) -> Iterator[Value]:
    yield "cchc_night_timestamp_seconds", {}, now.timestamp()
    last_good = now.timestamp() if summary["outcome"] in GOOD_OUTCOMES else _last_good(settings.metrics_path)
    if last_good is not None:
        yield _LAST_GOOD, {}, last_good
    for outcome in OUTCOMES:
        yield "cchc_night_outcome", {"outcome": outcome}, float(summary["outcome"] == outcome)
    for step in STEPS:
        if step in summary["seconds"]:
            yield "cchc_step_duration_seconds", {"step": step}, summary["seconds"][step]
        yield "cchc_step_failed", {"step": step}, float(step in summary["failures"])
    for door in DOORS:
        facts = summary["arrived"].get(door) or {}
        is_failed = bool(door_failure(facts)) or door in summary["failures"]
        yield "cchc_source_failed", {"source": door}, float(is_failed)
        yield "cchc_landed_bodies", {"source": door}, float(facts.get("landed_count") or 0)
    yield "cchc_submissions_quarantined", {}, summary["quarantined_count"]
    for severity in ("error", "warning"):
        failed = summary["gate"].get(f"failed_{severity}_count")
        if failed is not None:
            yield "cchc_rules_failed", {"severity": severity}, failed
    yield "cchc_files_refused", {}, len(summary["refused"])
    if (waiting := summary["report"].get("unsent_count")) is not None:
        yield "cchc_mails_waiting", {}, waiting
    for table, count in (summary["published"].get("row_counts") or {}).items():
        yield "cchc_published_rows", {"table": table}, count
    yield "cchc_disk_free_bytes", {}, shutil.disk_usage(settings.home_path).free
    yield "cchc_folder_bytes", {"folder": "landing"}, _landing_bytes(settings)
    for folder in _WALKED:
        yield "cchc_folder_bytes", {"folder": folder}, _bytes(settings.home_path / folder)


def _landing_bytes(settings: Settings) -> int:
    """By the ledger: a walk would cost more with every night that ever was."""
    from ingestion.landing import Landing

    if not settings.landing_path.exists():
        return 0
    with Landing(settings.landing_path) as landing:
        blobs = landing.kept_bytes()
    return blobs + sum(path.stat().st_size for path in settings.landing_path.glob("ledger.sqlite*"))


def _bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _last_good(path: Path) -> float | None:
    """What the file said before: a night that fails does not move it."""
    from prometheus_client.parser import text_string_to_metric_families

    if not path.exists():
        return None
    for family in text_string_to_metric_families(path.read_text(encoding="utf-8")):
        if family.name == _LAST_GOOD:
            return float(family.samples[0].value)
    return None
