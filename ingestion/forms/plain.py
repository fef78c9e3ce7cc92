"""Running text to lines of the form: what a recogniser of characters, or a text export, makes of a printed table.

The marks of the letters can't be trusted, cells of one row stand in several lines, and lines of one cell stand between
lines of another. So the whole text is laid on the whole catalogue first (``align``); only then each row's own lines are
taken apart into label, unit, answers offered, figure and note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from ingestion.forms.align import Placed, align
from ingestion.forms.likeness import score_windows, word_likeness
from ingestion.forms.lines import line_problems, make_line
from ingestion.forms.text import fold_scanned, tidy
from ingestion.forms.values import Reading, read_answer, read_value
from ingestion.model import Line, Problem
from ingestion.reference import Indicator

MOST_LINES_OF_A_ROW = 7
LEAST_LIKENESS = 0.55
SURE_LIKENESS = 0.70
LEAST_UNIT_LIKENESS = 65.0

_FIGURE = re.compile(r"^[\[|(]?(\d[\d.,]*%?)[\]|)]?$")
_OFFER = re.compile(r"[^\d=]{0,40}?[=;]\s*(\d)(?=\D|$)")
_DIRT = re.compile(r"^[^0-9A-Za-zÀ-ỹ%]+$")
_LOOKS_LIKE_A_FIGURE = re.compile(r"^[!|lIiO?§]{1,3}$")


@dataclass
class _Parts:
    """What a row's own lines were taken apart into."""

    figures: list[tuple[str, bool]] = field(default_factory=list)  # text, and whether its place is sure
    unreadable: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlainForm:
    """Lines for the catalogue's answered rows that were found, and the text above the form."""

    lines: tuple[Line, ...]
    title: str
    problems: tuple[Problem, ...]
    found_rows: int


def read_plain(text: str, rows: Sequence[Indicator]) -> PlainForm:
    """Lay ``text`` on the catalogue's ``rows`` and read each row's figure and note.

    A figure is ``reported`` only where it stands where the form has it; everything else that was read is ``doubtful``.
    """
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not numbered:
        return PlainForm((), "", (), 0)
    folded = [fold_scanned(line).split() for _, line in numbered]
    labels = tuple(tuple(fold_scanned(row.label_vi).split()) for row in rows)
    placed = align(score_windows(folded, labels, MOST_LINES_OF_A_ROW), LEAST_LIKENESS)
    owners = _owners_of_lines(placed, [line for _, line in numbered], rows)
    lines: list[Line] = []
    problems: list[Problem] = []
    for place in placed:
        row = rows[place.row]
        if row.is_answered:
            own = [(*numbered[index], place.start <= index < place.stop) for index in owners[place.row]]
            line, found = _line(row, own, place.score)
            lines.append(line)
            problems.extend(found)
    first = placed[0].start if placed else len(numbered)
    return PlainForm(
        lines=tuple(lines),
        title="\n".join(line for _, line in numbered[:first]),
        problems=tuple(problems),
        found_rows=len(placed),
    )


def _owners_of_lines(placed: Sequence[Placed], lines: Sequence[str], rows: Sequence[Indicator]) -> dict[int, list[int]]:
    """Which lines belong to which row: its own, and of those between two rows the ones that are more likely its."""
    owned = {place.row: list(range(place.start, place.stop)) for place in placed}
    for before, after in zip([None, *placed], [*placed, None], strict=True):
        if before is None:
            continue
        stop = after.start if after else len(lines)
        for index in range(before.stop, stop):
            earlier = rows[before.row]
            offers_before = sum(bool(_OFFER.search(lines[own])) for own in owned[before.row])
            is_offer = bool(_OFFER.search(lines[index]))
            is_later = not earlier.is_answered or (is_offer and offers_before >= len(earlier.choices))
            owner = after if after and is_later else before
            owned[owner.row].append(index)
    return {row: sorted(indexes) for row, indexes in owned.items()}


def _line(row: Indicator, own: Sequence[tuple[int, str, bool]], score: float) -> tuple[Line, list[Problem]]:
    parts = _take_apart(row, own)
    numbers = [number for number, _, is_placed in own if is_placed]
    locator = f"dòng {numbers[0]}" if len(numbers) == 1 else f"dòng {numbers[0]}-{numbers[-1]}"
    note = tidy(" ".join(parts.notes))
    text = parts.figures[0][0] if parts.figures else parts.unreadable
    reading = _figure(row, parts, note, score)
    line = make_line(row, reading, text=text, note=note, locator=locator, likeness=score)
    return line, line_problems(row, reading, line)


def _figure(row: Indicator, parts: _Parts, note: str, score: float) -> Reading:
    if row.value_type == "reference":
        return read_answer("", note, row)
    if parts.figures:
        text, is_in_place = parts.figures[0]
        reading = read_value(text, row)
        is_sure = is_in_place and len(parts.figures) == 1 and score >= SURE_LIKENESS
        if reading.status == "reported" and not is_sure:
            return Reading(reading.value, "doubtful", f"đọc là «{text}», cần xem lại")
        return reading
    if parts.unreadable:
        return Reading(None, "unreadable", f"không đọc được số liệu («{parts.unreadable}»)")
    said = fold_scanned(note)
    if len(said) > 10 and fuzz.partial_ratio(fold_scanned("chưa phát sinh"), said) > 85:
        return Reading(None, "not_applicable")
    if note:
        return Reading(None, "doubtful", "có ghi chú nhưng không thấy số liệu, cần xem lại")
    return Reading(None, "blank")


