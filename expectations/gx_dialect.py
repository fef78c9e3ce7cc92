"""DuckDB for Great Expectations: duckdb-sqlalchemy's dialect, with results read whole while the connection is open.

Great Expectations runs a query inside ``with engine.connect()`` and fetches the rows after the block, when DuckDB's cursor
is closed already. Fetching everything as soon as a query ran makes that order harmless; a check's result is a count or a
few rows. Nor does it close the engines that it makes: without a pool, a connection is gone when its block ends, and the
next task of the night can open the file.
"""

from __future__ import annotations

from typing import Any

from duckdb_sqlalchemy import Dialect, DuckDBExecutionContext
from sqlalchemy.dialects import registry
from sqlalchemy.engine import URL
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.pool import NullPool, Pool


class BufferedExecutionContext(DuckDBExecutionContext):
    """Takes all rows from the cursor right after the query ran."""

    def post_exec(self) -> None:
        super().post_exec()  # type: ignore[no-untyped-call]
        cursor: Any = self.cursor
        if cursor is not None and cursor.description:
            rows = cursor.fetchall()
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                cursor, alternate_description=cursor.description, initial_buffer=rows
            )


class BufferedDuckDB(Dialect):
    """The dialect registered under ``duckdb``."""

    name = "duckdb"
    supports_statement_cache = True
    execution_ctx_cls = BufferedExecutionContext

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:  # noqa: ARG003 - the signature is SQLAlchemy's
        return NullPool


def register() -> None:
    """Make ``duckdb://`` addresses use this dialect, in this process."""
    registry.register("duckdb", __name__, "BufferedDuckDB")
