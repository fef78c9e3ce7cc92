"""The portal's listings and the inbox into PostgreSQL by requests, openpyxl and COPY: ``python copy_load.py URL INBOX SEEDS DSN
NIGHT``, in the peers' environment."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
from official import FIRST_ROW, Form, typed_submission, workbook_submission
from plain_fetch import DOSSIER_FIELDS, new_workbooks, pages, snake

SUBMISSION = "submission_id, source, organ_id, form_code, period_code, revision, received_at, updated_at"
LINE = "line_order, indicator_code, value_text, value, note, observation_status, ratio_numerator, ratio_denominator"
TABLES = f"""
create schema if not exists raw;
create table if not exists raw.submission (submission_id varchar, source varchar, organ_id varchar, form_code varchar,
    period_code varchar, revision integer, received_at timestamp, updated_at varchar, night_on date,
    reading varchar default 'typed', landed_id integer generated always as (night_on - date '2000-01-01') stored);
create table if not exists raw.submission_line (submission_id varchar, line_order integer, indicator_code varchar,
    value_text varchar, value numeric(20, 6), note varchar, observation_status varchar, ratio_numerator numeric(20, 6),
    ratio_denominator numeric(20, 6), unit varchar default '', confidence double precision default 1, locator varchar default '');
create table if not exists raw.submission_document (submission_id varchar, indicator_code varchar);
create table if not exists raw.landed (night_on date);
create table if not exists raw.dossier ({", ".join(f"{snake(name)} varchar" for name in DOSSIER_FIELDS)}, night_on date);
"""


def main() -> None:
    url, inbox, seeds, dsn, night = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5]
    form = Form(seeds)
    received_at = datetime.combine(datetime.fromisoformat(night), time(1))
    with psycopg.connect(dsn) as connection:
        connection.execute(TABLES)
        known = {row[0] for row in connection.execute("select submission_id from raw.submission")}
        since = _latest(connection, "submission", "where source = 'portal'")
        found = [typed_submission(row, form) for page in pages(url, "submissions", since) for row in page]
        for path in new_workbooks(inbox, known):
            sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
            cells = list(sheet.iter_rows(min_row=FIRST_ROW + 1, max_col=5, values_only=True))
            found.append(workbook_submission(path, cells, form, received_at))
        found = [one for one in found if one["submission_id"] not in known]
        _copy(
            connection, f"raw.submission ({SUBMISSION}, night_on)",
            ([*(one[name] for name in SUBMISSION.split(", ")), night] for one in found),
        )  # fmt: skip
        _copy(
            connection, f"raw.submission_line (submission_id, {LINE})",
            ([one["submission_id"], *(line[name] for name in LINE.split(", "))] for one in found for line in one["lines"]),
        )  # fmt: skip
        count = _dossiers(connection, url, night)
        if found or count:
            connection.execute("insert into raw.landed values (%s)", [night])
        connection.commit()
        connection.autocommit = True
        if found or count:
            connection.execute("analyze")


def _dossiers(connection: psycopg.Connection[Any], url: str, night: str) -> int:
    """New states; the first second asked for is here already in part."""
    since = _latest(connection, "dossier")
    known = set(
        connection.execute(
            "select ma_ho_so, trang_thai_ho_so, updated_at from raw.dossier where updated_at >= %s", [since]
        )
        if since
        else ()
    )
    count = 0
    columns = ", ".join(map(snake, DOSSIER_FIELDS))
    for page in pages(url, "dossiers", since):
        rows = [row for row in page if (row["MaHoSo"], row["TrangThaiHoSo"], row["updated_at"]) not in known]
        _copy(
            connection, f"raw.dossier ({columns}, night_on)",
            ([*(row.get(name) for name in DOSSIER_FIELDS), night] for row in rows),
        )  # fmt: skip
        count += len(rows)
    return count


def _latest(connection: psycopg.Connection[Any], table: str, where: str = "") -> str | None:
    told = connection.execute(f"select max(updated_at) from raw.{table} {where}").fetchone()
    return told[0] if told else None


def _copy(connection: psycopg.Connection[Any], table: str, rows: Iterable[list[Any]]) -> None:
    with connection.cursor().copy(f"copy {table} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


if __name__ == "__main__":
    main()
