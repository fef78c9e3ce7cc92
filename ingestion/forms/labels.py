"""The catalogue's labels made ready for matching: known by their exact words, with abbreviations and long forms alike."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.forms.text import fold
from ingestion.reference import Indicator

# Long forms become the abbreviation that the form itself uses; words that reports put in or leave out go.
_SHORTER = (
    ("thu tuc hanh chinh", "tthc"),
    ("cai cach hanh chinh", "cchc"),
    ("van ban quy pham phap luat", "vbqppl"),
    ("van ban qppl", "vbqppl"),
    ("uy ban nhan dan", "ubnd"),
    ("dich vu cong", "dvc"),
    ("buu chinh cong ich", "bcci"),
    ("bcci bcci", "bcci"),
    ("su nghiep cong lap", "sncl"),
    ("sncl sncl", "sncl"),
    ("ngan sach nha nuoc", "nsnn"),
    ("so luong", "so"),
    ("lanh dao", "ld"),
    ("neu co", ""),
    ("ty le phan tram", "ty le"),
    ("ty le %", "ty le"),
    ("ti le", "ty le"),
)
_ENUMERATOR = re.compile(r"^\s*(?:[-–—+*•]|(?:[IVX]{1,5}|\d{1,2}(?:\.\d{1,2}){0,3}|[a-zđ])\s*[.)/](?!\d))\s*")
_SPACES = re.compile(" {2,}")


@functools.lru_cache(maxsize=16_384)
def canonical(text: str) -> str:
    """A label's words as they are compared: folded, without bullet or number before it, long forms abbreviated.

    Every form of a label that says the same by these rules is the same text, and so found without likeness.
    """
    folded = fold(_ENUMERATOR.sub("", text))
    for long_form, short_form in _SHORTER:
        if long_form in folded:
            folded = folded.replace(long_form, short_form)
    return _SPACES.sub(" ", folded).strip()


@dataclass(frozen=True)
class Labels:
    """The labels of ``rows``, in their order. ``places`` maps a canonical label to the rows that bear it (several, where
    the form repeats a line under different headings); ``families`` says for each row under which heading it stands."""

    rows: tuple[Indicator, ...]
    texts: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    units: tuple[str, ...]
    places: dict[str, tuple[int, ...]]
    families: tuple[str, ...]
    sections: tuple[str, ...]
    known_units: frozenset[str]

    def twins(self, row: int) -> tuple[int, ...]:
        """The other rows that bear the same words."""
        return tuple(other for other in self.places[self.texts[row]] if other != row)


_READY: dict[int, Labels] = {}


def labels_of(rows: Sequence[Indicator]) -> Labels:
    """The labels of a catalogue's rows, made once for each catalogue."""
    ready = _READY.get(id(rows))
    if ready is None or ready.rows is not rows:
        ready = _READY[id(rows)] = _make(tuple(rows))
        if len(_READY) > 16:
            del _READY[next(iter(_READY))]
    return ready


def _make(rows: tuple[Indicator, ...]) -> Labels:
    texts = tuple(canonical(row.label_vi) for row in rows)
    places: dict[str, tuple[int, ...]] = {}
    for index, text in enumerate(texts):
        places[text] = (*places.get(text, ()), index)
    units = tuple(fold(row.unit_vi) for row in rows)
    return Labels(
        rows=rows,
        texts=texts,
        words=tuple(tuple(text.split()) for text in texts),
        units=units,
        places=places,
        families=tuple(row.parent_code if row.is_answered and row.parent_code else row.code for row in rows),
        sections=tuple(row.code.partition(".")[0] for row in rows),
        known_units=frozenset(filter(None, units)),
    )
