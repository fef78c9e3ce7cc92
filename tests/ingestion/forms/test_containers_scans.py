"""Scanned pages: recognised where tesseract with Vietnamese is installed, a clear word where it is not."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from ingestion.errors import ParseError
from ingestion.forms.containers import Text, open_file, scans
from ingestion.forms.containers.limits import DEFAULT_LIMITS, RefusedError

PDF = Path(__file__).parent / "valid" / "ruled_table.pdf"


def picture() -> bytes:
    """The second page of the report, as a scanner gives it."""
    return scans._picture_of(pypdfium2.PdfDocument(PDF)[1], DEFAULT_LIMITS)


def test_without_a_recogniser_the_sender_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "_is_installed", lambda: False)
    with pytest.raises(RefusedError, match="chưa cài tesseract"):
        list(scans.recognise("picture", b"", DEFAULT_LIMITS))


def test_a_page_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "tesseract"
    slow.write_text("#!/bin/sh\nsleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(RefusedError, match="quá lâu"):
        scans._recognised(b"P5 1 1 255\n\0", DEFAULT_LIMITS.__class__(most_seconds=1.0))


@pytest.mark.skipif(not scans._is_installed(), reason="tesseract with its Vietnamese letters is not installed")
def test_a_scanned_page_comes_as_recognised_text(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "page.png"
    (tmp_path / "page.pgm").write_bytes(picture())
    with Image.open(tmp_path / "page.pgm") as opened:
        opened.save(path)
    ((_, found),) = open_file("bieu.xlsx", path.read_bytes())
    assert isinstance(found, Text)
    assert found.is_recognised
    assert found.content.count("Số") >= 5


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0", b"MM\0*"])
def test_a_damaged_picture_is_refused(start: bytes) -> None:
    with pytest.raises(ParseError, match="ảnh bị hỏng"):
        list(open_file("a.png", start + b"\0" * 40))
