"""How well lines of text say rows of the catalogue: shared words, weighted by how much a word tells."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

Matrix = npt.NDArray[np.float64]

LEAST_WORD_LIKENESS = 0.55
COST_OF_A_FURTHER_LINE = 0.03


@dataclass(frozen=True)
class Vocabulary:
    """The words of all labels, and what each tells of each label (``weights``: words × labels, each column sums to 1)."""

    words: tuple[str, ...]
    weights: Matrix


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
    weights = np.zeros((len(words), len(labels)))
    for row, label in enumerate(labels):
        for word in set(label):
            weights[place[word], row] = np.sqrt(len(word)) * tells[place[word]]
    return Vocabulary(words, weights / weights.sum(axis=0))


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
    ``s`` on and label ``r``, as ``align`` takes it. ``lines`` are folded and split into words."""
    known = vocabulary(labels)
    words = sorted({word for line in lines for word in line})
    place = {word: index for index, word in enumerate(words)}
    said = np.zeros((len(lines), len(known.words)))
    if words:
        likeness = word_likeness(words, known.words)
        for index, line in enumerate(lines):
            if line:
                said[index] = likeness[[place[word] for word in line]].max(axis=0)
    scores = []
    in_run = said
    for further in range(min(most_lines, len(lines))):
        if further:
            in_run = np.maximum(in_run[:-1], said[further:])
        score = in_run @ known.weights - COST_OF_A_FURTHER_LINE * further
        scores.append(np.vstack([score, np.full((further, len(labels)), -np.inf)]))
    return scores
