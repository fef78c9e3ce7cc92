"""The labels of a table laid on the catalogue: word for word first, by likeness only what is left, decided for the whole form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingestion.forms.align import Placed, Scores, align, align_with_jumps
from ingestion.forms.labels import Labels, canonical
from ingestion.forms.likeness import COST_OF_A_FURTHER_LINE, EXACT, score_labels

LEAST_LIKENESS = 0.62
LEAST_OUT_OF_ORDER = 0.85
LEAST_MARGIN = 0.02
LEAST_FORM_ROWS = 12
MOST_ROWS_OF_A_LABEL = 3
# What a step back to an earlier row costs: as much as three labels said word for word gain.
COST_OF_A_JUMP = 3 * (EXACT - LEAST_LIKENESS)


@dataclass(frozen=True, slots=True)
class Found:
    """Row ``row`` of the catalogue stands in lines ``start`` to ``stop`` (not included); ``doubt`` is a Vietnamese phrase."""

    start: int
    stop: int
    row: int
    score: float
    doubt: str = ""


def find_rows(texts: Sequence[str], units: Sequence[str], labels: Labels) -> list[list[Found]]:
    """The forms whose labels stand one below the other in ``texts`` (as typed); most often one. ``units`` are folded.

    Each form's rows are in the order of the lines, each row of the catalogue at most once.
    """
    said = [canonical(text) for text in texts]
    anchors = _anchors(texts, said, labels)
    if _is_in_order(anchors):
        anchors = _with_twins(anchors, said, labels)
        forms = [_between(anchors, texts, said, units, labels)]
    else:
        forms = _out_of_order(texts, said, units, labels)
    return [_with_doubt_of_twins(form, labels) for form in forms]


def _anchors(texts: Sequence[str], said: Sequence[str], labels: Labels) -> list[Found]:
    """Lines that say, word for word, a label that only one row bears. What lines say together goes before what one of
    them says: «Đơn vị trực thuộc» above «sở ngành thực hiện đánh giá nội bộ» is one label, though the second is one too."""
    anchors: list[Found] = []
    for line, text in enumerate(said):
        run = _run_to(line, texts, said, labels)
        start, places = (line, labels.places.get(text, ())) if run is None else run
        if len(places) == 1 and (not anchors or anchors[-1].stop <= start):
            anchors.append(Found(start, line + 1, places[0], EXACT - COST_OF_A_FURTHER_LINE * (line - start)))
    return anchors


def _run_to(line: int, texts: Sequence[str], said: Sequence[str], labels: Labels) -> tuple[int, tuple[int, ...]] | None:
    """The longest run of lines that ends with ``line`` and says a label together, of which the first says none alone."""
    run = None
    if not said[line]:
        return None
    for start in range(line - 1, max(line - MOST_ROWS_OF_A_LABEL, -1), -1):
        if not said[start] or said[start] in labels.places:
            break
        places = labels.places.get(canonical(" ".join(texts[start : line + 1])))
        if places is not None:
            run = (start, places)
    return run


def _is_in_order(anchors: Sequence[Found]) -> bool:
    return all(each.row < later.row for each, later in pairwise(anchors))


def _gaps(anchors: Sequence[Found], line_count: int, row_count: int) -> Iterator[tuple[range, range]]:
    """The lines and the rows of the catalogue that are left between anchors, and before and after them."""
    ends = [Found(-1, 0, -1, 0), *anchors, Found(line_count, line_count, row_count, 0)]
    for before, after in pairwise(ends):
        yield range(before.stop, after.start), range(before.row + 1, after.row)


def _with_twins(anchors: list[Found], said: Sequence[str], labels: Labels) -> list[Found]:
    """The anchors, and the lines whose words several rows bear where only one of these stands between the neighbours."""
    more = []
    for lines, rows in _gaps(anchors, len(said), len(labels.rows)):
        for index in lines:
            between = [place for place in labels.places.get(said[index], ()) if place in rows]
            if len(between) == 1:
                more.append(Found(index, index + 1, between[0], EXACT))
    merged = sorted([*anchors, *more], key=lambda each: each.start)
    return merged if _is_in_order(merged) else anchors


def _between(
    anchors: Sequence[Found], texts: Sequence[str], said: Sequence[str], units: Sequence[str], labels: Labels
) -> list[Found]:
    """The anchors, and in each gap between two of them the best assignment of its lines to the rows left there."""
    found = list(anchors)
    for lines, rows in _gaps(anchors, len(said), len(labels.rows)):
        if rows and any(said[index] for index in lines):
            scores = _scores(lines, rows, texts, said, units, labels)
            placed = align(scores, LEAST_LIKENESS)
            found += _found(placed, scores, lines.start, rows.start, labels)
    return sorted(found, key=lambda each: each.start)


def _out_of_order(texts: Sequence[str], said: Sequence[str], units: Sequence[str], labels: Labels) -> list[list[Found]]:
    """Sections that changed places, a form below another: runs in which order is kept, put together to forms."""
    scores = _scores(range(len(texts)), range(len(labels.rows)), texts, said, units, labels)
    forms: list[list[list[Placed]]] = []
    for run in align_with_jumps(scores, LEAST_LIKENESS, _costs_of_jumps(labels)):
        rows = {place.row for place in run}
        used = {place.row for earlier in forms[-1] for place in earlier} if forms else set()
        if not forms or len(rows & used) >= LEAST_FORM_ROWS:
            forms.append([run])
        else:
            forms[-1].append(run)
    stops = [form[0][0].start for form in forms[1:]] + [len(texts)]
    whole = []
    start = 0
    for form, stop in zip(forms, stops, strict=True):
        placed = _each_row_once(form)
        placed += _left_over(placed, scores, range(start, stop), labels)
        whole.append(sorted(_found(placed, scores, 0, 0, labels), key=lambda each: each.start))
        start = stop
    return whole


def _costs_of_jumps(labels: Labels) -> npt.NDArray[np.float64]:
    """Sections change places as a whole, and items more often than single lines: a hair more for what is no heading."""
    depths = np.array([min(row.code.count("."), 2) for row in labels.rows])
    return np.asarray(COST_OF_A_JUMP + depths * 0.1)


def _each_row_once(runs: Sequence[Sequence[Placed]]) -> list[Placed]:
    """Of a row that stands in several runs (a list of the sections above the form), the one in the longest run."""
    chosen: dict[int, Placed] = {}
    for run in sorted(runs, key=len, reverse=True):
        for place in run:
            chosen.setdefault(place.row, place)
    return list(chosen.values())


def _left_over(placed: Sequence[Placed], scores: Scores, lines: range, labels: Labels) -> list[Placed]:
    """Single lines that stand elsewhere than the form has them, and say clearly what they are."""
    taken_lines = {line for place in placed for line in range(place.start, place.stop)}
    taken_rows = {place.row for place in placed}
    single = scores[0][lines.start : lines.stop]
    more = []
    clear = np.argwhere(single >= LEAST_OUT_OF_ORDER)
    for line, row in sorted(clear.tolist(), key=lambda each: -float(single[each[0], each[1]])):
        if line + lines.start not in taken_lines and row not in taken_rows and not labels.twins(row):
            taken_lines.add(line + lines.start)
            taken_rows.add(row)
            more.append(Placed(line + lines.start, line + lines.start + 1, row, float(single[line, row])))
    return more


def _scores(
    lines: range, rows: range, texts: Sequence[str], said: Sequence[str], units: Sequence[str], labels: Labels
) -> Scores:
    scores = score_labels(
        [texts[index] for index in lines],
        [units[index] for index in lines],
        labels,
        rows,
        MOST_ROWS_OF_A_LABEL,
        LEAST_LIKENESS,
    )
    for line in lines:  # rows of the same words: a hair for the one whose neighbours stand beside the line
        places = [place for place in labels.places.get(said[line], ()) if place in rows]
        for place in places if len(places) > 1 else ():
            scores[0][line - lines.start, place - rows.start] += _beside(line, place, said, labels) / 50
    return scores


def _beside(line: int, place: int, said: Sequence[str], labels: Labels) -> int:
    """How many of the words around a line are those around the row in the catalogue."""
    before = next((said[index] for index in range(line - 1, -1, -1) if said[index]), "")
    after = next((said[index] for index in range(line + 1, len(said)) if said[index]), "")
    return (place > 0 and before == labels.texts[place - 1]) + (
        place + 1 < len(labels.texts) and after == labels.texts[place + 1]
    )


def _found(placed: Sequence[Placed], scores: Scores, first_line: int, first_row: int, labels: Labels) -> list[Found]:
    """With a doubt where another row, that stands nowhere, is as like."""
    free = np.ones(scores[0].shape[1], dtype=bool)
    free[[place.row for place in placed]] = False
    found = []
    for place in placed:
        doubt = ""
        others = np.where(free, scores[place.stop - place.start - 1][place.start], -np.inf)
        # Rows of the very same words are told apart by what stands beside them: see _with_doubt_of_twins.
        others[
            [twin - first_row for twin in labels.twins(place.row + first_row) if 0 <= twin - first_row < len(others)]
        ] = -1
        if place.score < EXACT and others.max(initial=-np.inf) > max(place.score - LEAST_MARGIN, LEAST_LIKENESS):
            rival = labels.rows[int(others.argmax()) + first_row]
            doubt = f"nhãn cũng có thể là {rival.code} {rival.label_vi}"
        found.append(
            Found(
                place.start + first_line, place.stop + first_line, place.row + first_row, min(place.score, EXACT), doubt
            )
        )
    return found


def _with_doubt_of_twins(form: list[Found], labels: Labels) -> list[Found]:
    """A line whose words several rows bear is sure only where a line of the same item stands next to it."""
    checked = []
    for index, found in enumerate(form):
        if labels.twins(found.row):
            beside = [form[place].row for place in (index - 1, index + 1) if 0 <= place < len(form)]
            family = labels.families[found.row]
            if not any(labels.families[row] == family or labels.rows[row].code == family for row in beside):
                codes = ", ".join(labels.rows[row].code for row in labels.twins(found.row))
                found = replace(found, doubt=f"dòng cùng tên với {codes}, không rõ thuộc mục nào")
        checked.append(found)
    return checked
