"""The portal's dossiers as columns: millions are made in seconds, and no row exists before it is asked for.

A dossier is received and returned within one quarter, so that every window's received equals its returned. Dossiers filed after
the year's last window are in every state; refused and new ones are spread over the year and count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from stand_ins.province.periods import day_number, quarters
from stand_ins.province.streams import stream
from stand_ins.province.structure import Structure

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int8]
DAY_SECONDS = 86_400
NONE = -1  # a time that is not there
_AFTER = 4  # the stretch after the last window


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Columns by dossier (times are seconds since 1970 local, ``NONE`` where there is none), then the listing's rows.

    ``row_dossier`` and ``row_version`` tell, for each row of the listing in order of (updated_at, MaHoSo), which dossier it
    shows and in which state: 0 the latest, 1 in progress, 2 just received.
    """

    agency: npt.NDArray[np.int16]
    sequence: Ints
    procedure: Small
    level: Small
    channel: Small
    return_form: Small
    state: Small
    quarter: Small
    filed: Ints
    received: Ints
    due: Ints
    finished: Ints
    returned: Ints
    row_dossier: Ints
    row_version: Small
    row_updated: Ints

    def __len__(self) -> int:
        return len(self.agency)


def make_dossiers(
    structures: tuple[Structure, ...], *, seed: int, year: int, count: int, open_in_last_quarter: Iterable[int] = ()
) -> Dossiers:
    """``count`` dossiers of the year. For each agency of ``open_in_last_quarter`` (an index) three dossiers of the fourth
    quarter are left in progress: the system of record then knows of more received than returned."""
    rng = stream(seed, "dossiers")
    agency = np.repeat(np.arange(len(structures)), shares([one.dossier_weight for one in structures], count))
    quarter = np.searchsorted(np.cumsum([0.235, 0.245, 0.24, 0.25]), rng.random(count), side="right")
    state = np.full(count, 10)
    idle = rng.random(count) < 0.02
    state[idle] = np.where(rng.random(int(idle.sum())) < 0.3, 1, 3)
    after = (quarter == _AFTER) & ~idle
    state[after] = rng.choice(
        [2, 4, 5, 6, 7, 8, 9, 10], int(after.sum()), p=[0.1, 0.3, 0.08, 0.05, 0.04, 0.03, 0.1, 0.3]
    )

    procedure, level = _procedures(structures, agency, rng.random(count))
    channel = _channels(level, rng.random(count))
    for index in open_in_last_quarter:
        chosen = np.flatnonzero((agency == index) & (quarter == 3) & (state == 10) & (channel == 1))[:3]
        state[chosen] = 4

    first, last = _bounds(year)
    received_on = workday(first[quarter] + (rng.random(count) * (last[quarter] - first[quarter] + 1)).astype(np.int64))
    finished_on = workday(np.minimum(received_on + rng.integers(0, 16, count), last[quarter]))
    returned_on = workday(np.minimum(finished_on + rng.integers(0, 4, count), last[quarter]))
    late_share = np.array([one.late_share for one in structures])
    is_late = (rng.random(count) < late_share[agency]) & (finished_on > received_on)
    due_on = np.where(
        is_late,
        workday(np.maximum(received_on, finished_on - 1 - rng.integers(0, 5, count))),
        workday(returned_on + rng.integers(0, 7, count)),
    )

    received = received_on * DAY_SECONDS + 27_000 + (rng.random(count) * 27_000).astype(np.int64)
    finished = finished_on * DAY_SECONDS + 55_800 + (rng.random(count) * 3_000).astype(np.int64)
    returned = returned_on * DAY_SECONDS + 58_800 + (rng.random(count) * 2_100).astype(np.int64)
    waiting = np.where(channel == 2, 100_000, 900)  # seconds from filing to reception, at most: online also by night
    filed = received - 60 - (rng.random(count) ** 4 * waiting).astype(np.int64)
    due = due_on * DAY_SECONDS + 61_200
    updated = _updated(state, filed, received, finished, returned, rng.random(count))
    row_dossier, row_version, row_updated = _rows(state, received, updated, rng.random(count))

    is_done = (state == 9) | (state == 10)
    not_received = (state == 1) | ((state == 3) & (rng.random(count) < 0.7))
    received[not_received] = NONE
    due[not_received | (~is_late & (rng.random(count) < 0.02))] = NONE
    finished[~(is_done | (state == 7) | (state == 8))] = NONE
    finished[(state == 10) & (rng.random(count) < 0.04)] = NONE
    returned[state != 10] = NONE
    by_post = (channel == 3) & (rng.random(count) < 0.8)
    return_form = np.where(by_post, 1, np.where((channel == 2) & (rng.random(count) < 0.6), 2, 0))

    sequence, rank = _numbers(agency, filed // DAY_SECONDS)
    order = np.lexsort((row_version, rank[row_dossier], row_updated))
    return Dossiers(
        agency=agency.astype(np.int16),
        sequence=sequence,
        procedure=procedure.astype(np.int8),
        level=level.astype(np.int8),
        channel=channel.astype(np.int8),
        return_form=return_form.astype(np.int8),
        state=state.astype(np.int8),
        quarter=quarter.astype(np.int8),
        filed=filed,
        received=received,
        due=due,
        finished=finished,
        returned=returned,
        row_dossier=row_dossier[order],
        row_version=row_version[order].astype(np.int8),
        row_updated=row_updated[order],
    )


def shares(weights: list[float], count: int) -> Ints:
    """``count`` split by weight, by largest remainder."""
    exact = np.array(weights) / sum(weights) * count
    whole = np.floor(exact).astype(np.int64)
    rest = count - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:rest]] += 1
    return whole


