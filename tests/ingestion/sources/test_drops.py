"""The drops folder: landed, taken out of the inbox, or given back with a reason."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.landing import Landing
from ingestion.sources import drops
from ingestion.sources.result import PullResult

NIGHT = date(2021, 12, 20)


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    with Landing(tmp_path / "landing") as opened:
        yield opened


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "H51.03").mkdir(parents=True)
    return tmp_path / "inbox"


@pytest.fixture
def collect(landing: Landing, inbox: Path, tmp_path: Path, now: Callable[[], datetime]) -> Callable[[], PullResult]:
    return lambda: drops.collect(
        landing, inbox=inbox, refused=tmp_path / "refused", night=NIGHT, now=now, still_for=0.05
    )


def drop(path: Path, content: bytes = b"a form") -> Path:
    path.write_bytes(content)
    os.utime(path, (1, 1))
    return path


def reasons(landing: Landing) -> dict[str, str]:
    return {row[5]: row[7] for row in landing.outcomes_after(0)}


def test_a_file_is_landed_and_the_inbox_emptied(
    landing: Landing, inbox: Path, collect: Callable[[], PullResult]
) -> None:
    path = drop(inbox / "H51.03" / "bieu.xlsx")
    assert collect().landed_count == 1
    (row,) = landing.landed_after(0)
    assert (row.locator, landing.read(row)) == ("H51.03/bieu.xlsx", b"a form")
    assert not path.exists()


def test_the_same_file_again_adds_nothing_and_says_so(
    landing: Landing, inbox: Path, collect: Callable[[], PullResult]
) -> None:
    drop(inbox / "bieu.xlsx")
    collect()
    drop(inbox / "copy.xlsx")
    result = collect()
    assert (result.landed_count, result.unchanged_count) == (0, 1)
    assert "trùng từng byte" in reasons(landing)["copy.xlsx"]
    assert list(inbox.rglob("*.xlsx")) == []


@pytest.mark.parametrize("name", ["~$bieu.xlsx", "bieu.xlsx.part", "bieu.xlsx.crdownload"])
def test_lock_files_and_unfinished_downloads_stay(
    landing: Landing, inbox: Path, collect: Callable[[], PullResult], name: str
) -> None:
    path = drop(inbox / name)
    assert collect().landed_count == 0
    assert path.exists()


def test_a_file_that_still_grows_is_left_for_the_next_night(
    landing: Landing, inbox: Path, collect: Callable[[], PullResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inbox / "bieu.xlsx"
    path.write_bytes(b"half")
    monkeypatch.setattr(time, "sleep", lambda _: path.write_bytes(b"half and more"))
    assert collect().landed_count == 0
    assert path.exists()
    assert "đang được chép" in reasons(landing)["bieu.xlsx"]


def test_a_fresh_file_that_is_still_is_taken(inbox: Path, collect: Callable[[], PullResult]) -> None:
    (inbox / "bieu.xlsx").write_bytes(b"whole")
    assert collect().landed_count == 1


@pytest.mark.parametrize("defect", ["empty", "link", "too large"])
def test_what_can_not_be_taken_moves_beside_a_reason(
    landing: Landing,
    inbox: Path,
    tmp_path: Path,
    collect: Callable[[], PullResult],
    defect: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = inbox / "H51.03" / "bieu.xlsx"
    if defect == "link":
        (tmp_path / "secret").write_text("secret")
        path.symlink_to(tmp_path / "secret")
    else:
        drop(path, b"" if defect == "empty" else b"x" * 2000)
        monkeypatch.setattr(drops, "MOST_BYTES", 1000)
    result = collect()
    assert (result.landed_count, result.problem_count) == (0, 1)
    assert landing.landed_after(0) == []
    told = (tmp_path / "refused" / "H51.03" / "bieu.xlsx.ly-do.txt").read_text()
    assert "bieu.xlsx" in told
    assert reasons(landing)["H51.03/bieu.xlsx"] in told
    assert not path.is_symlink()
    assert not path.exists()


def test_a_second_refused_file_of_the_same_name_keeps_the_first(
    inbox: Path, tmp_path: Path, collect: Callable[[], PullResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drops, "MOST_BYTES", 3)
    for content in (b"first", b"second"):
        drop(inbox / "bieu.xlsx", content)
        collect()
    kept = {path.read_bytes() for path in (tmp_path / "refused").glob("*.xlsx")}
    assert kept == {b"first", b"second"}
