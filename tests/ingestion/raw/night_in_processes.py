"""The steps of a night as processes of their own, which a test can have killed with SIGKILL at a given moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.landing import Landing
from ingestion.raw.attachments import judge
from ingestion.raw.load import load_raw
from ingestion.reference import load_catalogue
from ingestion.sources.access import SourceAccess
from ingestion.sources.drops import collect
from ingestion.sources.edoc import pull_messages, pull_outgoing
from ingestion.sources.portal import pull_dossiers, pull_submissions

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds"
NIGHT = date(2021, 12, 20)
STEPS = ("submissions", "dossiers", "messages", "outgoing", "drops", "load")
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])

# Every statement about rows, without what tells when and in which body they came.
TABLES = {
    "submission": "exclude (landed_id, locator, sha256)",
    "submission_line": "exclude (locator)",
    "submission_document": "",
    "submission_event": "exclude (landed_id)",
    "dossier": "exclude (landed_id)",
    "outgoing_document": "exclude (landed_id)",
    "edoc_message": "exclude (landed_id)",
    "edoc_target": "exclude (landed_id)",
    "problem": "exclude (landed_id, locator)",
}


@dataclass(frozen=True)
class Province:
    """Where a night's home is, and the systems that it reads."""

    home: Path
    portal_url: str
    edoc_url: str
    client_id: str
    client_secret: str

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    def landing(self) -> Landing:
        return Landing(self.home / "landing")

    def raw(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of every raw table, in an order of their own."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return {
                table: connection.execute(f"select * {without} from raw.{table} order by all").fetchall()
                for table, without in TABLES.items()
            }


def run(province: Province, step: str, *, killed_at: int = 0) -> int:
    """Run a step in a process; the number of moments it went through: readings of the clock and files put in their place.
    ``killed_at`` is the moment at which it is killed."""
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_in_process, args=(province, step, killed_at, theirs))
    process.start()
    theirs.close()
    process.join(60)
    if killed_at:
        assert process.exitcode == -signal.SIGKILL, (step, killed_at, process.exitcode)
        return killed_at
    assert process.exitcode == 0, step
    moments: int = ours.recv()
    return moments


def _in_process(province: Province, step: str, killed_at: int, told: Any) -> None:
    moments = 0

    def moment() -> None:
        nonlocal moments
        moments += 1
        if moments == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def now() -> datetime:
        moment()
        return datetime(2021, 12, 20, 18, 0, tzinfo=UTC)

    sys.addaudithook(lambda event, _: moment() if event == "os.rename" else None)
    with province.landing() as landing:
        _STEPS[step](province, landing, now)
    told.send(moments)


def _access(province: Province, url: str) -> SourceAccess:
    return SourceAccess(
        base_url=url,
        client_id=province.client_id,
        client_secret=province.client_secret,
        submissions_limit=9,
        dossiers_limit=60,
        outgoing_limit=1500,
        edoc_page_size=15,
    )


def _submissions(province: Province, landing: Landing, now: Callable[[], datetime]) -> None:
    assert pull_submissions(_access(province, province.portal_url), landing, night=NIGHT, now=now).failure is None


def _dossiers(province: Province, landing: Landing, now: Callable[[], datetime]) -> None:
    access = _access(province, province.portal_url)
    assert pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=b"key of the tests").failure is None


def _messages(province: Province, landing: Landing, now: Callable[[], datetime]) -> None:
    catalogue = load_catalogue(SEEDS)
    access = _access(province, province.edoc_url)
    result = pull_messages(access, landing, night=NIGHT, now=now, judge=lambda message: judge(message, catalogue))
    assert result.failure is None


def _outgoing(province: Province, landing: Landing, now: Callable[[], datetime]) -> None:
    assert pull_outgoing(_access(province, province.edoc_url), landing, night=NIGHT, now=now).failure is None


def _drops(province: Province, landing: Landing, now: Callable[[], datetime]) -> None:
    refused = province.home / "refused"
    collect(landing, inbox=province.inbox, refused=refused, night=NIGHT, now=now, still_for=0)


def _load(province: Province, landing: Landing, now: Callable[[], datetime]) -> None:
    load_raw(
        landing,
        warehouse=province.warehouse,
        catalogue=load_catalogue(SEEDS),
        refused=province.home / "refused",
        night=NIGHT,
        now=now,
    )


_STEPS = {
    "submissions": _submissions,
    "dossiers": _dossiers,
    "messages": _messages,
    "outgoing": _outgoing,
    "drops": _drops,
    "load": _load,
}