def _bounds(year: int) -> tuple[Ints, Ints]:
    """First and last day on which a dossier of each stretch may be received and returned."""
    stretches = [*quarters(year), (quarters(year)[-1][1] + timedelta(days=1), date(year, 12, 31))]
    return (
        np.array([day_number(first) for first, _ in stretches]),
        np.array([day_number(last) for _, last in stretches]),
    )


def workday(day: Ints) -> Ints:
    """The day itself, or the Friday before a weekend. No stretch of 2021 begins on a weekend."""
    weekday = (day + 3) % 7
    return day - np.maximum(weekday - 4, 0)


def _procedures(structures: tuple[Structure, ...], agency: Ints, chance: npt.NDArray[np.float64]) -> tuple[Ints, Ints]:
    """For each dossier one of its agency's procedures, the first ones oftener, and that procedure's level."""
    widest = max(len(one.procedures) for one in structures)
    bound = np.ones((len(structures), widest))
    levels = np.full((len(structures), widest), 2)
    for index, one in enumerate(structures):
        weights = np.arange(len(one.procedures), 0, -1)
        bound[index, : len(weights)] = np.cumsum(weights) / weights.sum()
        levels[index, : len(weights)] = [procedure.level for procedure in one.procedures]
        bound[index, len(weights) - 1 :] = 1.0
    chosen = (chance[:, None] >= bound[agency]).sum(axis=1)
    return chosen, levels[agency, chosen]


def _channels(level: Ints, chance: npt.NDArray[np.float64]) -> Ints:
    """1 at the counter, 2 online, 3 by public post; level 2 is never online."""
    online = np.select([level == 4, level == 3], [0.85, 0.42], 0.0)
    post = np.select([level == 4, level == 3], [0.03, 0.07], 0.08)
    return np.where(chance < online, 2, np.where(chance < online + post, 3, 1))


def _updated(
    state: Ints, filed: Ints, received: Ints, finished: Ints, returned: Ints, chance: npt.NDArray[np.float64]
) -> Ints:
    """When each dossier's latest state was written: minutes after the event, one in ten by the nightly batch at 23:30."""
    ended = (state == 7) | (state == 8) | (state == 9)
    event = np.select([state == 10, ended, (state == 1) | (state == 3)], [returned, finished, filed], received)
    batch = event // DAY_SECONDS * DAY_SECONDS + 84_600
    updated = event + 600 + (chance * 600).astype(np.int64)
    return np.where((chance < 0.1) & (event < batch), np.maximum(batch, updated), updated)


def _rows(state: Ints, received: Ints, updated: Ints, chance: npt.NDArray[np.float64]) -> tuple[Ints, Ints, Ints]:
    """The listing's rows, unordered: the latest state of each dossier, and earlier states of about one finished in six."""
    everyone = np.arange(len(state))
    finished = (state == 9) | (state == 10)
    in_progress = np.flatnonzero(finished & (chance < 0.17))
    just_received = np.flatnonzero(finished & (chance < 0.04))
    return (
        np.concatenate([everyone, in_progress, just_received]),
        np.repeat(np.array([0, 1, 2]), [len(everyone), len(in_progress), len(just_received)]),
        np.concatenate([updated, received[in_progress] + 300, received[just_received] + 60]),
    )


def _numbers(agency: Ints, day: Ints) -> tuple[Ints, Ints]:
    """A running number within agency and day, and the rank of (agency, day, number) among all dossiers."""
    key = agency * 100_000 + day
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(key) else np.array([], int)
    lengths = np.diff(np.append(starts, len(key)))
    within = np.arange(len(key)) - np.repeat(starts, lengths) + 1
    sequence = np.empty(len(key), np.int64)
    rank = np.empty(len(key), np.int64)
    sequence[order] = within
    rank[order] = np.arange(len(key))
    return sequence, rank
