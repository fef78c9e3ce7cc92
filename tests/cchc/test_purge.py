"""A landed body destroyed for good: it is gone from everything under CCHC_HOME, and the nights go on without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from cchc.backup import back_up, restore
from cchc.lock import alone
from cchc.night import LOCAL
from cchc.purge import PurgeError, find, purge
from cchc.settings import Settings
from cchc.verify import verify_all
from ingestion.landing import Landing, sha256_hex
from ingestion.raw.load import load_raw
from ingestion.reference import load_catalogue

NIGHT = date(2021, 12, 20)
LIST = "Họ và tên;Số CCCD\nNguyễn Văn A;079123456789\n".encode()
SHA = sha256_hex(LIST)


def now() -> datetime:
    return datetime(2021, 12, 20, 1, 30, tzinfo=LOCAL)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home")  # type: ignore[call-arg]


@pytest.fixture
def landing(settings: Settings) -> Iterator[Landing]:
    settings.landing_path.mkdir(parents=True)
    with Landing(settings.landing_path) as landing:
        drop(landing)
        landing.land(b"another", source="drop", kind="drop_file", locator="x.txt", night_on=NIGHT, now=now())
        load(landing, settings)
        yield landing


def drop(landing: Landing) -> bool:
    _, is_new = landing.land(LIST, source="drop", kind="drop_file", locator="H51.03/ds.csv", night_on=NIGHT, now=now())
    return is_new


def load(landing: Landing, settings: Settings) -> None:
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = load_catalogue(settings.seeds_path)
    load_raw(
        landing, warehouse=settings.warehouse_path, catalogue=catalogue, refused=settings.drops_refused_path,
        night=NIGHT, now=now,
    )  # fmt: skip


def test_no_file_under_the_home_keeps_what_was_purged(landing: Landing, settings: Settings) -> None:
    assert [path.name for path in _holding(settings.home_path, LIST)] == ["ds.csv", SHA]
    purge(settings, SHA[:10], reason="danh sách công dân gửi nhầm, quyết định 12/QĐ-SNV", by="Trần B")
    assert _holding(settings.home_path, b"079123456789") == []
    load(landing, settings)
    assert _holding(settings.home_path, b"079123456789") == []
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        (reason,) = connection.execute(
            "select reason from raw.outcome where locator = 'H51.03/ds.csv' order by outcome_id desc limit 1"
        ).fetchall()[0]
    assert "12/QĐ-SNV" in reason
    assert verify_all(settings) == ([], {"landed bodies": 2})


def test_the_same_bytes_are_not_kept_when_they_come_again(landing: Landing, settings: Settings) -> None:
    purge(settings, SHA, reason="gửi nhầm")
    assert not drop(landing)
    assert _holding(settings.home_path, LIST) == []


def test_a_backup_leaves_it_out_and_comes_back_without_it(landing: Landing, settings: Settings, tmp_path: Path) -> None:
    purge(settings, SHA, reason="gửi nhầm")
    made = back_up(settings, tmp_path / "kept", moment=now())
    assert made.body_count == 1
    back = Settings(_env_file=None, home=tmp_path / "back")  # type: ignore[call-arg]
    assert restore(back, made.path) == 1
    assert verify_all(back)[0] == []


def test_a_body_that_came_back_by_hand_is_a_flaw(landing: Landing, settings: Settings) -> None:
    purge(settings, SHA, reason="gửi nhầm")
    landing.path(SHA).write_bytes(LIST)
    (flaw,) = verify_all(settings)[0]
    assert flaw.startswith("purged: ")


@pytest.mark.parametrize(
    ("sha256", "reason", "said"),
    [("abc", "x", "is no hash"), ("0" * 64, "x", "nothing landed"), (SHA, "  ", "needs a reason")],
)
def test_what_makes_no_sense_destroys_nothing(
    sha256: str, reason: str, said: str, landing: Landing, settings: Settings
) -> None:
    with pytest.raises(PurgeError, match=said):
        purge(settings, sha256, reason=reason)
    assert landing.read(find(settings, SHA)[0]) == LIST


def test_nothing_is_destroyed_while_a_night_runs(landing: Landing, settings: Settings) -> None:
    with alone(settings), pytest.raises(PurgeError, match="another night is running"):
        purge(settings, SHA, reason="gửi nhầm")
    assert landing.read(find(settings, SHA)[0]) == LIST


def _holding(folder: Path, content: bytes) -> list[Path]:
    return sorted((path for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()), key=str)
