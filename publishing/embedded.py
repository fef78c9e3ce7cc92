"""Publication to files: a read-only DuckDB file, Parquet beside it, and a manifest; put in place together, in one step.

Each publication has a folder of its own, ``published/versions/<name>``. ``published/current`` is a link to one of them, and
what readers open (``published/cchc.duckdb``, ``published/parquet``, ``published/manifest.json``) are links through it: one
replaced link is the flip. A reader that holds the old file goes on with it; a reader that opens after the flip sees the
new one, whole. The folder before the current one stays for those who are reading through it. When nothing in the marts
changed the publication stays as it is.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from publishing.duckdb_file import bring_up, copy_whole
from publishing.manifest import (
    FILE,
    MANIFEST,
    PARQUET,
    Manifest,
    Provenance,
    PublishedFile,
    file_sha256,
    has_its_files,
    read_manifest,
    write_manifest,
)
from publishing.marts import SCHEMA, Mart, PublishError, content_sha256, read_marts
from publishing.parquet import write_parquet

VERSIONS = "versions"
CURRENT = "current"
_NEW = ".new"


@dataclass(frozen=True, slots=True)
class PublishResult:
    """``row_counts`` by table name; ``is_replaced`` is False when what was published already said the same."""

    path: Path
    is_replaced: bool
    row_counts: dict[str, int]
    manifest: Manifest

    @property
    def row_count(self) -> int:
        return sum(self.row_counts.values())


def publish(warehouse: Path, published: Path, made_from: Provenance, *, is_whole: bool = False) -> PublishResult:
    """Copy the warehouse's schema ``mart``, with comments, and replace what is published at ``published`` (the path of the
    DuckDB file, named ``cchc.duckdb``) and beside it by that.

    Tables go with their rows. A view over ``mart`` alone stays a view; one that looks elsewhere goes as a table with the
    rows it gives. Table functions (``select * from mart.value_as_believed_on('2021-12-20')``) go as they are defined.

    Of what was published before only what changed is written anew; with ``is_whole`` the DuckDB file is, its rows in the
    warehouse's order.

    Raises ``PublishError`` when there is nothing to publish or the copy does not hold what the warehouse holds.
    """
    home = published.parent
    versions = home / VERSIONS
    versions.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(versions / _NEW, ignore_errors=True)
    with duckdb.connect(str(warehouse), read_only=True) as source:
        wanted = read_marts(source)
    if not any(mart.columns for mart in wanted):
        raise PublishError(f"{warehouse} has no table in schema {SCHEMA}")
    counts = {mart.name: mart.row_count for mart in wanted if mart.is_table}
    before = read_manifest(home)
    if before and (before.duckdb_version != duckdb.__version__ or not has_its_files(home, before)):
        before = None
    if before and before.marts == wanted:
        return PublishResult(published, is_replaced=False, row_counts=counts, manifest=before)
    name = _next_name(versions, made_from)
    try:
        manifest = _write(warehouse, versions / _NEW, name, wanted, made_from, before, home, is_whole=is_whole)
        (versions / _NEW).rename(versions / name)
    finally:
        shutil.rmtree(versions / _NEW, ignore_errors=True)
    _flip(home, name)
    return PublishResult(published, is_replaced=True, row_counts=counts, manifest=manifest)


def _next_name(versions: Path, made_from: Provenance) -> str:
    night = f"night_{made_from.night_on:%Y%m%d}_"
    taken = [int(path.name.removeprefix(night)) for path in versions.glob(f"{night}*")]
    return f"{night}{max(taken, default=0) + 1:02}"


def _write(
    warehouse: Path,
    folder: Path,
    name: str,
    wanted: tuple[Mart, ...],
    made_from: Provenance,
    before: Manifest | None,
    home: Path,
    *,
    is_whole: bool,
) -> Manifest:
    """Everything of a publication, written to the disk."""
    folder.mkdir()
    if before and not is_whole:
        bring_up(warehouse, folder / FILE, wanted, home / FILE, before.marts)
    else:
        copy_whole(warehouse, folder / FILE, wanted)
    with duckdb.connect(str(folder / FILE), read_only=True) as copied:
        files = write_parquet(copied, wanted, folder, before, home)
    file = PublishedFile(FILE, file_sha256(folder / FILE), (folder / FILE).stat().st_size)
    manifest = Manifest(
        publication=name,
        content_sha256=content_sha256(wanted),
        duckdb_version=duckdb.__version__,
        made_from=made_from,
        marts=wanted,
        files=(file, *files),
    )
    write_manifest(folder, manifest)
    for path in [*folder.rglob("*"), folder]:
        _flush(path)
    return manifest


def _flip(home: Path, name: str) -> None:
    """Let the links lead to the publication ``name``, and remove the folders that nobody should be reading any more."""
    last = (home / CURRENT).readlink().name if (home / CURRENT).is_symlink() else ""
    _link(home / CURRENT, Path(VERSIONS) / name)
    for link in (FILE, PARQUET, MANIFEST):
        if not (home / link).is_symlink():
            _link(home / link, Path(CURRENT) / link)
    _flush(home / VERSIONS)
    _flush(home)
    for folder in (home / VERSIONS).iterdir():
        if folder.name not in (name, last) and re.fullmatch(r"night_\d{8}_\d+", folder.name):
            shutil.rmtree(folder)


def _link(link: Path, target: Path) -> None:
    fresh = link.with_name(f".{link.name}{_NEW}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _flush(path: Path) -> None:
    """Have the operating system write the file, or the folder's entries, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
