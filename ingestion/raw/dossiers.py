"""Dossier pages to raw rows, read by DuckDB itself: a million rows never pass through Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from ingestion.landing import Landed, Landing
from ingestion.sources.dossiers import LANDED_AS_ITEMS

# Raw column by column, the field of the contract that it holds.
_TEXTS: Mapping[str, str] = {
    "dossier_id": "MaHoSo",
    "procedure_id": "MaTTHC",
    "procedure_name": "TenTTHC",
    "field_code": "MaLinhVuc",
    "organ_id": "MaDonVi",
    "channel_code": "KenhThucHien",
    "service_level": "MucDo",
    "return_channel_code": "HinhThuc",
    "state_code": "TrangThaiHoSo",
}
_TIMES: Mapping[str, str] = {
    "filed_at": "NgayNopHoSo",
    "received_at": "NgayTiepNhan",
    "due_at": "NgayHenTra",
    "finished_at": "NgayKetThucXuLy",
    "returned_at": "NgayTra",
}
_COLUMNS = ("is_refused", "updated_at", *_TEXTS.values(), *_TIMES.values())
# A page that landed as one object is ours (redacted and written again), so its largest is known.
_MOST_PAGE_BYTES = 256 * 1024 * 1024

_LINES = """
    select *, filename
    from read_json($paths, columns = {{{columns}}}, format = 'newline_delimited')
"""
_ITEMS = """
    select unnest(items, recursive := true), filename
    from read_json(
        $paths, columns = {{items: 'struct({fields})[]'}}, filename = true, maximum_object_size = {most_bytes}
    )
"""
# DuckDB reads 08:00:00Z and not 08:00Z.
_WITH_SECONDS = r"regexp_replace(upper(trim(dossier.updated_at)), '^(.{16})(Z|[+-].*)$', '\1:00\2')"
_INSERT = r"""
    insert into raw.dossier by name
    with dossier as ({rows})
    select
        {columns},
        case
            when dossier.updated_at like '____-__-__T__:__:__' then try_cast(dossier.updated_at as timestamp)
            when regexp_matches(dossier.updated_at, '(?i)(z|[+-]\d\d:?\d\d)\s*$')
                then try_cast({with_seconds} as timestamptz) at time zone 'Asia/Ho_Chi_Minh'
            else try_cast({with_seconds} as timestamp)
        end as updated_at,
        page.night_on,
        page.landed_id
    from dossier
    inner join page on dossier.filename = page.path
    where dossier.is_refused is distinct from 'true'
"""


def load_dossier_pages(connection: duckdb.DuckDBPyConnection, landing: Landing, pages: Sequence[Landed]) -> int:
    """Add the dossiers of landed pages; rows that were refused when they landed stay out. The count of rows added.

    A page is one JSON object a line; one that landed before pages landed so is ``{"items": [...]}``. Dates that can't be
    are null. The caller has checked that the pages are undamaged.
    """
    paths = {str(landing.path(page.sha256)): page for page in pages}
    as_items = [path for path in paths if _is_items(Path(path))]
    as_lines = [path for path in paths if path not in set(as_items)]
    if not paths:
        return 0
    connection.execute("create or replace temp table page (path varchar, landed_id bigint, night_on date)")
    connection.executemany(
        "insert into page values (?, ?, ?)",
        [(path, page.landed_id, page.night_on) for path, page in paths.items()],
    )
    lines = _LINES.format(columns=", ".join(f"{name}: 'varchar'" for name in _COLUMNS))
    items = _ITEMS.format(fields=", ".join(f"{name} varchar" for name in _COLUMNS), most_bytes=_MOST_PAGE_BYTES)
    count = _insert(connection, lines, as_lines) + _insert(connection, items, as_items)
    connection.execute("drop table page")
    return count - _drop_repeats(connection, min(page.landed_id for page in pages))


def _drop_repeats(connection: duckdb.DuckDBPyConnection, first_landed: int) -> int:
    """Take out the rows of this load that say what an earlier row of the same dossier says; their count.

    A feed that was interrupted, or that repeats rows across pages, brings them again.
    """
    repeated = connection.execute(
        """
        create or replace temp table repeated as
        select dossier_id, updated_at
        from raw.dossier
        where updated_at >= (select min(updated_at) from raw.dossier where landed_id >= $first)
        group by dossier_id, updated_at
        having count(*) > 1 and max(landed_id) >= $first
        """,
        {"first": first_landed},
    ).fetchone()
    dropped: tuple[int] | None = None
    if repeated and repeated[0]:
        dropped = connection.execute(
            f"""
            delete from raw.dossier
            where landed_id >= $first and rowid in (
                select row_id
                from (
                    select
                        rowid as row_id,
                        row_number() over (
                            partition by {", ".join((*_TEXTS, *_TIMES, "updated_at"))} order by landed_id, rowid
                        ) as nth
                    from raw.dossier
                    semi join repeated using (dossier_id, updated_at)
                )
                where nth > 1
            )
            """,
            {"first": first_landed},
        ).fetchone()
    connection.execute("drop table repeated")
    return dropped[0] if dropped else 0


def _insert(connection: duckdb.DuckDBPyConnection, rows: str, paths: Sequence[str]) -> int:
    if not paths:
        return 0
    columns = [f"nullif(dossier.{field}, '') as {column}" for column, field in _TEXTS.items()]
    columns += [
        f"try_strptime(nullif(dossier.{field}, ''), '%Y%m%d%H%M%S') as {column}" for column, field in _TIMES.items()
    ]
    statement = _INSERT.format(rows=rows, columns=", ".join(columns), with_seconds=_WITH_SECONDS)
    found = connection.execute(statement, {"paths": list(paths)}).fetchone()
    return int(found[0]) if found else 0


def _is_items(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(LANDED_AS_ITEMS) + 1).replace(b" ", b"").startswith(LANDED_AS_ITEMS)
