"""What the weeks leave behind, taken away: old logs, records of runs, workbooks of past mails, files of killed processes.

The landing zone, the warehouse, what is published and the reports themselves are never touched. Old publications go when a new
one comes, old results of the gate when it runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cchc.night import now
from cchc.settings import Settings, load_settings
from cchc.steps import Facts

#: A file that is being written bears one of these until it is whole; one a day old was left by a process that died.
_UNFINISHED = ("*.new", ".*.new", ".*.new.*")
_UNFINISHED_DAYS = 1


def tidy_now() -> Facts:
    """``tidy`` inside an Airflow task: as of now, since files' ages are the machine's own."""
    return tidy(load_settings(), now())


def tidy(settings: Settings, moment: datetime) -> Facts:
    """Remove what is older than ``settings.keep_days`` days at ``moment``; how many files and bytes of each kind went, and
    how many sent mails keep their head only."""
    from expectations.outbox import Outbox

    limit = (moment - timedelta(days=settings.keep_days)).timestamp()
    stale = (moment - timedelta(days=_UNFINISHED_DAYS)).timestamp()
    airflow, reports = settings.airflow_path, settings.reports_path
    found = {
        "logs": _older([*(airflow / "logs").rglob("*"), *(settings.dbt_state_path / "logs").rglob("*")], limit),
        "run_records": _older((airflow / "steps").glob("*"), limit),
        "agency_workbooks": _older(reports.glob("*/agencies/**/*.xlsx"), limit),
        "unfinished": _older(
            (
                path
                for folder in (settings.published_path.parent, reports, settings.warehouse_path.parent)
                for pattern in _UNFINISHED
                for path in folder.rglob(pattern)
            ),
            stale,
        ),
    }
    facts: Facts = {}
    for kind, paths in found.items():
        facts[kind] = {"file_count": len(paths), "byte_count": sum(path.stat().st_size for path in paths)}
        for path in paths:
            path.unlink(missing_ok=True)
    for folder in sorted((airflow / "logs").rglob("*"), reverse=True):
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_mtime < limit and not any(folder.iterdir()):
            folder.rmdir()
    outbox = Outbox(settings.outbox_path, now=lambda: moment)
    facts["mails_emptied"] = (
        outbox.empty_sent(before=moment - timedelta(days=settings.keep_days)) if outbox.exists else 0
    )
    return facts


def _older(paths: Iterable[Path], limit: float) -> list[Path]:
    """The plain files among ``paths`` that were last written before ``limit`` (seconds since 1970), each once."""
    return sorted({path for path in paths if path.is_file() and not path.is_symlink() and path.stat().st_mtime < limit})
