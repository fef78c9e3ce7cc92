"""The loader: whatever landed since the last night, into the raw tables, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.errors import IngestionError
from ingestion.landing import Landed, Landing
from ingestion.model import Problem
from ingestion.raw.dossiers import load_dossier_pages
from ingestion.raw.forms import Revisions, add_drop, add_message
from ingestion.raw.outgoing import OutgoingDocuments
from ingestion.raw.portal import PortalSubmissions
from ingestion.raw.reading import DEFAULT_PLAN, FormsReader, ReadingPlan
from ingestion.raw.rows import RawRows
from ingestion.raw.waivers import load_waiver
from ingestion.reference import Catalogue
from ingestion.sources.drops import return_refused
from state.warehouse import open_warehouse, transaction

_SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one load added: bodies taken from the landing zone, and rows by kind; ``refused_count`` bodies gave nothing."""

    landed_count: int
    submission_count: int
    line_count: int
    dossier_count: int
    outgoing_document_count: int
    message_count: int
    problem_count: int
    refused_count: int


def ensure_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the raw tables where they are missing."""
    connection.execute(_SCHEMA.read_text(encoding="utf-8"))


def load_raw(
    landing: Landing,
    *,
    warehouse: Path,
    catalogue: Catalogue,
    refused: Path,
    night: date,
    now: Callable[[], datetime],
    reading: ReadingPlan = DEFAULT_PLAN,
) -> LoadResult:
    """Load what landed after the last load. A body that can't be read is recorded as an outcome with its reason and left
    out (a dropped file is given back under ``refused``); everything else goes in. Loading twice adds nothing. ``reading``
    says how files are read, which changes no row but where a limit is met."""
    warehouse.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open_warehouse(warehouse) as connection:
        ensure_schema(connection)
        with transaction(connection):
            return _Loader(connection, landing, catalogue, refused, night, now, reading).run()


class _Loader:
    """One load: what it reads from, what it has gathered, what it gave up on."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        landing: Landing,
        catalogue: Catalogue,
        refused: Path,
        night: date,
        now: Callable[[], datetime],
        reading: ReadingPlan,
    ) -> None:
        self._connection = connection
        self._landing = landing
        self._catalogue = catalogue
        self._refused = refused
        self._night = night
        self._now = now
        self._reading = reading
        self._rows = RawRows()
        self._refused_count = 0

    def run(self) -> LoadResult:
        last_landed, last_outcome = self._connection.execute(
            "select landed_id, outcome_id from raw.load_progress"
        ).fetchall()[0]
        bodies = self._landing.landed_after(last_landed)
        by_kind: dict[str, list[Landed]] = {}
        for body in bodies:
            by_kind.setdefault(body.kind, []).append(body)
        pages = [page for page in by_kind.get("dossiers_page", []) if self._content(page) is not None]
        dossiers = load_dossier_pages(self._connection, self._landing, pages)
        self._load_bodies(by_kind)
        self._add_ledger(bodies, last_outcome)
        result = LoadResult(
            landed_count=len(bodies),
            submission_count=self._rows.count("submission"),
            line_count=self._rows.count("submission_line"),
            dossier_count=dossiers,
            outgoing_document_count=self._rows.count("outgoing_document"),
            message_count=self._rows.count("edoc_message"),
            problem_count=self._rows.count("problem"),
            refused_count=self._refused_count,
        )
        self._rows.write(self._connection)
        return result

    def _load_bodies(self, by_kind: dict[str, list[Landed]]) -> None:
        submissions = PortalSubmissions(self._connection, self._catalogue)
        revisions = Revisions(self._connection)
        self._each(by_kind, "submissions_page", lambda body, content: submissions.load(body, content, self._rows))
        messages, files = by_kind.get("edoc_message", []), by_kind.get("drop_file", [])
        outgoing = OutgoingDocuments(self._connection)
        with FormsReader(self._catalogue, self._reading, [*messages, *files]) as reader:
            self._each_read(
                reader, messages, lambda body, found: add_message(body, found, self._rows, self._catalogue, revisions)
            )
            self._each(by_kind, "outgoing_page", lambda body, content: outgoing.load(body, content, self._rows))
            self._each_read(reader, files, lambda body, found: add_drop(body, found, self._rows, revisions))
        self._each(by_kind, "waiver", lambda body, content: load_waiver(body, content, self._rows))

    def _each_read(self, reader: FormsReader, bodies: Iterable[Landed], add: Callable[[Landed, Any], int]) -> None:
        present = ((body, content) for body in bodies if (content := self._content(body)) is not None)
        for body, content, found in reader.read(present):
            if isinstance(found, IngestionError):
                self._refuse(body, found, content)
            else:
                self._record(body, "ok", "", add(body, found))
                self._rows.write_when_many(self._connection)

    def _each(self, by_kind: dict[str, list[Landed]], kind: str, load: Callable[[Landed, bytes], int]) -> None:
        for body in by_kind.get(kind, []):
            content = self._content(body)
            if content is None:
                continue
            try:
                count = load(body, content)
            except IngestionError as error:
                self._refuse(body, error, content)
            else:
                self._record(body, "ok", "", count)

    def _content(self, body: Landed) -> bytes | None:
        """A body's bytes; None, recorded, when the landing zone no longer has them as they were."""
        try:
            return self._landing.read(body)
        except IngestionError as error:
            self._refuse(body, error, None)
            return None

    def _refuse(self, body: Landed, error: IngestionError, content: bytes | None) -> None:
        self._refused_count += 1
        self._rows.add_problem(body, Problem("error", "body_refused", error.reason, error.locator))
        self._record(body, "refused" if content is not None else "failed", error.reason, 0)
        if content is not None and body.kind == "drop_file":
            return_refused(self._refused / body.locator, content, error.reason)

    def _record(self, body: Landed, result: str, reason: str, count: int) -> None:
        self._landing.record(
            night_on=self._night,
            now=self._now(),
            source=body.source,
            step="parse",
            locator=body.locator,
            result=result,  # type: ignore[arg-type]
            reason=reason,
            item_count=count,
            sha256=body.sha256,
        )

    def _add_ledger(self, bodies: list[Landed], last_outcome: int) -> None:
        """Copy the ledger's new rows, and say how far this load has come."""
        for body in bodies:
            self._rows.add(
                "landed",
                landed_id=body.landed_id,
                sha256=body.sha256,
                original_sha256=body.original_sha256,
                source=body.source,
                kind=body.kind,
                locator=body.locator,
                night_on=body.night_on,
                landed_at=body.landed_at,
                size_bytes=body.size_bytes,
            )
        outcomes = self._landing.outcomes_after(last_outcome)
        for outcome_id, night_on, recorded_at, source, step, locator, result, reason, item_count, sha256 in outcomes:
            self._rows.add(
                "outcome",
                outcome_id=outcome_id,
                night_on=date.fromisoformat(night_on),
                recorded_at=datetime.fromisoformat(recorded_at),
                source=source,
                step=step,
                locator=locator,
                result=result,
                reason=reason,
                item_count=item_count,
                sha256=sha256,
            )
        self._connection.execute(
            "update raw.load_progress set landed_id = greatest(landed_id, ?), outcome_id = greatest(outcome_id, ?)",
            [max((body.landed_id for body in bodies), default=0), max((row[0] for row in outcomes), default=0)],
        )
