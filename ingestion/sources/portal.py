"""The public-service portal: statistical forms submitted there, and dossiers, from ``updated_since`` on.

Both are walked as ``paging`` says. Submission pages land as they came; dossier pages land without persons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from ingestion.landing import Landing
from ingestion.sources.dossiers import DossierPages, landed_rows, mark_of, redact_dossiers_page
from ingestion.sources.feed import Feed, landed_items, page_as_it_came
from ingestion.sources.http import SourceAccess, SourceClient
from ingestion.sources.notices import Refusal
from ingestion.sources.paging import walk_feed
from ingestion.sources.result import PullResult
from ingestion.sources.submissions import parse_submissions_page, refusals_of
from ingestion.sources.times import local_time

__all__ = ["parse_submissions_page", "pull_dossiers", "pull_submissions", "redact_dossiers_page"]


def pull_submissions(access: SourceAccess, landing: Landing, *, night: date, now: Callable[[], datetime]) -> PullResult:
    """Land every page of ``/api/v1/submissions`` that holds something new. ``now`` returns aware time."""

    def find(body: bytes, _: Sequence[Any]) -> tuple[Sequence[Refusal], frozenset[str]]:
        return refusals_of(body)

    feed = Feed(
        resource="portal.submissions",
        path="/api/v1/submissions",
        source="portal",
        kind="submissions_page",
        is_ordered=True,
        overlap=timedelta(0),
        query=_since(access.submissions_limit),
        read=partial(page_as_it_came, mark_of=mark_of, find=find),
        landed_rows=partial(landed_items, mark_of=mark_of),
        parse_mark=local_time,
    )
    with SourceClient(access, source="portal", now=now) as client:
        return walk_feed(feed, client, landing, night=night, now=now)


def pull_dossiers(
    access: SourceAccess, landing: Landing, *, night: date, now: Callable[[], datetime], pseudonym_key: bytes
) -> PullResult:
    """Land every page of ``/api/v1/dossiers`` that holds something new, without personal fields.

    ``pseudonym_key`` is the secret of ``applicant_pseudonym``; ``ValueError`` when it is empty.
    """
    feed = Feed(
        resource="portal.dossiers",
        path="/api/v1/dossiers",
        source="portal",
        kind="dossiers_page",
        is_ordered=True,
        overlap=timedelta(0),
        query=_since(access.dossiers_limit),
        read=DossierPages(pseudonym_key).read,
        landed_rows=landed_rows,
        parse_mark=local_time,
    )
    with SourceClient(access, source="portal", now=now) as client:
        return walk_feed(feed, client, landing, night=night, now=now)


def _since(limit: int) -> Callable[[str | None], dict[str, str]]:
    def query(watermark: str | None) -> dict[str, str]:
        return {**({"updated_since": watermark} if watermark else {}), "limit": str(limit)}

    return query
