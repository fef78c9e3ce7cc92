"""The raw and audit tables of the DuckDB warehouse as Parquet files, a folder for each month of nights.

    <folder>/raw/submission_line/night_month=2021-12/*.parquet

A month whose rows are those of its files is left as it is: ``_mark`` beside the files holds one number for all of them. Rows of
a table without a night of its own go by the night of their submission, else under ``none``; so does one file without rows of a
table that is empty, so that whoever reads the folder learns its columns.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

SCHEMAS = ("raw", "audit")
WHOLE = "none"
#: 16 MB of rows or so: enough for a reader to skip by, few enough to hold one for each month at once.
ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows in all, and how many months of tables were written and left."""

    rows: int
    months_written: int
    months_left: int


def export(warehouse: Path, folder: Path) -> Exported:
    """Bring ``folder`` up to the tables of ``warehouse`` (read only; nobody may have it open for writing)."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        done = [_export_table(connection, table, folder) for table in _tables(connection)]
    return Exported(
        rows=sum(one.rows for one in done),
        months_written=sum(one.months_written for one in done),
        months_left=sum(one.months_left for one in done),
    )


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ? order by 1", [SCHEMAS]
    ).fetchall()
    return [name for (name,) in found]


def _export_table(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> Exported:
    target = folder / table.replace(".", "/")
    target.mkdir(parents=True, exist_ok=True)
    rows = _rows_with_month(connection, table)
    counted = connection.execute(
        f"select night_month, count(*), bit_xor(hash(held)) from ({rows}) as held group by all order by all"
    ).fetchall()
    marks = {str(month): f"{count} {mark}" for month, count, mark in counted} or {WHOLE: "0"}
    for path in target.glob("night_month=*"):
        if path.name.partition("=")[2] not in marks:
            shutil.rmtree(path)
    written = {month for month, mark in marks.items() if _months(target).get(month) != mark}
    if written:
        _write(connection, rows, written, target)
    for month in written:
        (target / f"night_month={month}" / "_mark").write_text(marks[month], encoding="utf-8")
    return Exported(sum(count for _, count, _ in counted), len(written), len(marks) - len(written))


def _rows_with_month(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A query of the table's rows with the month of their night as ``night_month``."""
    columns = {name for (name, *_) in connection.execute(f"describe {table}").fetchall()}
    order = ", held.rowid as row_order"  # which came later is told by nothing else in some tables, and a file keeps no order
    if "night_on" in columns:
        return f"select held.*{order}, strftime(held.night_on, '%Y-%m') as night_month from {table} as held"
    if "submission_id" in columns:
        return (
            f"select held.*{order}, coalesce(strftime(submissions.night_on, '%Y-%m'), '{WHOLE}') as night_month"
            f" from {table} as held left join raw.submission as submissions using (submission_id)"
        )
    return f"select held.*{order}, '{WHOLE}' as night_month from {table} as held"


def _months(target: Path) -> dict[str, str]:
    """The months that are there whole, with their marks."""
    return {
        path.parent.name.partition("=")[2]: path.read_text(encoding="utf-8")
        for path in target.glob("night_month=*/_mark")
    }


def _write(connection: duckdb.DuckDBPyConnection, rows: str, months: set[str], target: Path) -> None:
    aside = target.parent / f".{target.name}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    wanted = ", ".join(f"'{month}'" for month in sorted(months))
    connection.execute(
        f"copy (select * from ({rows}) where night_month in ({wanted})) to '{aside}' (format parquet, compression zstd,"
        f" partition_by (night_month), overwrite_or_ignore, row_group_size {ROW_GROUP_ROWS})"
    )
    for month in months:
        made, place = aside / f"night_month={month}", target / f"night_month={month}"
        if not made.exists():  # no rows: the columns only
            made.mkdir()
            connection.execute(
                f"copy (select * exclude (night_month) from ({rows}) limit 0) to '{made}/none.parquet' (format parquet)"
            )
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)
    shutil.rmtree(aside)