def _take_apart(row: Indicator, own: Sequence[tuple[int, str, bool]]) -> _Parts:
    parts = _Parts()
    label_ends = _label_ends(row, [line for _, line, _ in own])
    for (_, line, is_placed), end in zip(own, label_ends, strict=True):
        words = line.split()
        if not is_placed and len(words) == 1 and _FIGURE.match(words[0]):
            parts.figures.append((_FIGURE.sub(r"\1", words[0]), False))
        else:
            _take_rest(row, words[end:], parts, has_label=end > 0, is_placed=is_placed)
    return parts


def _take_rest(row: Indicator, rest: list[str], parts: _Parts, *, has_label: bool, is_placed: bool) -> None:
    """What stands right of the label in one line: unit, answers offered, figure, note."""
    rest = _without_dirt(rest)
    unit_end = _unit_end(rest, row.unit_vi)
    rest = _without_dirt(rest[unit_end:])
    is_sure = bool(has_label or unit_end)
    if row.choices:
        joined = " ".join(rest)
        offer_end = max((match.end() for match in _OFFER.finditer(joined)), default=0)
        is_garbled = False
        if offer_end:
            is_garbled = "=" not in joined[:offer_end]
            rest = _without_dirt(joined[offer_end:].split())
        else:
            figure = next((index for index, word in enumerate(rest[:4]) if _FIGURE.match(word)), None)
            if figure:
                is_garbled, rest = True, rest[figure:]
        is_sure = not is_garbled
    follows_offers = (
        bool(row.choices) and is_sure
    )  # the answers offered stand in lines of their own, the figure after them
    if rest and row.value_type != "reference" and (is_placed or follows_offers):
        figure_text = _FIGURE.match(rest[0])
        if figure_text and (is_sure or row.choices):
            parts.figures.append((figure_text[1].rstrip(".,"), is_sure and is_placed))
            rest = _without_dirt(rest[1:])
        elif _LOOKS_LIKE_A_FIGURE.match(rest[0]) and unit_end:
            parts.unreadable = rest[0]
            rest = rest[1:]
    note = " ".join(rest)
    if any(letter.isalnum() for letter in note):
        parts.notes.append(note)


def _label_ends(row: Indicator, lines: Sequence[str]) -> list[int]:
    """For each line, how many of its words belong to the row's label: the words of all lines laid on those of the label, in
    order, so that the likeness is greatest."""
    label = fold_scanned(row.label_vi).split()
    places = [(index, word) for index, line in enumerate(lines) for word in range(len(line.split()))]
    folded = [fold_scanned(word).replace(" ", "") for line in lines for word in line.split()]
    if not folded:
        return [0] * len(lines)
    gain = word_likeness([word or " " for word in folded], label) - 0.3
    best = [[0.0] * (len(label) + 1) for _ in range(len(folded) + 1)]
    for left in range(1, len(folded) + 1):
        for right in range(1, len(label) + 1):
            best[left][right] = max(
                best[left - 1][right], best[left][right - 1], best[left - 1][right - 1] + gain[left - 1, right - 1]
            )
    ends = [0] * len(lines)
    matched = [0] * len(lines)
    left, right = len(folded), len(label)
    while left and right:
        if best[left][right] == best[left - 1][right]:
            left -= 1
        elif best[left][right] == best[left][right - 1]:
            right -= 1
        else:
            line, word = places[left - 1]
            ends[line] = max(ends[line], word + 1)
            matched[line] += 1
            left, right = left - 1, right - 1
    # A word or two of a note may happen to be the label's; a label's part makes up most of what stands left of its end.
    return [end if count * 2 >= end or count >= 3 else 0 for end, count in zip(ends, matched, strict=True)]


def _unit_end(words: Sequence[str], unit: str) -> int:
    """How many of the first words end with the unit, when it stands among them; a word or two of the label may be before it."""
    if not unit or not words:
        return 0
    expected = fold_scanned(unit).replace(" ", "")
    best_end, best_likeness = 0, LEAST_UNIT_LIKENESS
    for start in range(min(len(words), 3)):
        for end in range(start + 1, min(len(words), start + len(unit.split()) + 1) + 1):
            likeness = fuzz.ratio(fold_scanned(" ".join(words[start:end])).replace(" ", ""), expected) - 10 * start
            if likeness > best_likeness:
                best_end, best_likeness = end, likeness
    return best_end


def _without_dirt(words: Sequence[str]) -> list[str]:
    """Without the specks, commas and borders at the beginning."""
    start = 0
    while start < len(words) and _DIRT.match(words[start]) and not _LOOKS_LIKE_A_FIGURE.match(words[start]):
        start += 1
    while start < len(words) and words[start] == "|":
        start += 1
    return list(words[start:])
