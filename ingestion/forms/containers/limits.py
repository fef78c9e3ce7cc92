"""How much a file from outside may ask for, and the one error by which everything here refuses."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost. Each limit is met by a refusal that names it, never by half a reading."""

    #: A file as it came.
    most_bytes: int = 64 * MEGABYTE
    #: Everything in a packed file together, unpacked.
    most_unpacked_bytes: int = 160 * MEGABYTE
    #: Unpacked to packed, for what unpacks to more than ten megabytes: text packs 10 to 50 times, a bomb 1000 times.
    most_ratio: int = 250
    most_entries: int = 200
    most_nesting: int = 2
    most_rows: int = 2_000
    most_columns: int = 128
    most_pages: int = 60
    most_scanned_pages: int = 30
    most_pixels: int = 60_000_000
    #: Memory that the reading process may take on top of what it starts with.
    most_memory_bytes: int = 320 * MEGABYTE
    #: Wall time for one file, an archive with all that is in it; recognising a page of a scan starts it anew.
    most_seconds: float = 8.5


DEFAULT_LIMITS = Limits()


# How a reader ends when its memory does is its own affair: an abort, a panic or a MemoryError tell the sender the same.
BROKE_THE_READER = "tệp làm hỏng trình đọc (quá lớn, hoặc cố ý phá); không đọc được"


class RefusedError(Exception):
    """The bytes are not read; the text says why, in Vietnamese, for the one who sent them."""


def told(error: BaseException) -> str:
    """A library's own words about a fault, short enough to stand in a sentence."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else text[:117] + "..."
