"""The tables as Parquet files, for tools that read neither DuckDB nor PostgreSQL: ``parquet/<table>/…``.

A table in parts (``marts.Part``) is cut by their year (``parquet/fct_indicator_value/year=2021/data_0.parquet``);
``year`` stands in the path alone, as Hive, Arrow, pandas, Spark and DuckDB read it.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from publishing.manifest import PARQUET, Manifest, PublishedFile, file_sha256
from publishing.marts import SCHEMA, Mart, Part, literal, part_is, quoted

#: The folder of rows without a year, as Hive names it; that of a table that is not cut.
_NO_YEAR = "year=__HIVE_DEFAULT_PARTITION__"
_WHOLE = "."


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    marts: tuple[Mart, ...],
    folder: Path,
    before: Manifest | None,
    folder_before: Path,
) -> list[PublishedFile]:
    """Write each table of the open file into ``folder``; a table, or a year of it, that says the same as ``before`` shares
    its files with that publication (a hard link), so that an ordinary night writes what changed."""
    held = {mart.name: mart for mart in before.marts if mart.is_table} if before else {}
    written = []
    for mart in marts:
        if not mart.is_table:
            continue
        place = Path(PARQUET) / mart.name
        same = _same_folders(mart, held.get(mart.name))
        written += _write(connection, mart, folder, place, but=same)
        for file in before.files if before and same else ():
            path = Path(file.path)
            if path.is_relative_to(place) and str(path.parent.relative_to(place)) in same:
                (folder / path).parent.mkdir(exist_ok=True)
                os.link(folder_before / path, folder / path)
                written.append(file)
    return sorted(written, key=lambda file: file.path)


def _same_folders(mart: Mart, held: Mart | None) -> set[str]:
    """The folders under the table's own whose rows are what they were."""
    if held is None or held.columns != mart.columns:
        return set()
    before = _folders(held)
    return {name for name, parts in _folders(mart).items() if parts == before.get(name)}


def _folders(mart: Mart) -> dict[str, list[Part]]:
    """What stands in which folder; a table without rows has its one file all the same."""
    if not (mart.part_by and mart.parts):
        return {_WHOLE: list(mart.parts)}
    folders: dict[str, list[Part]] = {}
    for part in mart.parts:
        folders.setdefault(f"year={part.year}" if part.year else _NO_YEAR, []).append(part)
    return folders


def _write(
    connection: duckdb.DuckDBPyConnection, mart: Mart, folder: Path, place: Path, *, but: set[str]
) -> list[PublishedFile]:
    """Write the table but for the folders ``but``; what was written."""
    target = folder / place
    target.mkdir(parents=True)
    folders = {name: parts for name, parts in _folders(mart).items() if name not in but}
    if not folders:
        return []
    table, by = f"{SCHEMA}.{quoted(mart.name)}", mart.part_by
    if by and _WHOLE not in folders:
        wanted = part_is(by, [part.name for parts in folders.values() for part in parts])
        query = f"(select *, nullif(regexp_extract({by}, '^[0-9]{{4}}'), '') as year from {table} where {wanted})"
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
