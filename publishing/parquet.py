"""The tables as Parquet files, for tools that read neither DuckDB nor PostgreSQL: ``parquet/<table>/…``.

A fact or mart with periods is cut by the year of its period (``parquet/fct_indicator_value/year=2021/data_0.parquet``);
``year`` stands in the path alone, as Hive, Arrow, pandas, Spark and DuckDB read it.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from publishing.manifest import PARQUET, Manifest, PublishedFile, file_sha256
from publishing.marts import SCHEMA, Mart, literal, quoted


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    marts: tuple[Mart, ...],
    folder: Path,
    before: Manifest | None,
    folder_before: Path,
) -> list[PublishedFile]:
    """Write each table of the open file into ``folder``; one that says the same as ``before`` shares its files with that
    publication (a hard link), so that an ordinary night writes what changed."""
    same = {mart for mart in before.marts if mart.is_table} if before else set()
    written = []
    for mart in marts:
        if not mart.is_table:
            continue
        place = Path(PARQUET) / mart.name
        if before and mart in same:
            shared = [file for file in before.files if Path(file.path).is_relative_to(place)]
            for file in shared:
                (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
                os.link(folder_before / file.path, folder / file.path)
            written += shared
        else:
            written += _write(connection, mart, folder, place)
    return written


def _write(connection: duckdb.DuckDBPyConnection, mart: Mart, folder: Path, place: Path) -> list[PublishedFile]:
    target = folder / place
    target.mkdir(parents=True)
    table = f"{SCHEMA}.{quoted(mart.name)}"
    names = {column.name for column in mart.columns}
    if mart.row_count and "period_code" in names and "year" not in names:
        query = f"(select *, try_cast(left(period_code, 4) as integer) as year from {table})"
        connection.execute(
            f"copy {query} to {literal(str(target))} (format parquet, compression zstd, partition_by (year))"
        )
    else:
        connection.execute(
            f"copy {table} to {literal(str(target / 'data_0.parquet'))} (format parquet, compression zstd)"
        )
    rows = dict(
        connection.execute(
            f"select file_name, num_rows from parquet_file_metadata({literal(str(target / '**' / '*.parquet'))})"
        ).fetchall()
    )
    return [
        PublishedFile(
            path=str(path.relative_to(folder)),
            sha256=file_sha256(path),
            size_bytes=path.stat().st_size,
            row_count=rows[str(path)],
        )
        for path in sorted(target.rglob("*.parquet"))
    ]
