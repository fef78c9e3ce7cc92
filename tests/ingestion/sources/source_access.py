"""What the tests of the sources share: one night, a short patience, the outcomes as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from ingestion.landing import Landing
from ingestion.sources.http import SourceAccess
from tests.ingestion.sources.scripted_server import ScriptedServer

NIGHT = date(2021, 12, 20)


def now() -> datetime:
    return datetime(2021, 12, 20, 18, 0, tzinfo=UTC)


def access_to(server: ScriptedServer, **changed: Any) -> SourceAccess:
    """Patience of milliseconds, so that a test of retries takes none."""
    base = SourceAccess(
        base_url=server.url,
        client_id="cchc",
        client_secret="secret-of-tests",
        connect_seconds=2,
        read_seconds=2,
        attempts=4,
        wait_initial_seconds=0.001,
        wait_max_seconds=0.01,
        wait_jitter_seconds=0.001,
        retry_after_max_seconds=0.3,
        submissions_limit=2,
        dossiers_limit=3,
        outgoing_limit=3,
        edoc_page_size=2,
        failures_in_a_row_max=6,
    )
    return replace(base, **changed)


def outcomes(landing: Landing, result: str) -> list[str]:
    """``locator: reason`` of every outcome with this result, in order."""
    return [f"{row[5]}: {row[7]}" for row in landing.outcomes_after(0) if row[6] == result]
