"""The form as a recogniser of characters gives it: marks lost, look-alike letters, lost cells, cells wrapped and shuffled."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from ingestion.reference import Catalogue, Indicator

# What the shipped scan has for a letter, now and then.
_LOOK_ALIKES = {
    "o": "6",
    "ô": "0",
    "ơ": "o'",
    "ê": "é",
    "ế": "€",
    "ấ": "4",
    "ă": "i",
    "đ": "d",
    "ư": "u'",
    "l": "1",
    "h": "b",
}
_NOTES = ("294/KH-STC ngay 22/01/2021", "theo Ké hoach", "529/529 hé so", "trén website")
MOST_LETTERS = 62


@dataclass(frozen=True)
class Scan:
    """The text, the figures that stand legibly in it by code, and those of which a digit or the whole cell was lost."""

    text: str
    legible: dict[str, Decimal]
    damaged: dict[str, Decimal]


def scan_of(seed: int, catalogue: Catalogue) -> Scan:
    """A form with seeded figures, as recognised; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    lines = ["PHU LUC 2", "BANG 1", "THONG KE SO LIEU VA KET QUA THU'C HIEN CONG TAC CAI CACH HANH CHINH"]
    lines += ["NAM 2021 TAI SO TAI CHINH TINH SOC TRANG", "(Kem theo Bdo cdo s6 5686/BC-STC ngay 17 thang 12 nam 2021)"]
    lines += ["Chi tiéu thong ké", "Két qua thong ké", "Don vi tinh", "S6 lidu", "Ghi cha"]
    legible: dict[str, Decimal] = {}
    damaged: dict[str, Decimal] = {}
    for row in catalogue.rows:
        value = _value(row, chance) if chance.random() < 0.45 else None
        printed = "" if value is None else f"{value}".replace(".", ",")
        if value is not None:
            is_lost = chance.random() < 0.04
            (damaged if is_lost else legible)[row.code] = value
            printed = chance.choice(("", "!", "I")) if is_lost else printed
        lines += _lines(row, printed, chance)
        if chance.random() < 0.03:
            lines += ["", "", ""]
    return Scan("\n".join(lines) + "\n", legible, damaged)


def _value(row: Indicator, chance: random.Random) -> Decimal | None:
    if row.value_type == "count":
        return Decimal(chance.choice((0, 1, 2, 9, 25, 48, 529, 6219)))
    if row.value_type == "percent":
        return Decimal(chance.choice(("100", "99.89", "98.6", "33.3")))
    return Decimal(chance.choice(row.choices)[1]) if row.choices else None


def _lines(row: Indicator, printed: str, chance: random.Random) -> list[str]:
    """A row's lines: label wrapped, the other cells beside its first or its last line."""
    parts = row.code.split(".")
    number = f"{parts[-1]} |" if len(parts) <= 2 and chance.random() < 0.7 else ""
    words = [_noisy(word, chance) for word in row.label_vi.split()]
    wrapped: list[str] = [""]
    for word in words:
        if wrapped[-1] and len(wrapped[-1]) + len(word) > MOST_LETTERS:
            wrapped.append("")
        wrapped[-1] = f"{wrapped[-1]} {word}".strip()
    wrapped[0] = number + wrapped[0]
    unit = " ".join(_noisy(word, chance) for word in row.unit_vi.split()) if chance.random() < 0.95 else ""
    note = chance.choice(_NOTES) if printed and chance.random() < 0.08 else ""
    if not row.choices:
        place = chance.choice((0, len(wrapped) - 1))
        wrapped[place] = " ".join(filter(None, (wrapped[place], unit, printed, note)))
        return wrapped
    offers = [f"{_bare(answer)} = {value}" for answer, value in row.choices]
    wrapped[0] = f"{wrapped[0]} {offers[0]}"
    last = " ".join(filter(None, (offers[-1], printed, note)))
    if len(wrapped) > 1 and len(offers) == 2:
        wrapped[1] = f"{wrapped[1]} {last}"
        return wrapped
    return [*wrapped, *offers[1:-1], last]


def _noisy(word: str, chance: random.Random) -> str:
    said = []
    for letter in word:
        roll = chance.random()
        if roll < 0.04:
            said.append(_LOOK_ALIKES.get(letter, _bare(letter)))
        else:
            said.append(_bare(letter) if roll < 0.8 else letter)
    return "".join(said)


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
