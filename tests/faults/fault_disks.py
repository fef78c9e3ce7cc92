"""Disks that fill up, folders that can't be written, files that were damaged: told, nothing lost, right the next night."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.conftest import Calm, Serve
from tests.faults.province import Home, told

Fault = Callable[[str, str, str], None]


@contextmanager
def mounted(*words: str, on: Path) -> Iterator[None]:
    """A file system of the test's own; the test is skipped where this user may not mount."""
    on.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *words, str(on)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        pytest.skip(f"a file system can't be mounted by this user: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(on)], check=True)  # noqa: S603, S607


def equal(home: Home, calm: Calm) -> int:
    marts = home.marts()
    assert [table for table in calm.marts if marts[table] != calm.marts[table]] == []
    return len(marts)


@pytest.mark.parametrize("step", ["pull_portal_submissions", "load_raw", "build", "gate", "publish", "report"])
def test_a_full_disk_fails_the_night_and_not_the_next(
    step: str, calm: Calm, serve: Serve, fault: Fault, tmp_path: Path
) -> None:
    sources = serve() if step == "pull_portal_submissions" else serve("smtp")
    with mounted("-t", "tmpfs", "-o", "size=400m", "none", on=tmp_path / "disk"):
        if step == "pull_portal_submissions":
            home = Home(tmp_path / "disk" / "home").fed_by(sources)
            home.path.mkdir()
        else:
            home = replace(calm.home, path=calm.before / step).copied(tmp_path / "disk" / "home")
            home = home.with_settings(CCHC_SMTP_URL=sources.smtp_url)
        ballast = tmp_path / "disk" / "ballast"
        _fill(ballast, leaving=48 * 1024)
        full = home.night("--begin", step, record="full")
        assert full.returncode == 1, full.stdout[-500:] + full.stderr[-2000:]
        ballast.unlink()
        home.good_night(record="again")
        count = equal(home, calm)
        assert told(sources.mails) == calm.told
    said = next(line for line in full.stderr.splitlines() if line.startswith(f"{step}:"))
    assert "space" in said.lower() or "full" in said.lower()
    fault(
        f"disk full from {step} on", "the step says so; right once there is room", f"{said[:110]}; {count} tables equal"
    )


def _fill(path: Path, *, leaving: int) -> None:
    room = os.statvfs(path.parent)
    with path.open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, room.f_bavail * room.f_frsize - leaving)


@pytest.mark.parametrize(
    ("folder", "step"), [("landing", "pull_edocuments"), ("warehouse", "load_raw"), ("published", "publish")]
)
def test_a_folder_that_is_read_only_fails_the_night_and_not_the_next(
    folder: str, step: str, calm: Calm, serve: Serve, fault: Fault, tmp_path: Path
) -> None:
    sources = serve()
    home = Home(tmp_path / "home").fed_by(sources)
    place = home.path / folder
    place.mkdir(parents=True)
    with mounted("--bind", str(place), on=place):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)  # noqa: S603, S607
        refused = home.night(record="refused")
        assert refused.returncode == 1
    said = next(line for line in refused.stderr.splitlines() if line.startswith(f"{step}:"))
    assert "read-only" in said.lower()
    home.good_night(record="again")
    count = equal(home, calm)
    fault(
        f"{folder}/ is read-only", "the step says so; right once it is writable", f"{said[:110]}; {count} tables equal"
    )


def test_a_damaged_warehouse_is_built_anew_from_what_landed(calm: Calm, fault: Fault, tmp_path: Path) -> None:
    home = calm.home.copied(tmp_path / "home").with_settings(CCHC_SMTP_URL="smtp://127.0.0.1:9")
    path = home.path / "warehouse" / "warehouse.duckdb"
    with path.open("r+b") as warehouse:
        for place in range(0, path.stat().st_size, 16 * 1024):
            warehouse.seek(place)
            warehouse.write(os.urandom(512))
    published = (home.path / "published" / "cchc.duckdb").stat().st_ino
    broken = home.night(record="broken")
    assert broken.returncode == 1
    assert (home.path / "published" / "cchc.duckdb").stat().st_ino == published
    verified = home.cchc("verify")
    assert verified.returncode == 1
    assert "warehouse" in verified.stdout + verified.stderr
    path.parent.rename(tmp_path / "aside")  # as docs/runbook/warehouse-lost.md says
    home.good_night(record="again")
    count = equal(home, calm)
    fault(
        "the warehouse file is overwritten in part",
        "the night fails, readers keep the last publication; rebuilt from landing",
        f"{count} tables equal",
    )


def test_a_damaged_landing_file_is_named(calm: Calm, fault: Fault, tmp_path: Path) -> None:
    home = calm.home.copied(tmp_path / "home")
    body = max((home.path / "landing" / "blobs").glob("*/*"), key=lambda path: path.stat().st_size)
    content = bytearray(body.read_bytes())
    content[len(content) // 2] ^= 1
    body.write_bytes(content)
    verified = home.cchc("verify")
    assert verified.returncode == 1
    line = next(line for line in verified.stdout.splitlines() if body.name in line or "hash" in line)
    home.good_night(record="again")
    count = equal(home, calm)
    fault(
        "a landed body has one bit turned",
        "cchc verify names it; figures loaded before stay",
        f"{line[:90]}; {count} tables equal",
    )
