"""The commands of whoever keeps the warehouse running: reminders, the doctor, backups, what is checked and tidied."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cchc.edge import settings_or_stop as _settings
from cchc.edge import stop as _stop

app = typer.Typer()


@app.command()
def remind(
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day (local date). Left out: today.")
    ] = None,
) -> None:
    """Mail the agencies whose report is due soon or overdue (what the DAG submission_reminders does every morning)."""
    from cchc.night import now
    from cchc.query import NothingPublishedError
    from cchc.reminders import remind as send

    try:
        told = send(date.date() if date else now().date(), _settings())
    except NothingPublishedError as error:
        _stop(str(error), 1)
    sys.stdout.write(
        f"{told['mail_count']} agencies reminded; {told['sent_count']} mails sent, {told['unsent_count']} wait\n"
    )
    for name in told["without_contact"]:
        sys.stdout.write(f"  no mail address: {name}\n")


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False) -> None:
    """Check this machine and its settings (versions, folders, disk, ports, sources, mail, clock) and say what to do."""
    from json import dumps

    from cchc.doctor import as_json, as_text, examine

    findings = examine(_settings())
    sys.stdout.write(dumps(as_json(findings), ensure_ascii=False) + "\n" if json else as_text(findings))
    raise typer.Exit(1 if any(finding.state == "fail" for finding in findings) else 0)


@app.command()
def spark() -> None:
    """Build the marts on Apache Spark, from this warehouse's raw tables, as Parquet files (docs/scale.md)."""
    from cchc.lock import NightBusyError
    from cchc.spark import build_on_spark, export_landing
    from cluster.errors import ClusterError

    settings = _settings()
    try:
        exported = export_landing(settings)
        sys.stdout.write(
            f"{exported.rows} raw rows in {settings.spark_path / 'landing'}:"
            f" {exported.months_written} months of tables written, {exported.months_left} as they were\n"
        )
        sys.stdout.flush()
        built = build_on_spark(settings)
    except (ClusterError, NightBusyError) as error:
        _stop(str(error), 1)
    for name, (count, folder) in built.items():
        sys.stdout.write(f"{count:>12} {name:<28} {folder}\n")


@app.command()
def housekeeping() -> None:
    """Remove old logs, records and leftovers (what the DAG housekeeping does every Sunday)."""
    from cchc.housekeeping import tidy_now

    for kind, told in tidy_now().items():
        sys.stdout.write(f"{kind}: {told if isinstance(told, int) else told['file_count']}\n")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where backups are kept, outside CCHC_HOME.")],
) -> None:
    """Keep what can't be made anew (landing zone, outbox, reports) in FOLDER; a body that many backups name is kept once."""
    from cchc.backup import BackupError, back_up
    from cchc.night import now

    try:
        made = back_up(_settings(), target, moment=now())
    except (BackupError, OSError) as error:
        _stop(str(error), 1)
    sys.stdout.write(
        f"{made.path}: {made.body_count} bodies, {made.copied_count} of them new ({made.copied_bytes / 1e6:.1f} MB)\n"
        "  It holds the key of personal numbers: keep it as closely as CCHC_HOME.\n"
    )


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(metavar="FOLDER/BACKUP", help="One backup, as cchc backup printed it.")],
) -> None:
    """Bring a backup back into an empty CCHC_HOME; the next night builds warehouse and marts from it."""
    from cchc.backup import BackupError
    from cchc.backup import restore as bring_back

    settings = _settings()
    try:
        count = bring_back(settings, backup)
    except (BackupError, OSError) as error:
        _stop(str(error), 1)
    sys.stdout.write(
        f"{count} bodies are back in {settings.home_path}. The next night (make nightly) builds the rest.\n"
    )


@app.command()
def verify() -> None:
    """Check every landed body against its hash, the ledger against the raw tables, what is published against its manifest."""
    from rich.console import Console
    from rich.progress import Progress

    from cchc.verify import verify_all

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("landing zone", total=None)
        flaws, counts = verify_all(_settings(), on_body=lambda: progress.advance(task))
    for flaw in flaws:
        sys.stdout.write(f"{flaw}\n")
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    sys.stdout.write(f"{len(flaws)} flaws in {told}\n")
    raise typer.Exit(1 if flaws else 0)


@app.command()
def purge(
    sha256: Annotated[
        str, typer.Argument(metavar="SHA256", help="The landed body's hash, or its first 8 letters or more.")
    ],
    reason: Annotated[str, typer.Option(help="Why, and by which decision; it is kept.")],
    by: Annotated[str, typer.Option(help="Who decided. Left out: this user.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Left out: only say what would go.")] = False,
) -> None:
    """Destroy a landed body for good, as where a list of citizens was sent by mistake. Its row in the ledger stays."""
    from cchc.purge import PurgeError, find
    from cchc.purge import purge as destroy

    settings = _settings()
    try:
        for row in find(settings, sha256):
            sys.stdout.write(
                f"{row.source} {row.locator}, night {row.night_on}, {row.size_bytes:,} bytes, {row.sha256}\n"
            )
        if not yes:
            sys.stdout.write("Nothing was destroyed: add --yes. It can't be taken back.\n")
            return
        for path in destroy(settings, sha256, reason=reason, by=by):
            sys.stdout.write(f"  destroyed: {path}\n")
    except PurgeError as error:
        _stop(str(error), 1)
    sys.stdout.write(
        "The next night (make nightly) builds the warehouse anew without it and replaces what is published.\n"
        "Still to be seen to: backups made before (cchc backup), PostgreSQL's kept publications (they go after "
        f"{settings.publish_kept_nights} nights), the sender's own copy.\n"
    )
