"""The errors of ingestion: one tree, each carrying its source and the place it speaks of."""

from __future__ import annotations


class IngestionError(Exception):
    """Something that was taken in, or was to be, went wrong.

    ``source`` is ``portal``, ``edoc`` or ``drop``; ``locator`` names the page, message, file or cell.
    """

    def __init__(self, reason: str, *, source: str, locator: str) -> None:
        super().__init__(f"{source}: {locator}: {reason}")
        self.reason = reason
        self.source = source
        self.locator = locator

    def __reduce__(self) -> tuple[object, ...]:
        """As it is handed from one process to another: ``Exception`` knows no named arguments."""
        return _again, (type(self), self.reason, self.source, self.locator)


class FetchError(IngestionError):
    """A source did not give what was asked of it."""


class ParseError(IngestionError):
    """Bytes were taken in, and can't be understood."""


class LandingError(IngestionError):
    """Bytes could not be kept, or what was kept is damaged."""


def _again(kind: type[IngestionError], reason: str, source: str, locator: str) -> IngestionError:
    return kind(reason, source=source, locator=locator)
