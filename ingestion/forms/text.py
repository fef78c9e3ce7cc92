"""Vietnamese text made comparable: composed for people, folded for matching."""

from __future__ import annotations

import functools
import re
import unicodedata

_NOT_WORD = re.compile(r"[^0-9a-z%]+")
# What a recogniser of characters puts for the letters of a label; used on text that is known to be recognised.
_LOOK_ALIKES = str.maketrans(
    {"6": "o", "0": "o", "&": "o", "1": "i", "l": "i", "!": "i", "|": " ", "€": "e", "@": "e", "¢": "e"}
)


def tidy(text: str) -> str:
    """Composed (NFC), one space between words, none at the ends. What people see."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@functools.lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Lower case, without diacritics, marks turned to spaces: ``Tỷ lệ (%)`` is ``ty le %``. What programs compare."""
    return _NOT_WORD.sub(" ", _bare(text)).strip()


@functools.lru_cache(maxsize=16_384)
def fold_scanned(text: str) -> str:
    """As ``fold``, for recognised characters: what looks alike becomes one letter, in label and text both."""
    return _NOT_WORD.sub(" ", _bare(text).translate(_LOOK_ALIKES)).strip()


def _bare(text: str) -> str:
    text = text.lower().replace("đ", "d")
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
