"""The published DuckDB file: the marts as they stand in the warehouse, and nothing else.

Where a publication was made before, its file is copied, and of the parts that say something else (``marts.Part``) the rows
that differ are replaced: a night's file costs what changed, and the reading of what did not. Rows that come so stand at the
end, and what was there leaves gaps, so that a file is written whole now and then (docs/decisions/032). Either way what was
written is read again and held against what the warehouse says.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import duckdb

from publishing.marts import SCHEMA, Mart, PublishError, literal, part_is, quoted, read_marts

_LOG = logging.getLogger(__name__)
_WAREHOUSE = "warehouse"


def copy_whole(warehouse: Path, fresh: Path, wanted: tuple[Mart, ...]) -> None:
    """Write ``wanted``, which the ``warehouse`` holds, as the file ``fresh``.

    Raises ``PublishError`` when what was written does not hold what the warehouse holds.
    """
    with _from_warehouse(fresh, warehouse) as target:
        target.execute(f"create schema {SCHEMA}")
        _write(target, wanted, ())
    if not _holds(fresh, wanted):
        raise PublishError(f"the copy of {warehouse} does not hold what the warehouse holds; nothing was replaced")


def bring_up(warehouse: Path, fresh: Path, wanted: tuple[Mart, ...], before: Path, held: tuple[Mart, ...]) -> None:
    """The same from the file ``before``, which holds ``held``; written whole where that file turns out damaged, or a table
    has the same row twice. Raises what ``copy_whole`` raises."""
    shutil.copyfile(before, fresh)
    reason = "then it does not hold what the warehouse holds"
    try:
        with _from_warehouse(fresh, warehouse) as target:
            _write(target, wanted, held)
        if _holds(fresh, wanted):
            return
    except duckdb.Error as error:
        reason = str(error)
    _LOG.warning("%s can't be brought up to the warehouse and is written whole: %s", before, reason)
    fresh.unlink()
    copy_whole(warehouse, fresh, wanted)


def _from_warehouse(fresh: Path, warehouse: Path) -> duckdb.DuckDBPyConnection:
    target = duckdb.connect(str(fresh))
    target.execute(f"attach {literal(str(warehouse))} as {_WAREHOUSE} (read_only)")
    return target


def _holds(path: Path, wanted: tuple[Mart, ...]) -> bool:
    with duckdb.connect(str(path), read_only=True) as written:
        return read_marts(written) == wanted


def _write(target: duckdb.DuckDBPyConnection, wanted: tuple[Mart, ...], held: tuple[Mart, ...]) -> None:
    """Let the open file, which holds ``held``, hold ``wanted``."""
    tables = {mart.name: mart for mart in held if mart.is_table}
    target.execute("begin")
    for mart in held:
        if not mart.is_table:
            kind = "view" if mart.is_view else "macro table"
            target.execute(f"drop {kind} {SCHEMA}.{quoted(mart.name)}")
    for name in tables.keys() - {mart.name for mart in wanted if mart.is_table}:
        target.execute(f"drop table {SCHEMA}.{quoted(name)}")
    for mart in wanted:
        if mart.is_table and mart != tables.get(mart.name):
            _write_table(target, mart, tables.get(mart.name))
    target.execute("commit")
    target.execute(f"detach {_WAREHOUSE}")
    target.execute("begin")
    for mart in wanted:
        if mart.definition is not None:
            target.execute(mart.definition)
            _comment(target, "view", mart)
    target.execute("commit")
    target.execute("checkpoint")


def _write_table(target: duckdb.DuckDBPyConnection, mart: Mart, held: Mart | None) -> None:
    place = f"{SCHEMA}.{quoted(mart.name)}"
    source = f"{_WAREHOUSE}.{place}"
    if held and mart.part_by and (held.columns, held.comment) == (mart.columns, mart.comment):
        changed = part_is(mart.part_by, mart.parts_other_than(held))
        # Told apart by their hashes, as everything here is.
        target.execute(
            f"delete from {place} as held where {changed}"
            f" and hash(held) not in (select hash(wanted) from {source} as wanted where {changed})"
        )
        target.execute(
            f"insert into {place} from {source} as wanted where {changed}"
            f" and hash(wanted) not in (select hash(held) from {place} as held where {changed})"
        )
        return
    target.execute(f"create or replace table {place} as from {source}")
    _comment(target, "table", mart)


def _comment(target: duckdb.DuckDBPyConnection, kind: str, mart: Mart) -> None:
    place = f"{SCHEMA}.{quoted(mart.name)}"
    if mart.comment:
        target.execute(f"comment on {kind} {place} is {literal(mart.comment)}")
    for column in mart.columns:
        if column.comment:
            target.execute(f"comment on column {place}.{quoted(column.name)} is {literal(column.comment)}")
