"""Text typed in fonts from before Unicode (TCVN3, called ABC; VNI): recognised by the catalogue's own words, and converted."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace

from viparse.normalize.encodings import CHARMAPS
from viparse.normalize.tables import convert

from ingestion.forms.grid import Grid
from ingestion.forms.text import fold, tidy
from ingestion.reference import Catalogue

# Words of the catalogue that a text must hold, of those that carry marks, to be taken as written in that encoding.
_LEAST_SHARE = 0.35
_WORD = re.compile(r"\w+")
_OLD_LETTERS = re.compile("[\u0080-\u00ff]")


def share_of_marked_words(text: str, catalogue: Catalogue) -> float:
    """How many of the catalogue's words that carry marks stand in ``text`` as they are written (0 to 1)."""
    words = _marked_words(catalogue)
    return len(words & set(_WORD.findall(tidy(text).lower()))) / len(words)


def converter_of(text: str, catalogue: Catalogue) -> Callable[[str], str] | None:
    """What turns ``text`` into Unicode, when it was typed in an old font; None when it was not.

    Each table is tried, and taken only if it makes the catalogue's own words appear that were not there before.
    """
    if not _OLD_LETTERS.search(text):
        return None
    as_it_is = share_of_marked_words(text, catalogue)
    tried = {
        name: share_of_marked_words(convert(text, table), catalogue)
        for name, table in CHARMAPS.items()
        if name in ("tcvn3", "vni")
    }
    best = max(tried, key=lambda name: tried[name])
    if tried[best] < max(_LEAST_SHARE, 2 * as_it_is):
        return None
    table = CHARMAPS[best]
    return lambda cell: convert(cell, table)


def in_unicode(grid: Grid, catalogue: Catalogue) -> Grid:
    """A sheet with its texts converted where it was typed in an old font."""
    to_unicode = converter_of("\n".join(cell for row in grid.rows for cell in row if isinstance(cell, str)), catalogue)
    if to_unicode is None:
        return grid
    rows = [[to_unicode(cell) if isinstance(cell, str) else cell for cell in row] for row in grid.rows]
    return replace(grid, rows=rows)


@functools.lru_cache(maxsize=4)
def _marked_words(catalogue: Catalogue) -> frozenset[str]:
    words = {word for row in catalogue.rows for word in _WORD.findall(tidy(row.label_vi).lower())}
    return frozenset(word for word in words if fold(word) != word)
