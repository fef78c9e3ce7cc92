"""Vietnamese text made comparable: composed for people, folded for matching."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^0-9a-z%]+")
# What a recogniser of characters puts for the letters of a label; used on text that is known to be recognised.
_LOOK_ALIKES = str.maketrans(
    {"6": "o", "0": "o", "&": "o", "1": "i", "l": "i", "!": "i", "|": " ", "€": "e", "@": "e", "¢": "e"}
)


def tidy(text: str) -> str:
    """Composed (NFC), one space between words, none at the ends. What people see."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Lower case, without diacritics, marks turned to spaces: ``Tỷ lệ (%)`` is ``ty le %``. What programs compare."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", bare).strip()


def fold_scanned(text: str) -> str:
    """As ``fold``, for recognised characters: what looks alike becomes one letter, in label and text both."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", bare.translate(_LOOK_ALIKES)).strip()
