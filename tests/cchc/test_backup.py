"""Backups, what comes back of them, and what ``cchc verify`` finds."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from cchc.backup import BackupError, back_up, restore
from cchc.night import LOCAL
from cchc.settings import Settings
from cchc.verify import verify_all
from ingestion.landing import Landing

NIGHT = date(2026, 3, 1)


def moment(minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, 4, minute, tzinfo=LOCAL)


def home(folder: Path) -> Settings:
    return Settings(_env_file=None, home=folder)  # type: ignore[call-arg]


def land(settings: Settings, *contents: bytes) -> None:
    settings.landing_path.mkdir(parents=True, exist_ok=True)
    with Landing(settings.landing_path) as landing:
        for content in contents:
            landing.land(
                content, source="drop", kind="drop_file", locator=content.decode(), night_on=NIGHT, now=moment()
            )


@pytest.fixture
def lived_in(tmp_path: Path) -> Settings:
    settings = home(tmp_path / "home")
    land(settings, b"one", b"two")
    (settings.landing_path / "pseudonym.key").write_text("ab" * 32, encoding="ascii")
    (settings.reports_path / "2026-03-01").mkdir(parents=True)
    (settings.reports_path / "2026-03-01" / "summary.json").write_text("{}", encoding="ascii")
    return settings


def blob(folder: Path, content: bytes) -> Path:
    (found,) = [path for path in folder.rglob("*") if path.is_file() and path.read_bytes() == content]
    return found


def test_what_was_kept_comes_back_and_later_backups_copy_only_what_is_new(lived_in: Settings, tmp_path: Path) -> None:
    first = back_up(lived_in, tmp_path / "kept", moment=moment())
    land(lived_in, b"three")
    second = back_up(lived_in, tmp_path / "kept", moment=moment(1))
    assert [(made.body_count, made.copied_count) for made in (first, second)] == [(2, 2), (3, 1)]
    back = home(tmp_path / "new")
    assert restore(back, second.path) == 3
    with Landing(back.landing_path) as landing:
        rows = landing.landed_after(0)
        assert [landing.read(row) for row in rows] == [b"one", b"two", b"three"]
    assert (back.landing_path / "pseudonym.key").read_text(encoding="ascii") == "ab" * 32
    assert (back.reports_path / "2026-03-01" / "summary.json").exists()
    assert restore(home(tmp_path / "older"), first.path) == 2


def test_a_backup_goes_neither_into_the_home_nor_out_of_nothing(lived_in: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="belongs elsewhere"):
        back_up(lived_in, lived_in.home_path / "kept", moment=moment())
    with pytest.raises(BackupError, match="no landing zone"):
        back_up(home(tmp_path / "empty"), tmp_path / "kept", moment=moment())


def test_a_damaged_body_is_never_kept_as_a_sound_one(lived_in: Settings, tmp_path: Path) -> None:
    blob(lived_in.landing_path / "blobs", b"two").write_bytes(b"twO")
    with pytest.raises(BackupError, match="is damaged"):
        back_up(lived_in, tmp_path / "kept", moment=moment())
    assert list((tmp_path / "kept").glob("2*")) == []


@pytest.mark.parametrize("where", ["blobs", "2026-03-02T040000"])
def test_a_damaged_backup_is_refused_before_anything_is_written(lived_in: Settings, tmp_path: Path, where: str) -> None:
    made = back_up(lived_in, tmp_path / "kept", moment=moment())
    damaged = blob(tmp_path / "kept" / where, b"two" if where == "blobs" else b"{}")
    damaged.write_bytes(b"other")
    with pytest.raises(BackupError, match=f"{damaged.name} is missing or damaged"):
        restore(home(tmp_path / "new"), made.path)
    assert not (tmp_path / "new").exists()


def test_nothing_that_is_there_is_overwritten_by_a_restore(lived_in: Settings, tmp_path: Path) -> None:
    made = back_up(lived_in, tmp_path / "kept", moment=moment())
    with pytest.raises(BackupError, match="is there already"):
        restore(lived_in, made.path)


def test_the_folder_of_backups_is_no_backup_and_names_those_it_holds(lived_in: Settings, tmp_path: Path) -> None:
    back_up(lived_in, tmp_path / "kept", moment=moment())
    with pytest.raises(BackupError, match="it holds these: 2026-03-02T040000"):
        restore(home(tmp_path / "new"), tmp_path / "kept")


def test_a_backup_is_readable_by_its_owner_alone(lived_in: Settings, tmp_path: Path) -> None:
    made = back_up(lived_in, tmp_path / "kept", moment=moment())
    assert made.path.stat().st_mode & 0o077 == 0


def test_verify_names_a_body_that_is_damaged_or_gone_and_passes_over_one_that_nobody_names(lived_in: Settings) -> None:
    assert verify_all(lived_in)[0] == []
    blobs = lived_in.landing_path / "blobs"
    (blobs / "ff").mkdir()
    (blobs / "ff" / ("f" * 64)).write_bytes(b"left by a process that died")
    assert verify_all(lived_in) == ([], {"landed bodies": 2})
    damaged, gone = blob(blobs, b"one"), blob(blobs, b"two")
    damaged.write_bytes(b"onE")
    gone.unlink()
    flaws, _ = verify_all(lived_in)
    assert len(flaws) == 2
    assert flaws[0].startswith(f"damaged: {damaged}: drop one (night 2026-03-01)")
    assert flaws[1].startswith(f"missing: {gone}: drop two (night 2026-03-01)")
