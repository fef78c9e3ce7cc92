"""What one pull of one source came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PullResult:
    """Counts of one night at one door.

    ``landed_count``: bodies (pages, messages, files) that landed new; ``unchanged_count``: bodies seen again that held
    nothing new; ``item_count``: rows, messages or files inside what landed; ``problem_count``: rows or messages named in
    an outcome because they were left out. ``failure`` is a Vietnamese sentence when the source could not be read to its
    end; what landed before stays, and the night goes on.
    """

    landed_count: int = 0
    unchanged_count: int = 0
    item_count: int = 0
    problem_count: int = 0
    failure: str | None = None
