"""The night's files read to forms, in their order: in this process when they are few, by a pool of processes when many.

Reading is pure (bytes in, forms or an error out), so it may run anywhere; what it gives is added to the rows by the loader
alone, in the order of landing. A file that ends its process is read again by itself, and refused when it does so again:
it costs no other file. What was learnt of layouts is kept from night to night; it saves time and changes no result.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from ingestion.errors import IngestionError, ParseError
from ingestion.forms.containers import sandbox
from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits
from ingestion.forms.labels import labels_of
from ingestion.forms.layouts import KnownLayouts, Learnt
from ingestion.forms.reader import FormReading, read_bytes
from ingestion.landing import Landed
from ingestion.model import EdocMessage, Problem
from ingestion.raw.attachments import read_attachments
from ingestion.reference import Catalogue
from ingestion.sources.edxml import parse_package

#: The processes take three seconds of the cores to start, as much as 400 plain files: what two of them win by 800.
LEAST_POOLED_FILES = 800
LEAST_POOLED_BYTES = 32 * 1024 * 1024
#: Files on their way to each process, so that none waits and memory stays bounded.
FILES_AHEAD = 4


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """How files are read: what each may cost; by how many processes (0: as many as cores, 1: this one alone); where learnt
    layouts are kept (nowhere when it is None)."""

    limits: Limits = DEFAULT_LIMITS
    processes: int = 0
    layouts_path: Path | None = None


DEFAULT_PLAN = ReadingPlan()


@dataclass(frozen=True, slots=True)
class MessageReading:
    """A message without its attachments' bytes; the forms in them, and why there are none where it speaks of a report."""

    message: EdocMessage
    readings: tuple[FormReading, ...]
    faults: tuple[Problem, ...]


Result: TypeAlias = "tuple[FormReading, ...] | MessageReading | IngestionError"
_Answer: TypeAlias = "tuple[Result, list[Learnt]]"
_Begun: TypeAlias = "tuple[ProcessPoolExecutor, Future[_Answer]]"


class FormsReader(AbstractContextManager["FormsReader"]):
    """Reads the files and e-documents of one load, ``bodies``: by a pool of processes where they are many or large."""

    def __init__(self, catalogue: Catalogue, plan: ReadingPlan, bodies: Sequence[Landed]) -> None:
        self._catalogue, self._plan = catalogue, plan
        labels = labels_of(catalogue.rows)
        path = plan.layouts_path
        self._known = KnownLayouts.load(path, labels) if path else KnownLayouts(labels)
        self._processes = _processes(plan, bodies)
        self._pool: ProcessPoolExecutor | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep what was learnt, also when the load failed; end the processes."""
        self._end_pool()
        if self._plan.layouts_path and self._known.added:
            self._known.save(self._plan.layouts_path)

    def read(self, bodies: Iterable[tuple[Landed, bytes]]) -> Iterator[tuple[Landed, bytes, Result]]:
        """What each body holds, in their order; they are taken a few ahead."""
        waiting: deque[tuple[Landed, bytes, _Begun | None]] = deque()
        most = self._processes * FILES_AHEAD if self._processes > 1 else 0
        for body, content in bodies:
            waiting.append((body, content, self._begin(body, content) if most else None))
            if len(waiting) > most:
                yield self._end(*waiting.popleft())
        while waiting:
            yield self._end(*waiting.popleft())

    def _begin(self, body: Landed, content: bytes) -> _Begun | None:
        if self._pool is None:
            self._pool = self._new_pool(self._processes)
        try:
            return self._pool, self._pool.submit(_read_in_pool, body, content)
        except BrokenProcessPool:
            return None  # read by itself when its turn comes

    def _end(self, body: Landed, content: bytes, begun: _Begun | None) -> tuple[Landed, bytes, Result]:
        if self._processes == 1:
            return body, content, read_body(body, content, self._catalogue, self._known, self._plan.limits)
        if begun is not None:
            pool, future = begun
            try:
                return body, content, self._taken(future.result())
            except BrokenProcessPool:
                if pool is self._pool:  # and not one begun since
                    self._end_pool()
        return body, content, self._read_alone(body, content)

    def _read_alone(self, body: Landed, content: bytes) -> Result:
        """A body that was under way when a process ended: which of them ended it is seen when each has one of its own."""
        with self._new_pool(1) as alone:
            try:
                return self._taken(alone.submit(_read_in_pool, body, content).result())
            except BrokenProcessPool:
                return ParseError("tệp làm hỏng trình đọc; không đọc được", source=body.source, locator=body.locator)

    def _taken(self, answer: _Answer) -> Result:
        result, learnt = answer
        self._known.added += self._known.remember(learnt)
        return result

    def _new_pool(self, processes: int) -> ProcessPoolExecutor:
        # Spawned, not forked: the loader holds DuckDB and its threads.
        return ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_process,
            initargs=(self._catalogue, self._known.learnt(), self._plan.limits),
        )

    def _end_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _processes(plan: ReadingPlan, bodies: Sequence[Landed]) -> int:
    is_worth_it = len(bodies) >= LEAST_POOLED_FILES or sum(body.size_bytes for body in bodies) >= LEAST_POOLED_BYTES
    if not is_worth_it or multiprocessing.current_process().daemon:  # a daemon may have no processes of its own
        return 1
    return min(plan.processes or len(os.sched_getaffinity(0)), len(bodies))


def read_body(body: Landed, content: bytes, catalogue: Catalogue, known: KnownLayouts, limits: Limits) -> Result:
    """Read one file or e-document; an error is a result like any other."""
    try:
        if body.kind == "drop_file":
            return tuple(read_bytes(body.locator, content, catalogue, layouts=known, limits=limits))
        message = parse_package(content, locator=body.locator, limits=limits)
        sender = catalogue.agency_of(message.sender_organ_id)
        readings, faults = read_attachments(message, body.locator, catalogue, sender, layouts=known, limits=limits)
    except IngestionError as error:
        return error
    bare = tuple(replace(attachment, content=b"") for attachment in message.attachments)
    return MessageReading(replace(message, attachments=bare), tuple(readings), tuple(faults))


# In a process of the pool -----------------------------------------------------------------------------------------------

_catalogue: Catalogue
_known: KnownLayouts
_limits: Limits


def _begin_process(catalogue: Catalogue, learnt: list[Learnt], limits: Limits) -> None:
    global _catalogue, _known, _limits
    _catalogue, _known, _limits = catalogue, KnownLayouts(labels_of(catalogue.rows)), limits
    _known.remember(learnt)
    # A process of a pool runs no ``atexit``: the reader that it started for office files is ended here.
    Finalize(None, sandbox.end_all, exitpriority=1)
    # What was loaded stays; looking through it again and again would cost a tenth of the reading.
    gc.freeze()


def _read_in_pool(body: Landed, content: bytes) -> _Answer:
    return read_body(body, content, _catalogue, _known, _limits), _known.take_added()
