"""What can't be made anew, kept elsewhere and brought back: the landing zone, the outbox, the reports.

The warehouse and what is published are not in a backup: the first night after a restore builds them from the landing zone.

A backup folder holds many backups. Bodies are kept once, under their hash, however many backups name them; each backup has a
folder of its own with the two databases as they stood, the key of personal numbers, the reports, and a manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cchc.settings import Settings

MANIFEST = "manifest.json"
_BODIES = "blobs"


class BackupError(Exception):
    """A backup can't be made or restored; the message names the file and says why. Nothing was overwritten."""


@dataclass(frozen=True, slots=True)
class BackupResult:
    """Where the backup is, how many bodies it names, how many of these were copied now, and their bytes."""

    path: Path
    body_count: int
    copied_count: int
    copied_bytes: int


def back_up(settings: Settings, target: Path, *, moment: datetime) -> BackupResult:
    """Add one backup to the folder ``target``. A night may be running: the ledger is copied as it stands at one moment, and
    every body that it names was on the disk before it was named. Raises ``BackupError``, also for a damaged body."""
    ledger = settings.landing_path / "ledger.sqlite"
    if not ledger.exists():
        raise BackupError(f"{settings.home_path} has no landing zone: there is nothing to keep yet")
    if target.resolve().is_relative_to(settings.home_path):
        raise BackupError(f"{target} lies inside {settings.home_path}: a backup belongs elsewhere")
    name = f"{moment:%Y-%m-%dT%H%M%S}"
    place, unfinished = target / name, target / f".{name}.unfinished"
    if place.exists():
        raise BackupError(f"{place} is there already")
    (target / _BODIES).mkdir(parents=True, exist_ok=True)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    _copy_database(ledger, unfinished / "ledger.sqlite")
    if settings.outbox_path.exists():
        _copy_database(settings.outbox_path, unfinished / "outbox.sqlite")
    key = settings.landing_path / "pseudonym.key"
    if key.exists():
        shutil.copy2(key, unfinished / key.name)
    if settings.reports_path.exists():
        shutil.copytree(settings.reports_path, unfinished / "reports")
    copied_count = copied_bytes = 0
    hashes = _hashes(unfinished / "ledger.sqlite")
    for digest in hashes:
        kept = target / _BODIES / digest[:2] / digest
        if not kept.exists():
            copied_bytes += _keep(settings.landing_path / "blobs" / digest[:2] / digest, kept, digest)
            copied_count += 1
    files = {str(path.relative_to(unfinished)): _sha256(path) for path in _files(unfinished)}
    manifest = {"made_at": moment.isoformat(timespec="seconds"), "body_count": len(hashes), "files": files}
    (unfinished / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.sync()
    unfinished.rename(place)
    return BackupResult(place, len(hashes), copied_count, copied_bytes)


def restore(settings: Settings, backup: Path) -> int:
    """Bring one backup back into a ``CCHC_HOME`` that holds none of it yet; how many bodies came. Everything is checked
    against its hash before anything is written. Raises ``BackupError``."""
    if not (backup / MANIFEST).is_file():
        known = ", ".join(sorted(path.parent.name for path in backup.glob(f"*/{MANIFEST}")))
        raise BackupError(f"{backup} is no backup" + (f"; it holds these: {known}" if known else ""))
    manifest = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        path = backup / name
        if not path.is_file() or _sha256(path) != digest:
            raise BackupError(f"{path} is missing or damaged")
    hashes = _hashes(backup / "ledger.sqlite")
    bodies = {digest: backup.parent / _BODIES / digest[:2] / digest for digest in hashes}
    for digest, path in bodies.items():
        if not path.is_file() or _sha256(path) != digest:
            raise BackupError(f"{path} is missing or damaged")
    for path in (settings.landing_path, settings.outbox_path, settings.warehouse_path, settings.published_path):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise BackupError(f"{path} is there already: a backup is restored into an empty CCHC_HOME")
    for digest, path in bodies.items():
        _keep(path, settings.landing_path / "blobs" / digest[:2] / digest, digest)
    targets = {
        "ledger.sqlite": settings.landing_path / "ledger.sqlite",
        "pseudonym.key": settings.landing_path / "pseudonym.key",
        "outbox.sqlite": settings.outbox_path,
    }
    for name in manifest["files"]:
        target = targets.get(name, settings.home_path / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(backup / name, target)
    os.sync()
    return len(bodies)


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own copy, whole at one moment even while it is written."""
    with closing(sqlite3.connect(source, timeout=60)) as read, closing(sqlite3.connect(target)) as write:
        read.backup(write)


def _hashes(ledger: Path) -> list[str]:
    """Of the bodies that a ledger names and that were not purged."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as database:
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
        purged = "except select sha256 from purged" if "purged" in tables else ""  # a backup of before it was
        return [digest for (digest,) in database.execute(f"select distinct sha256 from landed {purged} order by 1")]


def _keep(source: Path, target: Path, digest: str) -> int:
    """Copy a body, whole or not at all, and only if it still is what its hash says; its bytes."""
    try:
        content = source.read_bytes()
    except OSError as error:
        raise BackupError(f"{source} can't be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise BackupError(f"{source} is damaged: its bytes no longer have the hash they are named by (cchc verify)")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{digest}.new")
    fresh.write_bytes(content)
    fresh.replace(target)
    return len(content)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
