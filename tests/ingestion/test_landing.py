"""The landing zone keeps bytes under their hash, and a ledger of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.errors import LandingError
from ingestion.landing import Landing, sha256_hex

NIGHT = date(2021, 12, 20)
Clock = Callable[[], datetime]


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    with Landing(tmp_path / "landing") as opened:
        yield opened


def land(landing: Landing, content: bytes, now: Clock, **more: object) -> tuple[object, bool]:
    return landing.land(
        content,
        source="drop",
        kind="drop_file",
        locator="a.xlsx",
        night_on=NIGHT,
        now=now(),
        **more,  # type: ignore[arg-type]
    )


def test_the_same_bytes_twice_are_one_landing(landing: Landing, now: Clock) -> None:
    first, is_new = land(landing, b"form", now)
    again, is_new_again = land(landing, b"form", now)
    assert (is_new, is_new_again) == (True, False)
    assert first == again
    assert len(landing.landed_after(0)) == 1


def test_landed_bytes_read_back_as_they_came(landing: Landing, now: Clock) -> None:
    row, _ = land(landing, b"form", now)
    assert landing.read(row) == b"form"  # type: ignore[arg-type]
    assert row.sha256 == sha256_hex(b"form")  # type: ignore[attr-defined]


def test_a_body_without_persons_is_known_by_the_hash_it_came_with(landing: Landing, now: Clock) -> None:
    came_as = sha256_hex(b"with a name")
    _, is_new = land(landing, b"without", now, original_sha256=came_as)
    _, is_new_again = land(landing, b"without", now, original_sha256=came_as)
    assert (is_new, is_new_again) == (True, False)


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_damaged_or_lost_bytes_are_named(landing: Landing, now: Clock, damage: str) -> None:
    row, _ = land(landing, b"form", now)
    path = landing.path(row.sha256)  # type: ignore[attr-defined]
    if damage == "changed":
        path.write_bytes(b"farm")
    else:
        path.unlink()
    with pytest.raises(LandingError, match=r"a\.xlsx"):
        landing.read(row)  # type: ignore[arg-type]


def test_a_transaction_that_fails_keeps_neither_row_nor_watermark(landing: Landing, now: Clock) -> None:
    def fail_half_way() -> None:
        with landing.transaction():
            land(landing, b"form", now)
            landing.set_watermark("portal.dossiers", "2021-12-19T00:00:00")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert landing.landed_after(0) == []
    assert landing.watermark("portal.dossiers") is None


def test_an_acknowledgement_is_owed_until_it_went_out(landing: Landing, now: Clock) -> None:
    landing.owe_acknowledgement("doc-1", status="done", reason="", recipient="H51.03", payload="{}", night_on=NIGHT)
    landing.acknowledgement_failed("doc-1")
    assert [owed[0] for owed in landing.owed_acknowledgements()] == ["doc-1"]
    landing.acknowledged("doc-1", now=now())
    assert landing.owed_acknowledgements() == []


def test_a_full_disk_is_a_landing_error_that_names_the_file(
    landing: Landing, now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(LandingError, match="No space left"):
        land(landing, b"form", now)
    assert landing.landed_after(0) == []
    assert list(landing.blobs.rglob(".writing-*")) == []
