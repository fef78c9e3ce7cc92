"""Where a source is and how patient its client may be; and how it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ingestion.errors import FetchError
from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True, slots=True)
class SourceAccess:
    """Where a source is, who asks, and how much patience there is. Seconds, bytes, rows and days as the names say."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    token_url: str = ""  # empty: /oauth/token of base_url
    organ_id: str = "000.00.02.H51"  # who signs status packages when a message does not say which organ it was sent to
    verify_tls: bool | str = True  # or the path of a CA bundle
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    whole_body_seconds: float = 300.0
    limits: Limits = DEFAULT_LIMITS  # a body is at most as long as a file may be
    attempts: int = 6
    wait_initial_seconds: float = 0.5
    wait_max_seconds: float = 30.0
    wait_jitter_seconds: float = 1.0
    retry_after_max_seconds: float = 120.0
    retry_total_seconds: float = 900.0
    submissions_limit: int = 500
    dossiers_limit: int = 5000
    outgoing_limit: int = 1000
    pages_max: int = 2000
    stale_pages_max: int = 5
    restarts_max: int = 5
    named_rows_max: int = 200
    edoc_page_size: int = 200
    edoc_first_day: date = date(2000, 1, 1)
    edoc_overlap_days: int = 3
    outgoing_overlap_days: int = 45
    failures_in_a_row_max: int = 25


class TransientError(FetchError):
    """An answer that may be better next time; ``retry_after`` is the wait in seconds that the source asked for."""

    def __init__(self, reason: str, *, source: str, locator: str, retry_after: float | None = None) -> None:
        super().__init__(reason, source=source, locator=locator)
        self.retry_after = retry_after


class CursorGoneError(FetchError):
    """410: the cursor is no longer valid."""


class AccessRefusedError(FetchError):
    """The source does not let this client in; asking again would only lock it out."""
