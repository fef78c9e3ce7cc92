"""The words of a PDF's page as pdfplumber gives them, and the lines in which they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ingestion.forms.text import fold

Word = dict[str, Any]

_PAGE_NUMBER = re.compile(r"(?:trang )?\d{1,3}(?: \d{1,3})?")


def lines_of(words: Iterable[Word]) -> list[list[Word]]:
    """Words that stand at one height, from left to right; heights from top to bottom."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=middle_of):
        middle = middle_of(word)
        if lines and middle < lines[-1][0]["bottom"] and middle > lines[-1][0]["top"]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: word["x0"]) for line in lines]


def middle_of(word: Word) -> float:
    return float(word["top"] + word["bottom"]) / 2


def said_in(line: Sequence[Word]) -> str:
    return " ".join(word["text"] for word in line)


def text_of(line: Sequence[Word]) -> str:
    return fold(said_in(line))


def without_page_numbers(page: Sequence[Word]) -> list[Word]:
    """A number alone in the first or last line of a page, apart from the rest, is the page's."""
    lines = lines_of(page)
    if len(lines) < 4:
        return list(page)
    kept = lines
    for edge, beside in ((lines[0], lines[1]), (lines[-1], lines[-2])):
        height = edge[0]["bottom"] - edge[0]["top"]
        if _PAGE_NUMBER.fullmatch(text_of(edge)) and abs(middle_of(edge[0]) - middle_of(beside[0])) > 2 * height:
            kept = [line for line in kept if line is not edge]
    return [word for line in kept for word in line]


def height_of(word: Word) -> float:
    return float(word["bottom"] - word["top"])


def parted(word: Word, edges: Sequence[float]) -> list[Word]:
    """A word cut at the drawn lines that go through it: letters of two cells that stand close together are no word.
    The word must have its ``chars``."""
    if not any(word["x0"] < edge < word["x1"] for edge in edges):
        return [word]
    parts: dict[int, Word] = {}
    for char in word["chars"]:
        column = sum(1 for edge in edges if edge < (char["x0"] + char["x1"]) / 2)
        part = parts.setdefault(column, {**word, "text": "", "x0": char["x0"]})
        part |= {"text": part["text"] + char["text"], "x1": char["x1"]}
    return list(parts.values())
