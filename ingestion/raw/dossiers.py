"""Dossier pages to raw rows, read by DuckDB itself: a million rows never pass through Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from ingestion.landing import Landed, Landing

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
# A landed page is ours (redacted and written again), so its largest is known: 5,000 rows of a few hundred bytes.
_MOST_PAGE_BYTES = 256 * 1024 * 1024

_INSERT = """
    insert into raw.dossier by name
    with dossier as (
        select unnest(items, recursive := true), filename
        from read_json(
            ?,
            columns = {{items: 'struct({fields})[]'}},
            filename = true,
            maximum_object_size = {most_bytes}
        )
    )
    select
        {columns},
        case
            when regexp_matches(dossier.updated_at, '(?i)(z|[+-]\\d\\d:?\\d\\d)$')
                then try_cast(dossier.updated_at as timestamptz) at time zone 'Asia/Ho_Chi_Minh'
            else try_cast(dossier.updated_at as timestamp)
        end as updated_at,
        page.night_on,
        page.landed_id
    from dossier
    inner join page on dossier.filename = page.path
    where dossier.is_refused is distinct from 'true'
"""


def load_dossier_pages(connection: duckdb.DuckDBPyConnection, landing: Landing, pages: Sequence[Landed]) -> int:
    """Add the dossiers of landed pages; rows that were refused when they landed stay out. The count of rows added.

    Dates that can't be are null. The caller has checked that the pages are undamaged.
    """
    if not pages:
        return 0
    paths = [str(landing.path(page.sha256)) for page in pages]
    connection.execute("create or replace temp table page (path varchar, landed_id bigint, night_on date)")
    connection.executemany(
        "insert into page values (?, ?, ?)",
        [(path, page.landed_id, page.night_on) for path, page in zip(paths, pages, strict=True)],
    )
    names = ("is_refused", "updated_at", *_TEXTS.values(), *_TIMES.values())
    columns = [f"nullif(dossier.{field}, '') as {column}" for column, field in _TEXTS.items()]
    columns += [
        f"try_strptime(nullif(dossier.{field}, ''), '%Y%m%d%H%M%S') as {column}" for column, field in _TIMES.items()
    ]
    statement = _INSERT.format(
        fields=", ".join(f"{name} varchar" for name in names),
        columns=", ".join(columns),
        most_bytes=_MOST_PAGE_BYTES,
    )
    row = connection.execute(statement, [paths]).fetchone()
    connection.execute("drop table page")
    return int(row[0]) if row else 0
