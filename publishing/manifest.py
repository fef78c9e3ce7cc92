"""``published/manifest.json``: what was published, made from what, and in which files; enough to make it again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import msgspec

from publishing.marts import SCHEMA, Mart, quoted, read_marts, read_parts, total

FILE = "cchc.duckdb"
PARQUET = "parquet"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a publication was made from. The same code over the same landed bytes gives the same marts.

    ``code_commit`` is empty where the code is not a git checkout; ``landing_sha256`` is the hash of the first
    ``landing_count`` entries of the landing zone's ledger.
    """

    night_on: date
    published_at: datetime
    code_version: str
    code_commit: str
    is_code_modified: bool
    project_sha256: str
    seeds_sha256: str
    landing_count: int
    landing_sha256: str


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """``path`` from the publication's folder; ``row_count`` for Parquet only."""

    path: str
    sha256: str
    size_bytes: int
    row_count: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One publication. ``content_sha256`` is the one word for everything in ``marts``."""

    publication: str
    content_sha256: str
    duckdb_version: str
    made_from: Provenance
    marts: tuple[Mart, ...]
    files: tuple[PublishedFile, ...]


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of what is published in ``folder``; None where there is none, or one of another version's form."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_manifest(folder: Path, manifest: Manifest) -> Path:
    path = folder / MANIFEST
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return path


def has_its_files(folder: Path, manifest: Manifest) -> bool:
    """Whether every file is there at its size; ``verify`` looks inside."""
    return all(
        (folder / file.path).is_file() and (folder / file.path).stat().st_size == file.size_bytes
        for file in manifest.files
    )


def file_sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def verify(published: Path) -> list[str]:
    """What does not hold of the manifest beside the published file, one sentence each; nothing when all of it does.

    Every file's hash and size, every table of the DuckDB file, and every table's rows as Parquet gives them.
    """
    # One publication's own folder: the one that comes meanwhile is another.
    folder = (published.parent / MANIFEST).resolve().parent
    manifest = read_manifest(folder)
    if manifest is None:
        return [f"{folder / MANIFEST} is not there, or can't be read"]
    wrong = []
    for file in manifest.files:
        path = folder / file.path
        if not path.is_file():
            wrong.append(f"{file.path} is missing")
        elif file_sha256(path) != file.sha256:
            wrong.append(f"{file.path} holds other bytes than were published")
    known = {file.path for file in manifest.files} | {MANIFEST}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    wrong += [f"{path} was not published" for path in sorted(found - known)]
    if wrong:
        return wrong
    if manifest.duckdb_version != duckdb.__version__:
        return [f"published by DuckDB {manifest.duckdb_version}, whose row hashes {duckdb.__version__} may not repeat"]
    with duckdb.connect(str(folder / FILE), read_only=True) as connection:
        held = {mart.name: mart for mart in read_marts(connection)}
        for mart in manifest.marts:
            if held.get(mart.name) != mart:
                wrong.append(f"{SCHEMA}.{mart.name} of {FILE} is not what was published")
            if mart.is_table and _parquet_hash(connection, folder, mart) != (mart.row_count, mart.row_hash):
                wrong.append(f"{PARQUET}/{mart.name} does not hold the rows of {SCHEMA}.{mart.name}")
    return wrong


def _parquet_hash(connection: duckdb.DuckDBPyConnection, folder: Path, mart: Mart) -> tuple[int, str]:
    files = str(folder / PARQUET / mart.name / "**" / "*.parquet").replace("'", "''")
    columns = ", ".join(quoted(column.name) for column in mart.columns)
    query = f"(select {columns} from read_parquet('{files}', hive_partitioning = false))"
    return total(read_parts(connection, query, None))
