"""``cchc doctor``: what is wrong with this machine and its settings, and what to do about it. Changes nothing.

Every check stands alone: one that breaks is a finding like any other, and the rest are made all the same.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cchc.loopback import is_taken
from cchc.night import now
from cchc.settings import ROOT, Settings
from cchc.summary import GOOD_OUTCOMES, past_runs

if TYPE_CHECKING:
    from ingestion.sources.access import SourceAccess

State = Literal["ok", "warn", "fail"]

LEAST_FREE_BYTES = 2 * 1024**3
CLOCK_SECONDS = 300
STALE_HOURS = 36
PACKAGES = ("apache-airflow", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pandas")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ``found`` is what was seen, ``advice`` what to do where it is not ``ok``."""

    check: str
    state: State
    found: str
    advice: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which a night meets them."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(settings)
        except Exception as error:
            name = check.__name__.replace("_", " ")
            found.append(
                Finding(name, "fail", f"{type(error).__name__}: {error}", "see the message; the check itself broke")
            )
    return found


def as_text(findings: list[Finding]) -> str:
    """One line each, what to do below it, and a closing count."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.state.upper():<5} {finding.check:<22} {finding.found}")
        if finding.state != "ok" and finding.advice:
            lines.append(f"      {'':<22} → {finding.advice}")
    counts = {state: sum(finding.state == state for finding in findings) for state in ("ok", "warn", "fail")}
    lines.append(f"{counts['ok']} ok, {counts['warn']} to look at, {counts['fail']} to mend")
    return "\n".join(lines) + "\n"


def as_json(findings: list[Finding]) -> list[dict[str, str]]:
    return [asdict(finding) for finding in findings]


# The machine ------------------------------------------------------------------------------------------------------------


def versions(_: Settings) -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    is_right = sys.version_info[:2] == (3, 11)
    yield Finding("python", "ok" if is_right else "fail", python, "install Python 3.11, then make clean setup")
    locked = _locked()
    wrong = []
    for name in PACKAGES:
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = "not installed"
        if locked.get(name) not in (None, version):
            wrong.append(f"{name} {version} instead of {locked[name]}")
    yield Finding(
        "packages",
        "fail" if wrong else "ok",
        "; ".join(wrong) or f"{len(locked)} locked",
        "make setup installs the locked ones",
    )


def reading_tools(_: Settings) -> Iterator[Finding]:
    path = shutil.which("tesseract")
    languages = ""
    if path:
        languages = subprocess.run(  # noqa: S603 - the program that the readers use
            [path, "--list-langs"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    has_vietnamese = "vie" in languages.split()
    found = "with Vietnamese" if has_vietnamese else "without Vietnamese" if path else "not installed"
    yield Finding(
        "tesseract", "ok" if has_vietnamese else "warn", found,
        "scanned pages are refused with a word until scripts/install-system-packages has run",
    )  # fmt: skip
    office = shutil.which("soffice") or shutil.which("libreoffice")
    yield Finding(
        "LibreOffice", "ok" if office else "warn", "there" if office else "not installed",
        "cchc export appendix writes no PDF until scripts/install-system-packages has run",
    )  # fmt: skip


def folders(settings: Settings) -> Iterator[Finding]:
    for name, path in (("CCHC_HOME", settings.home_path), ("CCHC_DROPS", settings.drops_path)):
        nearest = next(parent for parent in (path, *path.parents) if parent.exists())
        if not nearest.is_dir():
            yield Finding(name, "fail", f"{nearest} is a file", f"move it away or set {name} to another folder")
        elif not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
            advice = f"chown or chmod {nearest} for this user (uid {os.getuid()}), or set {name} to another folder"
            yield Finding(name, "fail", f"{nearest} can't be written", advice)
        else:
            yield Finding(name, "ok", str(path) if path.exists() else f"{path} (comes with the first night)")
    nearest = next(parent for parent in (settings.home_path, *settings.home_path.parents) if parent.exists())
    free = shutil.disk_usage(nearest).free
    size = settings.warehouse_path.stat().st_size if settings.warehouse_path.exists() else 0
    wanted = max(LEAST_FREE_BYTES, 3 * size)
    yield Finding(
        "disk", "ok" if free >= wanted else "fail", f"{free / 1024**3:.1f} GiB free, {wanted / 1024**3:.1f} wanted",
        "free some room, or move CCHC_HOME: a publication needs the warehouse's size twice more for a moment",
    )  # fmt: skip


def ports(settings: Settings) -> Iterator[Finding]:
    for name in ("airflow", "superset", "marts", "mail"):
        port = getattr(settings, f"{name}_port")
        is_busy = is_taken(port)
        yield Finding(
            f"port of {name}", "warn" if is_busy else "ok", f"{port} is {'taken' if is_busy else 'free'}",
            f"fine where make up runs already; else set CCHC_{name.upper()}_PORT",
        )  # fmt: skip


# What a night talks to --------------------------------------------------------------------------------------------------


def sources(settings: Settings) -> Iterator[Finding]:
    from cchc.access import edoc_access, portal_access
    from ingestion.errors import FetchError
    from ingestion.sources.http import SourceClient

    doors: tuple[tuple[Literal["portal", "edoc"], str, Callable[..., SourceAccess]], ...] = (
        ("portal", settings.portal_url, portal_access),
        ("edoc", settings.edoc_url, edoc_access),
    )
    for name, url, access_of in doors:
        setting = f"CCHC_{name.upper()}_URL"
        if not url:
            found = "no address: a stand-in plays it" if settings.stand_ins else "no address: skipped"
            yield Finding(name, "ok" if settings.stand_ins else "warn", found, f"set {setting}")
            continue
        try:
            with SourceClient(access_of(settings), source=name, now=now) as client:
                drift = client.authenticate()
        except FetchError as error:
            yield Finding(
                name, "fail", str(error), f"check {setting}, CCHC_CLIENT_ID, CCHC_CLIENT_SECRET, and the network"
            )
            continue
        yield Finding(name, "ok", "a token was given")
        if drift is not None:
            yield Finding(
                "clock", "ok" if abs(drift) <= CLOCK_SECONDS else "fail", f"{drift:+.0f} s against {name}",
                "set this machine's clock (timedatectl set-ntp true): nights and lateness are told by it",
            )  # fmt: skip


def mail(settings: Settings) -> Iterator[Finding]:
    from expectations.errors import MailError
    from expectations.mail import greet

    url = settings.smtp_url.get_secret_value()
    if not url:
        found = (
            "no address: the stand-in mailbox keeps the mail"
            if settings.stand_ins
            else "no address: reports are kept only"
        )
        yield Finding("mail server", "ok" if settings.stand_ins else "warn", found, "set CCHC_SMTP_URL")
    else:
        try:
            greet(url)
            yield Finding("mail server", "ok", "answers and takes the login")
        except MailError as error:
            yield Finding("mail server", "fail", str(error), "check CCHC_SMTP_URL; mails wait in the outbox meanwhile")
    if url and not settings.report_to:
        yield Finding("report's recipient", "fail", "none", "set CCHC_REPORT_TO")
    yield from _outbox(settings)


def _outbox(settings: Settings) -> Iterator[Finding]:
    from expectations.outbox import Outbox

    outbox = Outbox(settings.outbox_path, now=now)
    waiting = outbox.unsent() if outbox.exists else []
    oldest = f", the oldest of the night {waiting[0].night}: {waiting[0].reason or 'not tried yet'}" if waiting else ""
    yield Finding(
        "outbox", "warn" if waiting else "ok", f"{len(waiting)} mails wait{oldest}",
        "the next night sends them once the mail server takes them",
    )  # fmt: skip


# What a night leaves ----------------------------------------------------------------------------------------------------


def state(settings: Settings) -> Iterator[Finding]:
    ledger = settings.landing_path / "ledger.sqlite"
    if not ledger.exists():
        yield Finding("landing ledger", "ok", "none yet: no night has run")
        return
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as database:
        (said,) = database.execute("pragma quick_check(1)").fetchone()
        (count,) = database.execute("select count(*) from landed").fetchone()
    yield Finding(
        "landing ledger", "ok" if said == "ok" else "fail", f"{count} bodies" if said == "ok" else str(said),
        "restore the landing zone from the last backup (docs/runbook/landing-damaged.md)",
    )  # fmt: skip
    yield from _published(settings)


def _published(settings: Settings) -> Iterator[Finding]:
    import duckdb

    path = settings.published_path
    if not path.exists():
        yield Finding(
            "published file",
            "warn",
            f"{path} is not there",
            "run a night; cchc status says why the last did not publish",
        )
        return
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            (count,) = connection.execute("select count(*) from mart.fct_submission").fetchall()[0]
    except duckdb.Error as error:
        yield Finding(
            "published file", "fail", str(error).splitlines()[0], "run a night: it is written anew from the warehouse"
        )
        return
    yield Finding("published file", "ok", f"opens; {count} submissions")
    if not settings.stand_ins:
        yield from _last_night(settings)


def _last_night(settings: Settings) -> Iterator[Finding]:
    runs = past_runs(settings)
    if not runs:
        return
    last = runs[0]
    age = now() - datetime.fromisoformat(last["started_at"]) if last["started_at"] else timedelta.max
    is_good = last["outcome"] in GOOD_OUTCOMES
    is_fresh = age <= timedelta(hours=STALE_HOURS)
    yield Finding(
        "last night", "ok" if is_good and is_fresh else "warn" if is_good else "fail",
        f"{last['outcome']}, {age.total_seconds() / 3600:.0f} h ago",
        "cchc status, then docs/runbook/; is Airflow's scheduler running?",
    )  # fmt: skip


CHECKS: tuple[Check, ...] = (versions, reading_tools, folders, ports, sources, mail, state)


def _locked() -> dict[str, str]:
    """Package versions by name, as ``requirements/lock.txt`` has them."""
    path: Path = ROOT / "requirements" / "lock.txt"
    pairs = (
        line.split()[0].partition("==")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line[:1].isalnum() and "==" in line
    )
    return {name.partition("[")[0]: version for name, _, version in pairs}
