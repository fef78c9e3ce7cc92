"""Rows from the published DuckDB file to one table of PostgreSQL, by binary COPY."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql

from publishing.marts import SCHEMA, Mart, quoted
from publishing.postgres.connect import Connection
from publishing.postgres.shape import names

_BATCH_ROWS = 20_000
#: At the gentle pace: what is read, and what is encoded, at a time; what the server takes in a small part of a reader's
#: question, and the pause after it (decision 029).
_GENTLE_BATCH_ROWS = 2_048
_GENTLE_ENCODED_ROWS = 256
_BURST_BYTES = 4_096
_PAUSE_SECONDS = 0.0008


def copy_rows(
    connection: Connection, source: duckdb.DuckDBPyConnection, night: str, mart: Mart, *, is_gentle: bool
) -> int:
    """Send every row of a mart to its table of the schema ``night``, made in this transaction; how many came."""
    columns = [column.name for column in mart.columns]
    query = f"select {', '.join(map(quoted, columns))} from {SCHEMA}.{quoted(mart.name)}"
    # Frozen, as the table came with this transaction: no later pass over it by vacuum.
    statement = sql.SQL("copy {} ({}) from stdin (format binary, freeze)").format(
        sql.Identifier(night, mart.name), names(columns)
    )
    # The reader is closed whatever happens: one left open holds the file, and opening it again would wait for ever.
    with (
        source.execute(query).to_arrow_reader(_GENTLE_BATCH_ROWS if is_gentle else _BATCH_ROWS) as reader,
        connection.cursor() as cursor,
    ):
        with cursor.copy(statement) as copy:
            for block in _in_bursts(reader) if is_gentle else _ahead(_encoded(reader.schema, reader)):
                copy.write(block)
        return cursor.rowcount


def _encoded(schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[bytes]:
    encoder = ArrowToPostgresBinaryEncoder(schema)
    yield encoder.write_header()
    for batch in batches:
        yield encoder.write_batch(batch)
    yield encoder.finish()


def _ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks, each made while the one before it is sent."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = pool.submit(next, blocks, None)
            yield block


def _in_bursts(reader: pyarrow.RecordBatchReader) -> Iterator[bytes]:
    """The same stream in pieces, wherever these end in a row, and a pause after each."""
    parts = (
        batch.slice(start, _GENTLE_ENCODED_ROWS)
        for batch in reader
        for start in range(0, batch.num_rows, _GENTLE_ENCODED_ROWS)
    )
    for block in _encoded(reader.schema, parts):
        for start in range(0, len(block), _BURST_BYTES):
            yield block[start : start + _BURST_BYTES]
            time.sleep(_PAUSE_SECONDS)
