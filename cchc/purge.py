"""``cchc purge``: an officer has one landed body destroyed, as where a list of citizens was dropped by mistake."""

from __future__ import annotations

import getpass
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cchc.lock import NightBusyError, alone
from cchc.night import now
from cchc.settings import Settings
from ingestion.landing import Landed, Landing

_HASH = re.compile(r"[0-9a-f]{8,64}")


class PurgeError(Exception):
    """Nothing was destroyed; the message says why."""


def find(settings: Settings, sha256: str) -> list[Landed]:
    """What landed with these bytes: the rows of the ledger. Raises ``PurgeError`` where the hash names none, or several."""
    if not _HASH.fullmatch(sha256):
        raise PurgeError(
            f"{sha256!r} is no hash: 8 to 64 of 0-9 and a-f, as `cchc explain` and mart.fct_outcome show it"
        )
    if not (settings.landing_path / "ledger.sqlite").exists():
        raise PurgeError(f"{settings.home_path} has no landing zone")
    with Landing(settings.landing_path) as landing:
        rows = landing.landed_as(sha256)
    if not rows:
        raise PurgeError(f"nothing landed with the hash {sha256}")
    if len({row.sha256 for row in rows}) > 1:
        raise PurgeError(f"several bodies begin with {sha256}: give more of it")
    return rows


def purge(settings: Settings, sha256: str, *, reason: str, by: str = "") -> list[Path]:
    """Destroy the body, and all that was made from it in ``CCHC_HOME`` and would keep it: the warehouse, which the next night
    builds anew, and a copy among the refused files. The paths that went. Raises ``PurgeError``, also while a night runs."""
    if not reason.strip():
        raise PurgeError("a purge needs a reason")
    rows = find(settings, sha256)
    with _no_night(settings):
        with Landing(settings.landing_path) as landing:
            gone = [landing.path(rows[0].sha256)]
            landing.purge(rows[0].sha256, reason=reason.strip(), decided_by=by.strip() or getpass.getuser(), now=now())
        for row in rows:
            refused = settings.drops_refused_path / row.locator
            if row.kind == "drop_file" and refused.is_file():
                refused.unlink()
                gone.append(refused)
        if settings.warehouse_path.parent.exists():
            shutil.rmtree(settings.warehouse_path.parent)
            gone.append(settings.warehouse_path.parent)
    return gone


@contextmanager
def _no_night(settings: Settings) -> Iterator[None]:
    """Neither one of the command line, nor one of Airflow's that holds the warehouse."""
    import duckdb

    try:
        with alone(settings):
            if settings.warehouse_path.exists():
                try:
                    duckdb.connect(str(settings.warehouse_path)).close()
                except duckdb.IOException as error:
                    if "lock" in str(error):
                        raise NightBusyError(str(error)) from error
            yield
    except NightBusyError as error:
        raise PurgeError(f"nothing is destroyed while a night runs: {error}") from error
