"""The publication of a night, and what a person asks of publications: the files first, then PostgreSQL where there is one."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from cchc.built import built_sha256, read_project
from cchc.marts import table_models
from cchc.settings import ROOT, Settings
from cchc.steps import Facts, StepError
from ingestion.landing import Landing
from publishing.embedded import PublishResult
from publishing.embedded import publish as publish_files
from publishing.manifest import Provenance, has_its_files, read_manifest, verify
from publishing.marts import PublishError
from publishing.postgres.publication import publications, rollback
from publishing.postgres.publication import publish as publish_postgres


def publish_night(settings: Settings, night: date, *, now: Callable[[], datetime], is_whole: bool = False) -> Facts:
    """Publish the marts: the files, then PostgreSQL with ``CCHC_PUBLISH_POSTGRES`` set. ``is_whole``: where something changed
    the DuckDB file is written anew, not brought up to date.

    Raises ``StepError`` where PostgreSQL fails: the files are published all the same, and the next night brings PostgreSQL
    up to them.
    """
    result = _publish_files(settings, night, now, is_whole=is_whole)
    facts: Facts = {
        "path": str(result.path),
        "publication": result.manifest.publication,
        "is_replaced": result.is_replaced,
        "row_counts": result.row_counts,
    }
    if address := settings.publish_postgres.get_secret_value():
        try:
            told = publish_postgres(
                settings.published_path,
                address,
                table_models(settings),
                kept=settings.publish_kept_nights,
                pace=settings.publish_pace,
            )
        except PublishError as error:
            raise StepError(f"PostgreSQL was not published: {error}; the DuckDB file was", facts) from error
        facts["postgres"] = {
            "publication": told.publication,
            "is_published": told.is_published,
            "row_count": told.row_count,
            "dropped": list(told.dropped),
            "waiting": list(told.waiting),
        }
    return facts


def _publish_files(settings: Settings, night: date, now: Callable[[], datetime], *, is_whole: bool) -> PublishResult:
    """Publish the files. Where dbt built nothing since what is published was made, the marts need not be read to know that
    they are the same."""
    mark = settings.dbt_state_path / "published.json"
    built = _built(settings)
    home, manifest = settings.published_path.parent, read_manifest(settings.published_path.parent)
    if manifest and built and mark.exists() and has_its_files(home, manifest):
        told = json.loads(mark.read_text(encoding="ascii"))
        if told == [built, manifest.publication, duckdb.__version__]:
            counts = {mart.name: mart.row_count for mart in manifest.marts if mart.is_table}
            return PublishResult(settings.published_path, is_replaced=False, row_counts=counts, manifest=manifest)
    made_from = _made_from(settings, night, now())
    result = publish_files(settings.warehouse_path, settings.published_path, made_from, is_whole=is_whole)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps([built, result.manifest.publication, duckdb.__version__]), encoding="ascii")
    return result


def _built(settings: Settings) -> str | None:
    if not settings.warehouse_path.exists():
        return None
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        return built_sha256(connection)


def dsn(settings: Settings) -> str:
    """Where PostgreSQL is. Raises ``PublishError`` where none is set."""
    if address := settings.publish_postgres.get_secret_value():
        return address
    raise PublishError("CCHC_PUBLISH_POSTGRES is not set: there is no publication to PostgreSQL")


def go_back(settings: Settings, to: str) -> str:
    """Let PostgreSQL answer from an earlier publication; its name. Raises ``PublishError``."""
    return rollback(dsn(settings), to or None)


def kept_publications(settings: Settings) -> str:
    """The kept publications for the eye, the latest first, the current one marked."""
    lines = [
        f"{'*' if kept.is_current else ' '} {kept.name}  {kept.published_at:%Y-%m-%d %H:%M}  {kept.row_count:,} rows\n"
        for kept in publications(dsn(settings))
    ]
    return "".join(lines) or "nothing has been published to PostgreSQL yet\n"


def verify_files(settings: Settings) -> list[str]:
    """What does not hold of the published files or of where they are said to come from, one sentence each."""
    wrong = verify(settings.published_path)
    manifest = read_manifest(settings.published_path.parent)
    if manifest and settings.landing_path.exists():
        made_from = manifest.made_from
        with Landing(settings.landing_path) as landing:
            if landing.digest(made_from.landing_count) != (made_from.landing_count, made_from.landing_sha256):
                wrong.append(
                    f"it was not made from the first {made_from.landing_count} entries of the landing zone here"
                )
    return wrong


def _made_from(settings: Settings, night: date, moment: datetime) -> Provenance:
    project = read_project(settings.dbt_project_path)
    commit, is_modified = _commit(ROOT)
    with Landing(settings.landing_path) as landing:
        count, digest = landing.digest()
    return Provenance(
        night_on=night,
        published_at=moment,
        code_version=version("cchc-warehouse"),
        code_commit=commit,
        is_code_modified=is_modified,
        project_sha256=project.code,
        seeds_sha256=project.seeds,
        landing_count=count,
        landing_sha256=digest,
    )


def _commit(root: Path) -> tuple[str, bool]:
    """The git commit of the code and whether files differ from it; empty where the code is no checkout."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return "", False
    said = [
        subprocess.run([git, "-C", str(root), *words], capture_output=True, text=True, check=False)  # noqa: S603
        for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
    ]
    if any(answer.returncode for answer in said):  # a checkout that git does not trust, or half of one
        return "", False
    return said[0].stdout.strip(), bool(said[1].stdout.strip())
