"""The landing zone: bytes first, under their SHA-256, each with a row in the ledger.

``blobs/ab/abcdef…`` holds bytes as they came; ``ledger.sqlite`` says what landed when, from where, what each step made of it
(outcomes), how far each resource was read (watermarks) and which messages still wait for an acknowledgement. Everything
downstream can be rebuilt from these two. Nothing here is ever overwritten; bytes go only where an officer decides that they
must (``purge``), and their row stays.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ingestion.errors import LandingError
from state import connect

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

Kind = Literal["submissions_page", "dossiers_page", "edoc_message", "outgoing_page", "drop_file", "waiver"]
Result = Literal["ok", "unchanged", "skipped", "refused", "failed"]

_MIGRATIONS = Path(__file__).parent / "ledger"


@dataclass(frozen=True, slots=True)
class Landed:
    """A row of the ledger. ``sha256`` names the blob; ``original_sha256`` the body as it came (they differ where personal
    fields were removed); ``night_on`` is the night that first took it in; ``landed_at`` is local time."""

    landed_id: int
    sha256: str
    original_sha256: str
    source: str
    kind: Kind
    locator: str
    night_on: date
    landed_at: datetime
    size_bytes: int
    meta: dict[str, Any]


def sha256_hex(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Landing:
    """The landing zone of one warehouse, at ``root``. Safe for several processes at once; use as a context manager."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = root / "blobs"
        root.mkdir(mode=0o700, parents=True, exist_ok=True)  # what agencies sent is for this user's eyes
        self.blobs.mkdir(exist_ok=True)
        self._db = connect(root / "ledger.sqlite", _MIGRATIONS)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")

    def __enter__(self) -> Landing:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside is kept whole or not at all."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    # Bytes ---------------------------------------------------------------------------------------

    def land(
        self,
        content: bytes,
        *,
        source: str,
        kind: Kind,
        locator: str,
        night_on: date,
        now: datetime,
        original_sha256: str | None = None,
        meta: dict[str, Any] | None = None,
    ) -> tuple[Landed, bool]:
        """Keep ``content`` and enter it in the ledger; (row, True) when it is new, (the first row, False) when the same
        body of the same kind landed before.

        ``original_sha256`` is the hash of the body as it came, where ``content`` had personal fields removed. ``now`` is
        aware or local. Raises ``LandingError`` when the disk refuses.
        """
        digest = sha256_hex(content)
        original = original_sha256 or digest
        try:
            if self.why_purged(digest) is None:
                self._write_blob(digest, content)
        except OSError as error:
            raise LandingError(f"can't be kept: {error}", source=source, locator=locator) from error
        cursor = self._db.execute(
            "insert into landed (sha256, original_sha256, source, kind, locator, night_on, landed_at, size_bytes, meta)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (kind, original_sha256) do nothing",
            (
                digest,
                original,
                source,
                kind,
                locator,
                night_on.isoformat(),
                _local(now).isoformat(timespec="seconds"),
                len(content),
                json.dumps(meta or {}, ensure_ascii=False, sort_keys=True),
            ),
        )
        is_new = cursor.rowcount == 1
        (row,) = self._landed("where kind = ? and original_sha256 = ?", (kind, original))
        return row, is_new

    def read(self, row: Landed) -> bytes:
        """The bytes of a ledger row; ``LandingError`` when they were purged, are gone or no longer have their hash."""
        if (purged := self.why_purged(row.sha256)) is not None:
            raise LandingError(
                f"nội dung đã được xoá theo quyết định: {purged}", source=row.source, locator=row.locator
            )
        try:
            content = self.path(row.sha256).read_bytes()
        except OSError as error:
            raise LandingError(f"landed bytes are gone: {error}", source=row.source, locator=row.locator) from error
        if sha256_hex(content) != row.sha256:
            raise LandingError(f"landed bytes of {row.sha256} are damaged", source=row.source, locator=row.locator)
        return content

    def path(self, sha256: str) -> Path:
        """Where the blob of this hash lies."""
        return self.blobs / sha256[:2] / sha256

    def landed_after(self, landed_id: int) -> list[Landed]:
        """Ledger rows with a greater id, in order: what a loader that stopped at ``landed_id`` has still to load."""
        return self._landed("where landed_id > ? order by landed_id", (landed_id,))

    def landed_as(self, sha256: str) -> list[Landed]:
        """Ledger rows whose bytes' hash begins so, in order."""
        return self._landed("where substr(sha256, 1, ?) = ? order by landed_id", (len(sha256), sha256))

    def purge(self, sha256: str, *, reason: str, decided_by: str, now: datetime) -> None:
        """Destroy the bytes of this hash for good; the decision is kept first, and the same bytes are never kept again."""
        self._db.execute(
            "insert into purged values (?, ?, ?, ?) on conflict do nothing",
            (sha256, reason, decided_by, _local(now).isoformat(timespec="seconds")),
        )
        self.path(sha256).unlink(missing_ok=True)

    def why_purged(self, sha256: str) -> str | None:
        """Why the bytes of this hash were destroyed; None where they were not."""
        row = self._db.execute("select reason from purged where sha256 = ?", (sha256,)).fetchone()
        return row[0] if row else None

    def purged(self) -> dict[str, str]:
        """Why bytes were destroyed, by their hash."""
        return dict(self._db.execute("select sha256, reason from purged").fetchall())

    def kept_bytes(self) -> int:
        """The bytes of all that landed and was not purged; a body that came as two kinds counts twice."""
        query = "select coalesce(sum(size_bytes), 0) from landed where sha256 not in (select sha256 from purged)"
        return int(self._db.execute(query).fetchone()[0])

    # Outcomes ------------------------------------------------------------------------------------

    def digest(self, count: int | None = None) -> tuple[int, str]:
        """How many entries the ledger has, and one hash over what they hold, in the order in which they landed; or over
        the first ``count``. As nothing is ever taken away, the hash of a count never changes."""
        rows = self._db.execute(
            "select sha256 from landed order by landed_id limit ?", [-1 if count is None else count]
        ).fetchall()
        return len(rows), hashlib.sha256("\n".join(sha256 for (sha256,) in rows).encode()).hexdigest()

    def record(
        self,
        *,
        night_on: date,
        now: datetime,
        source: str,
        step: Literal["fetch", "land", "parse", "acknowledge"],
        locator: str,
        result: Result,
        reason: str = "",
        item_count: int | None = None,
        sha256: str | None = None,
    ) -> None:
        """Write down what a step made of a page, message or file. ``reason`` is for people, in Vietnamese."""
        self._db.execute(
            "insert into outcome (night_on, recorded_at, source, step, locator, result, reason, item_count, sha256)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                night_on.isoformat(),
                _local(now).isoformat(timespec="seconds"),
                source,
                step,
                locator,
                result,
                reason,
                item_count,
                sha256,
            ),
        )

    def outcomes_after(self, outcome_id: int) -> list[tuple[Any, ...]]:
        """Outcome rows with a greater id: (outcome_id, night_on, recorded_at, source, step, locator, result, reason,
        item_count, sha256)."""
        return self._db.execute(
            "select outcome_id, night_on, recorded_at, source, step, locator, result, reason, item_count, sha256"
            " from outcome where outcome_id > ? order by outcome_id",
            (outcome_id,),
        ).fetchall()

    # Watermarks ----------------------------------------------------------------------------------

    def watermark(self, resource: str) -> str | None:
        """The last durable ``updated_at`` of a resource, as the source spelled it; None before the first."""
        row = self._db.execute("select updated_at from watermark where resource = ?", (resource,)).fetchone()
        return row[0] if row else None

    def set_watermark(self, resource: str, updated_at: str) -> None:
        self._db.execute(
            "insert into watermark values (?, ?) on conflict (resource) do update set updated_at = excluded.updated_at",
            (resource, updated_at),
        )

    # Acknowledgements ----------------------------------------------------------------------------

    def owe_acknowledgement(
        self,
        document_id: str,
        *,
        status: Literal["done", "fail"],
        reason: str,
        recipient: str,
        payload: str,
        night_on: date,
    ) -> None:
        """Note that a landed message is to be acknowledged; a message already owed or acknowledged stays as it is."""
        self._db.execute(
            "insert into acknowledgement (document_id, status, reason, recipient, payload, night_on)"
            " values (?, ?, ?, ?, ?, ?) on conflict (document_id) do nothing",
            (document_id, status, reason, recipient, payload, night_on.isoformat()),
        )

    def owed_acknowledgements(self) -> list[tuple[str, str, str, str, str]]:
        """(document_id, status, reason, recipient, payload) of every message not yet acknowledged, oldest first."""
        return self._db.execute(
            "select document_id, status, reason, recipient, payload from acknowledgement"
            " where acknowledged_at is null order by rowid"
        ).fetchall()

    def acknowledged(self, document_id: str, *, now: datetime) -> None:
        self._db.execute(
            "update acknowledgement set acknowledged_at = ?, attempts = attempts + 1 where document_id = ?",
            (_local(now).isoformat(timespec="seconds"), document_id),
        )

    def acknowledgement_failed(self, document_id: str) -> None:
        self._db.execute("update acknowledgement set attempts = attempts + 1 where document_id = ?", (document_id,))

    def has_landed(self, kind: Kind, locator: str) -> bool:
        """Whether something of this kind landed from exactly this place."""
        return bool(self._db.execute("select 1 from landed where kind = ? and locator = ?", (kind, locator)).fetchone())

    def has_message(self, document_id: str) -> bool:
        """Whether the e-document axis's message of this id landed: its acknowledgement is owed since, also where the same
        bytes had landed under another id."""
        owed = self._db.execute("select 1 from acknowledgement where document_id = ?", (document_id,)).fetchone()
        return bool(owed) or self.has_landed("edoc_message", document_id)

    # Inside --------------------------------------------------------------------------------------

    def _landed(self, where: str, parameters: tuple[Any, ...]) -> list[Landed]:
        rows = self._db.execute(
            "select landed_id, sha256, original_sha256, source, kind, locator, night_on, landed_at, size_bytes, meta"
            f" from landed {where}",
            parameters,
        )
        return [
            Landed(
                landed_id=row[0],
                sha256=row[1],
                original_sha256=row[2],
                source=row[3],
                kind=row[4],
                locator=row[5],
                night_on=date.fromisoformat(row[6]),
                landed_at=datetime.fromisoformat(row[7]),
                size_bytes=row[8],
                meta=json.loads(row[9]),
            )
            for row in rows
        ]

    def _write_blob(self, digest: str, content: bytes) -> None:
        target = self.path(digest)
        if target.exists() and target.stat().st_size == len(content):
            return
        target.parent.mkdir(exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _local(moment: datetime) -> datetime:
    """Local wall time without an offset."""
    return moment.astimezone(LOCAL).replace(tzinfo=None) if moment.tzinfo else moment
