"""How well lines of text say rows of the catalogue: shared words, weighted by how much a word tells, and spelling."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from ingestion.forms.labels import Labels, canonical

Matrix = npt.NDArray[np.float64]

EXACT = 1.2
LEAST_WORD_LIKENESS = 0.55
COST_OF_A_FURTHER_LINE = 0.03
# Spelling is compared only where the words are alike that far: the mean of both can't reach the least otherwise.
LEAST_SHARE_OF_WORDS = 0.35
COST_OF_ANOTHER_UNIT = 0.15
LIKENESS_OF_KNOWN_WORDS = 0.6
# How much of what a score is above the least is lost where a line has nothing but words of other labels.
SHARE_OF_FOREIGN_WORDS = 0.2


@dataclass(frozen=True)
class Vocabulary:
    """The words of all labels, and what each tells of each label (``weights``: words × labels, each column sums to 1) and
    by itself (``tells``)."""

    words: tuple[str, ...]
    places: dict[str, int]
    weights: Matrix
    tells: npt.NDArray[np.float64]


@functools.lru_cache(maxsize=8)
def vocabulary(labels: tuple[tuple[str, ...], ...]) -> Vocabulary:
    """``labels`` are folded and split into words."""
    words = tuple(sorted({word for label in labels for word in label}))
    place = {word: index for index, word in enumerate(words)}
    used_in = np.zeros(len(words))
    for label in labels:
        for word in set(label):
            used_in[place[word]] += 1
    tells = np.log(1 + len(labels) / used_in)
    tells *= np.sqrt([len(word) for word in words])
    weights = np.zeros((len(words), len(labels)))
    for row, label in enumerate(labels):
        for word in set(label):
            weights[place[word], row] = tells[place[word]]
    return Vocabulary(words, place, weights / weights.sum(axis=0), tells)


def word_likeness(left: Sequence[str], right: Sequence[str]) -> Matrix:
    """Likeness (0 to 1) of each word left to each word right; 0 below the least, and for short words that differ."""
    likeness: Matrix = process.cdist(left, right, scorer=fuzz.ratio, dtype=np.float64) / 100
    likeness[likeness < LEAST_WORD_LIKENESS] = 0
    for index, word in enumerate(left):
        if len(word) == 1:
            likeness[index, likeness[index] < 1] = 0
    return likeness


def score_windows(lines: Sequence[Sequence[str]], labels: tuple[tuple[str, ...], ...], most_lines: int) -> list[Matrix]:
    """How well every run of 1 to ``most_lines`` lines says every label: ``scores[k][s, r]`` for the ``k + 1`` lines from
    ``s`` on and label ``r``, as ``align`` takes it. ``lines`` are folded and split into words, letters not to be trusted."""
    known = vocabulary(labels)
    words = sorted({word for line in lines for word in line})
    likeness = word_likeness(words, known.words) if words else np.zeros((0, len(known.words)))
    return _windows(_said(lines, words, likeness, len(known.words)), known.weights, most_lines)


def score_labels(
    texts: Sequence[str], units: Sequence[str], labels: Labels, rows: range, most_lines: int, least: float
) -> list[Matrix]:
    """As ``score_windows``, for typed labels (as typed) and the catalogue's ``rows`` only: the mean of shared words and
    spelling, less where the unit (folded) is another row's or words are other labels', and ``EXACT`` where the words are the
    same. What reaches ``least``, the likeness below which nothing is placed, reaches it whatever its words."""
    known = vocabulary(labels.words)
    lines = [canonical(text).split() for text in texts]
    words = sorted({word for line in lines for word in line})
    likeness = np.zeros((len(words), len(known.words)))
    if words:
        likeness = word_likeness(words, known.words)
    for index, word in enumerate(words):
        if word in known.places:  # a word of another label may still be a slip of the pen
            likeness[index] *= LIKENESS_OF_KNOWN_WORDS
            likeness[index, known.places[word]] = 1
    said = _said(lines, words, likeness, len(known.words))
    weights = known.weights[:, rows.start : rows.stop]
    scores = _windows(said, weights, most_lines)
    foreign_words = _foreign_words(said, weights, known.tells, most_lines)
    own_texts = labels.texts[rows.start : rows.stop]
    for further, (score, foreign) in enumerate(zip(scores, foreign_words, strict=True)):
        runs = [
            canonical(" ".join(filter(None, texts[start : start + further + 1])))
            for start in range(len(texts) - further)
        ]
        starts, places = np.nonzero(score[: len(runs)] >= LEAST_SHARE_OF_WORDS)
        spelling = process.cpdist(
            [runs[start] for start in starts],
            [own_texts[place] for place in places],
            scorer=fuzz.ratio,
            dtype=np.float64,
        )
        spelled = np.zeros((len(runs), len(own_texts)))
        if len(starts):
            spelled[starts, places] = spelling / 100
        score[: len(runs)] = (score[: len(runs)] + spelled) / 2 - _of_another_unit(units[: len(runs)], labels, rows)
        above = np.maximum(score[: len(runs)] - least, 0)
        score[: len(runs)] -= above * foreign * SHARE_OF_FOREIGN_WORDS
        for start, run in enumerate(runs):
            if run in labels.places:
                score[start] = -np.inf if further == 0 else score[start]
                exact = [place - rows.start for place in labels.places[run] if place in rows]
                score[start, exact] = EXACT - COST_OF_A_FURTHER_LINE * further
            elif further and (not texts[start] or not texts[start + further]):
                score[start] = -np.inf  # a run neither begins nor ends with a blank
    return scores


def _of_another_unit(units: Sequence[str], labels: Labels, rows: range) -> Matrix:
    own = np.array(labels.units[rows.start : rows.stop], dtype=object)
    costs = np.zeros((len(units), len(own)))
    for line, unit in enumerate(units):
        if unit in labels.known_units:
            costs[line] = np.where(own == unit, 0.0, COST_OF_ANOTHER_UNIT)
    return costs


def _said(lines: Sequence[Sequence[str]], words: Sequence[str], likeness: Matrix, vocabulary_size: int) -> Matrix:
    """How well each line says each word of the vocabulary."""
    place = {word: index for index, word in enumerate(words)}
    said = np.zeros((len(lines), vocabulary_size))
    for index, line in enumerate(lines):
        if line:
            said[index] = likeness[[place[word] for word in line]].max(axis=0)
    return said


def _foreign_words(said: Matrix, weights: Matrix, tells: npt.NDArray[np.float64], most_lines: int) -> Iterator[Matrix]:
    """For every run of lines and label how much of what the run says is said by other labels only (0 to 1): «đơn vị» tells
    a line of the units' staff from the same line of the office's."""
    is_own = (weights > 0).astype(np.float64)
    in_run = said
    for further in range(min(most_lines, len(said))):
        if further:
            in_run = np.maximum(in_run[:-1], said[further:])
        told = in_run * tells
        total = told.sum(axis=1, keepdims=True)
        yield 1 - np.divide(told @ is_own, total, out=np.ones((len(told), is_own.shape[1])), where=total > 0)


def _windows(said: Matrix, weights: Matrix, most_lines: int) -> list[Matrix]:
    scores = []
    in_run = said
    for further in range(min(most_lines, len(said))):
        if further:
            in_run = np.maximum(in_run[:-1], said[further:])
        score = in_run @ weights - COST_OF_A_FURTHER_LINE * further
        scores.append(np.vstack([score, np.full((further, weights.shape[1]), -np.inf)]))
    return scores
