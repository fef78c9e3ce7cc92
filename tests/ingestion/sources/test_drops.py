"""The drops folder: landed, taken out of the inbox, or given back with a reason."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits
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
def collect(landing: Landing, inbox: Path, tmp_path: Path, now: Callable[[], datetime]) -> Callable[..., PullResult]:
    return lambda limits=DEFAULT_LIMITS: drops.collect(
        landing, inbox=inbox, refused=tmp_path / "refused", night=NIGHT, now=now, still_for=0.05, limits=limits
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
    collect: Callable[..., PullResult],
    defect: str,
) -> None:
    path = inbox / "H51.03" / "bieu.xlsx"
    if defect == "link":
        (tmp_path / "secret").write_text("secret")
        path.symlink_to(tmp_path / "secret")
    else:
        drop(path, b"" if defect == "empty" else b"x" * 2000)
    result = collect(Limits(most_bytes=1000))
    assert (result.landed_count, result.problem_count) == (0, 1)
    assert landing.landed_after(0) == []
    told = (tmp_path / "refused" / "H51.03" / "bieu.xlsx.ly-do.txt").read_text()
    assert "bieu.xlsx" in told
    assert reasons(landing)["H51.03/bieu.xlsx"] in told
    assert not path.is_symlink()
    assert not path.exists()


def test_a_second_refused_file_of_the_same_name_keeps_the_first(
    inbox: Path, tmp_path: Path, collect: Callable[..., PullResult]
) -> None:
    for content in (b"first", b"second"):
        drop(inbox / "bieu.xlsx", content)
        collect(Limits(most_bytes=3))
    kept = {path.read_bytes() for path in (tmp_path / "refused").glob("*.xlsx")}
    assert kept == {b"first", b"second"}


def test_a_file_of_two_gigabytes_is_given_back_unread(
    landing: Landing, inbox: Path, tmp_path: Path, collect: Callable[[], PullResult]
) -> None:
    """Sparse, so that it costs no disk: a name of two gigabytes of zeros."""
    path = inbox / "lon.xlsx"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)
    os.utime(path, (1, 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = collect()
    assert (result.landed_count, result.problem_count) == (0, 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    assert "2048 MB" in reasons(landing)["lon.xlsx"]
    assert (tmp_path / "refused" / "lon.xlsx").stat().st_size == 2 * 2**30


def test_a_linked_folder_is_not_walked(
    landing: Landing, inbox: Path, tmp_path: Path, collect: Callable[[], PullResult]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    drop(outside / "secret.xlsx")
    (inbox / "lien-ket").symlink_to(outside)
    collect()
    assert landing.landed_after(0) == []
    assert (outside / "secret.xlsx").exists()
    assert "liên kết" in reasons(landing)["lien-ket"]


def test_a_pipe_in_the_inbox_is_not_opened(landing: Landing, inbox: Path, collect: Callable[[], PullResult]) -> None:
    os.mkfifo(inbox / "bieu.xlsx")
    assert collect().problem_count == 1
    assert "không phải tệp thường" in reasons(landing)["bieu.xlsx"]
    assert not (inbox / "bieu.xlsx").exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"bieu\x1b[2J\n1.xlsx", "bieu_[2J_1.xlsx"),
        (b"bi\xe1\xbb\x83u \xe2\x80\xae.xlsx", "biểu _.xlsx"),
        (b"B\x99\xff.xlsx", "B__.xlsx"),
        ("biểu.xlsx".encode(), "biểu.xlsx"),
    ],
)
def test_names_that_can_not_be_shown_are_taken_under_one_that_can(
    landing: Landing, inbox: Path, collect: Callable[[], PullResult], name: bytes, shown: str
) -> None:
    drop(inbox / os.fsdecode(name))
    assert collect().landed_count == 1
    assert [row.locator for row in landing.landed_after(0)] == [shown]
    assert not (inbox / os.fsdecode(name)).exists()


def test_a_refused_file_of_the_longest_name_still_gets_its_reason(
    inbox: Path, tmp_path: Path, collect: Callable[[], PullResult]
) -> None:
    drop(inbox / ("b" * 250 + ".xlsx"), b"")
    assert collect().problem_count == 1
    (told,) = (tmp_path / "refused").glob("*.ly-do.txt")
    assert "tệp rỗng" in told.read_text()


def test_a_file_taken_away_meanwhile_costs_nothing(
    landing: Landing, inbox: Path, collect: Callable[[], PullResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(inbox / "a.xlsx")
    drop(inbox / "b.xlsx", b"another")
    read = drops._read

    def taken_away(path: Path, most_bytes: int) -> bytes:
        (inbox / "a.xlsx").unlink(missing_ok=True)
        return read(path, most_bytes)

    monkeypatch.setattr(drops, "_read", taken_away)
    assert collect().landed_count == 1
