"""The landing zone looked over: every body against its hash, the ledger against the bodies, the raw tables against the ledger."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from ingestion.landing import Landed, Landing

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as it should be. ``kind``: a body ``missing`` or ``damaged``, one still there that was ``purged``,
    one ``unnamed`` by the ledger (left by a process that died between the two; harmless), a ledger row ``not_loaded`` though
    later ones are."""

    kind: Literal["missing", "damaged", "purged", "unnamed", "not_loaded"]
    locator: str
    reason: str

    @property
    def is_harmless(self) -> bool:
        return self.kind == "unnamed"


def inspect_landing(landing: Landing, *, on_body: Callable[[], None] = lambda: None) -> Iterator[Flaw]:
    """Every flaw of the landing zone. Reads all bodies; ``on_body`` is called after each."""
    named: set[str] = set()
    purged = landing.purged()
    for row in landing.landed_after(0):
        if row.sha256 not in named:
            named.add(row.sha256)
            if row.sha256 not in purged:
                yield from _inspect_body(landing, row)
            elif landing.path(row.sha256).exists():
                yield Flaw("purged", str(landing.path(row.sha256)), f"it was to be destroyed: {purged[row.sha256]}")
        on_body()
    for path in sorted(landing.blobs.glob("*/*")):
        if path.name not in named:
            said = "no row of the ledger names it" if _HASH.fullmatch(path.name) else "its name is no hash"
            yield Flaw("unnamed", str(path), said)


def inspect_raw(landing: Landing, warehouse: Path) -> Iterator[Flaw]:
    """Every ledger row up to the last loaded one that the raw tables do not know. Raises ``duckdb.Error``."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (last,) = connection.execute("select landed_id from raw.load_progress").fetchall()[0]
        known = {landed_id for (landed_id,) in connection.execute("select landed_id from raw.landed").fetchall()}
    for row in landing.landed_after(0):
        if row.landed_id <= last and row.landed_id not in known:
            yield Flaw(
                "not_loaded", f"{row.source} {row.locator}", f"row {row.landed_id} of the ledger, night {row.night_on}"
            )


def _inspect_body(landing: Landing, row: Landed) -> Iterator[Flaw]:
    path = landing.path(row.sha256)
    place = f"{row.source} {row.locator} (night {row.night_on})"
    try:
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        yield Flaw("missing", str(path), f"{place}: {error.strerror or error}")
        return
    if digest != row.sha256:
        yield Flaw("damaged", str(path), f"{place}: its bytes have the hash {digest[:12]}… now")
