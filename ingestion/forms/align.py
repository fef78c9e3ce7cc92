"""The best assignment of a whole form: which lines of a text say which rows of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Scores = list[npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Placed:
    """Lines ``start`` to ``stop`` (not included) of the text say row ``row`` of the catalogue, with this score (0 to 1)."""

    start: int
    stop: int
    row: int
    score: float


def align(scores: Scores, threshold: float) -> list[Placed]:
    """Place runs of lines on rows so that order is kept and the sum of (score - threshold) is greatest.

    ``scores[k][s, r]`` is how well the ``k + 1`` lines from line ``s`` on say row ``r``; lines and rows may stay unplaced.
    Deciding for the whole form at once keeps two rows of the same words apart by what stands around them.
    """
    line_count, row_count = scores[0].shape
    best = np.zeros((line_count + 1, row_count + 1))
    for line in range(1, line_count + 1):
        reached = best[line - 1].copy()
        for length in range(1, min(len(scores), line) + 1):
            gained = best[line - length, :-1] + scores[length - 1][line - length] - threshold
            np.maximum(reached[1:], gained, out=reached[1:])
        best[line] = np.maximum.accumulate(reached)
    return _walk_back(best, scores, threshold)


def _walk_back(best: npt.NDArray[np.float64], scores: Scores, threshold: float) -> list[Placed]:
    line, row = best.shape[0] - 1, best.shape[1] - 1
    placed: list[Placed] = []
    while line > 0 and row > 0:
        here = best[line, row]
        if best[line, row - 1] == here:
            row -= 1
        elif best[line - 1, row] == here:
            line -= 1
        else:
            for length in range(1, min(len(scores), line) + 1):
                score = scores[length - 1][line - length, row - 1]
                if best[line - length, row - 1] + score - threshold == here:
                    placed.append(Placed(line - length, line, row - 1, float(score)))
                    line, row = line - length, row - 1
                    break
            else:  # can't be: every cell is one of the three
                raise AssertionError("the table of the best assignment is inconsistent")
    placed.reverse()
    return placed


def align_with_jumps(scores: Scores, threshold: float, costs: npt.NDArray[np.float64]) -> list[list[Placed]]:
    """As ``align``, where order may break: a step back to an earlier row costs what ``costs`` says of that row.

    Runs in which order is kept, in the order of the lines; a row may be placed in several runs (two forms, one below the
    other).
    """
    line_count, row_count = scores[0].shape
    # best[line][row]: the best sum when the last placed row is row - 1 (0: nothing placed yet); came[line][row]: 0 when
    # the line was passed over, else how many lines were placed there, negative after a jump.
    best = np.full((line_count + 1, row_count + 1), -np.inf)
    best[:, 0] = 0
    came = np.zeros((line_count + 1, row_count + 1), dtype=np.int8)
    for line in range(1, line_count + 1):
        reached, how = best[line - 1].copy(), came[line]
        for length in range(1, min(len(scores), line) + 1):
            before = best[line - length]
            in_order = np.maximum.accumulate(before)[:-1]
            jumped = before.max() - costs
            gained = np.maximum(in_order, jumped) + scores[length - 1][line - length] - threshold
            better = gained > reached[1:]
            reached[1:][better] = gained[better]
            how[1:][better] = np.where(in_order[better] >= jumped[better], length, -length)
        best[line] = reached
    return _walk_runs(best, came, scores)


def _walk_runs(best: npt.NDArray[np.float64], came: npt.NDArray[np.int8], scores: Scores) -> list[list[Placed]]:
    line = best.shape[0] - 1
    row = int(best[line].argmax())
    runs: list[list[Placed]] = [[]]
    while line > 0 and row > 0:
        how = int(came[line, row])
        if how == 0:
            line -= 1
            continue
        length = abs(how)
        runs[-1].append(Placed(line - length, line, row - 1, float(scores[length - 1][line - length, row - 1])))
        line -= length
        if how > 0:
            row = int(best[line, :row].argmax())
        else:
            row = int(best[line].argmax())
            runs.append([])
    return [run[::-1] for run in reversed(runs) if run]
