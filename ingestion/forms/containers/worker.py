"""The reading process: files from outside are opened in here, under limits of memory and time, with nothing to steal.

Started by ``sandbox`` with an empty environment. It answers one request after the other over a pipe; whatever a library
does to it (a panic, an abort, an endless loop, too much memory) ends this process and not the night.
"""

from __future__ import annotations

import pickle
import resource
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ingestion.forms.containers.found import Found, Text
from ingestion.forms.containers.limits import BROKE_THE_READER, MEGABYTE, Limits, RefusedError
from ingestion.forms.containers.sniffing import Kind

MOST_ANSWER_BYTES = 48 * MEGABYTE
_PAGE = resource.getpagesize()


def serve(connection: Connection, limits: Limits) -> None:
    """Answer until the other side closes."""
    _confine(limits)
    connection.send_bytes(b"ready")
    while True:
        try:
            request = connection.recv_bytes()
        except EOFError:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime + limits.most_seconds * 2) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        try:
            for answer in _answers(pickle.loads(request), limits):  # noqa: S301 - our own side wrote it
                connection.send_bytes(_packed(answer))
        except RefusedError as error:
            connection.send_bytes(_packed(("refused", str(error))))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # calamine's panics are no Exception
            is_broken = isinstance(error, MemoryError) or type(error).__name__ == "PanicException"
            why = BROKE_THE_READER if is_broken else f"tệp bị hỏng, không đọc được ({type(error).__name__})"
            connection.send_bytes(_packed(("spent", why)))
            return  # a process in which something broke is not used again


def _answers(request: tuple[Any, ...], limits: Limits) -> Iterator[tuple[Any, ...]]:
    if request[0] == "percent":
        from ingestion.forms.containers.formats import percent_cells

        yield "percent", percent_cells(request[1], limits)
        return
    _, kind, content = request
    yield from _read(kind, content, limits)


def _read(kind: Kind, content: bytes, limits: Limits) -> Iterator[tuple[Any, ...]]:
    found: Found
    if kind in ("pdf", "picture"):
        from ingestion.forms.containers.scans import recognise

        if kind == "pdf":
            from ingestion.forms.containers.pdf import read_pdf

            read = read_pdf(content, limits)
            if read is not None:
                yield _told(read)
                return
        pages = []
        for page in recognise(kind, content, limits):
            pages.append(page)
            yield ("busy",)
        found = Found(Text("\n\n".join(pages), is_recognised=True))
    else:
        found = _reader_of(kind)(content, limits)
    yield _told(found)


def _reader_of(kind: Kind) -> Callable[[bytes, Limits], Found]:
    """Each reader's libraries are loaded when its kind is first met: most nights see workbooks only."""
    if kind in ("workbook", "old_workbook"):
        from ingestion.forms.containers.workbooks import read_workbook

        return read_workbook
    if kind == "word":
        from ingestion.forms.containers.word import read_word

        return read_word
    if kind == "markup":
        from ingestion.forms.containers.markup import read_markup

        return read_markup
    from ingestion.forms.containers.text import read_text

    return read_text


def _told(found: Found) -> tuple[Any, ...]:
    """As plain tuples and lists: the other side takes nothing else out of this process."""
    if isinstance(found.content, Text):
        return "text", found.content.content, found.content.is_recognised, found.remarks
    tables = [(t.name, list(t.rows), t.first_row, t.first_column, t.is_hidden, t.doubtful_rows) for t in found.content]
    return "tables", tables, found.remarks


def _packed(answer: tuple[Any, ...]) -> bytes:
    packed = pickle.dumps(answer, protocol=5)
    if len(packed) > MOST_ANSWER_BYTES:
        return pickle.dumps(("refused", f"tệp chứa quá nhiều chữ ({len(packed) // MEGABYTE} MB)"), protocol=5)
    return packed


def _confine(limits: Limits) -> None:
    """Memory on top of what is already taken, no core files, few open files."""
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * _PAGE
    most = taken + limits.most_memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), pickle.loads(bytes.fromhex(sys.argv[2])))  # noqa: S301 - our own side wrote it
