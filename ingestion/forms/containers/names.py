"""Names that came from outside, made fit to be shown, stored and used as a part of a path."""

from __future__ import annotations

import unicodedata

MOST_LETTERS = 150


def safe_name(name: str) -> str:
    """A name without control characters, marks that turn the writing around, or bytes that are no text; NFC, not too long."""
    shown = "".join(
        "_" if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter for letter in name
    )
    shown = unicodedata.normalize("NFC", shown).strip()
    if len(shown) > MOST_LETTERS:
        stem, dot, ending = shown.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 8 else ""
        shown = shown[: MOST_LETTERS - len(ending) - 1] + "…" + ending
    return shown


def safe_path(path: str) -> str:
    """A path that stays where it is put: no root, no drive, no «..», parts as ``safe_name`` makes them."""
    parts = path.replace("\\", "/").split("/")
    if parts and len(parts[0]) == 2 and parts[0][1] == ":":
        parts = parts[1:]
    return "/".join(safe_name(part) for part in parts if part.strip() not in ("", ".", ".."))
