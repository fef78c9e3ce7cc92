"""A publication to PostgreSQL from end to end, its way back, and what is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import msgspec
import psycopg

from publishing.manifest import FILE, Manifest, read_manifest
from publishing.marts import Mart, PublishError
from publishing.postgres.connect import Connection, alone, connected
from publishing.postgres.keys import APPLICATION, prove_relations
from publishing.postgres.load import Night, attach, build_indexes, discard, load_rows
from publishing.postgres.pace import Pace, is_gentle
from publishing.postgres.parents import Described, find_parent, set_views
from publishing.postgres.retire import retire
from publishing.postgres.shape import TableModel, shape_of
from publishing.postgres.store import current, ensure_store, flip, note_readers, scalar, wait_for_readers

#: How long a night waits for readers at most: for those who began before it was there, and for those who hold a view that
#: has to change.
READER_WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class PostgresResult:
    """``publication`` is the one that holds now; ``is_published`` is False when nothing new was to be said. ``waiting`` are
    older publications that go as soon as nobody reads them any more."""

    publication: str
    is_published: bool
    row_count: int
    dropped: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publication:
    """One kept publication, as ``cchc rollback --list`` shows it."""

    name: str
    night_on: date
    published_at: datetime
    row_count: int
    is_current: bool


def publish(
    published: Path,
    dsn: str,
    models: Sequence[TableModel],
    *,
    kept: int,
    pace: Pace = "auto",
    wait_seconds: float = READER_WAIT_SECONDS,
) -> PostgresResult:
    """Bring what is published at ``published`` (the DuckDB file) to the database, and let ``mart`` answer from it.

    The night is loaded where nobody reads; a last transaction, after the readers of that moment, flips to it: readers go on
    with the publication before until then, and a publisher that dies leaves nothing that is seen or that is not cleared away.

    What says the same as the current publication, or as the latest where an officer went back from
    it, is not published again. The last ``kept`` publications stay.

    Raises ``PublishError``; then ``mart`` answers as before.
    """
    folder = published.resolve().parent
    manifest = read_manifest(folder)
    if manifest is None:
        raise PublishError(f"nothing is published at {published} yet")
    known = {model.name: model for model in models}
    content = hashlib.sha256((manifest.content_sha256 + repr(sorted(known.items()))).encode()).hexdigest()
    with connected(dsn, application=APPLICATION) as connection, alone(connection):
        ensure_store(connection)
        is_new = not scalar(
            connection,
            "select exists (select from store.publication where content_sha256 = %s and publication_id in"
            " ((select publication_id from store.current_publication),"
            "  (select max(publication_id) from store.publication where is_complete)))",
            [content],
        )
        if is_new:
            with duckdb.connect(str(folder / FILE), read_only=True) as source:
                publication_id, tables = _load(connection, dsn, source, manifest, known, content, pace)
            wait_for_readers(connection, wait_seconds)
            with connection.transaction():
                set_views(connection, tables, wait_seconds=wait_seconds)
                flip(connection, publication_id)
            note_readers(connection)
        dropped, waiting = retire(connection, kept)
        name, rows = connection.execute(
            "select name, row_count from store.publication join store.current_publication using (publication_id)"
        ).fetchall()[0]
    return PostgresResult(str(name), is_new, int(str(rows)), dropped, waiting)


def publications(dsn: str) -> list[Publication]:
    """The kept publications, the latest first."""
    with connected(dsn) as connection:
        if scalar(connection, "select to_regclass('store.publication')") is None:
            return []
        rows = connection.execute(
            "select name, night_on, published_at, row_count, publication_id ="
            " (select publication_id from store.current_publication)"
            " from store.publication where dropped_at is null and is_complete order by publication_id desc"
        ).fetchall()
    return [msgspec.convert(dict(zip(Publication.__match_args__, row, strict=True)), Publication) for row in rows]


def rollback(dsn: str, to: str | None = None, *, wait_seconds: float = READER_WAIT_SECONDS) -> str:
    """Let ``mart`` answer from the publication ``to``, or the one before the current one; its name.

    It stands until the marts say something new. Raises ``PublishError`` where there is no such publication.
    """
    with connected(dsn, application="cchc rollback") as connection, alone(connection):
        if scalar(connection, "select to_regclass('store.publication')") is None:
            raise PublishError("nothing has been published to this database yet")
        with connection.transaction():
            row = connection.execute(
                "select publication_id, name, tables from store.publication where dropped_at is null and is_complete and"
                " case when %(to)s::text is null then publication_id < %(now)s else name = %(to)s end"
                " order by publication_id desc limit 1",
                {"to": to, "now": current(connection)},
            ).fetchone()
            if row is None:
                raise PublishError(
                    f"no publication {to} is kept (cchc rollback --list)" if to else "no earlier publication is kept"
                )
            set_views(connection, msgspec.convert(row[2], list[Described]), wait_seconds=wait_seconds)
            flip(connection, int(str(row[0])))
        note_readers(connection)
    return str(row[1])


def _load(
    connection: Connection,
    dsn: str,
    source: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    models: dict[str, TableModel],
    content: str,
    pace: Pace,
) -> tuple[int, list[Described]]:
    """The night, loaded and attached: its number and its tables. Leaves nothing where it raises."""
    gently = is_gentle(connection, pace)
    marts = [mart for mart in manifest.marts if mart.columns]
    models = {mart.name: models.get(mart.name, TableModel(mart.name)) for mart in marts}
    source.execute("set threads = 1")  # one process for us beside the server's, whatever else runs on the machine
    prove_relations(source, models)
    with connection.transaction():
        parents = {mart.name: find_parent(connection, mart.name, shape_of(mart, models[mart.name])) for mart in marts}
        made_from = manifest.made_from
        publication_id, name = _new_publication(connection, made_from.night_on, content, made_from.code_version)
        night = Night(name, publication_id, marts, models, parents)
        counts = load_rows(connection, source, night, is_gentle=gently)
    tables = [_described(mart, models[mart.name], parents[mart.name], counts[mart.name]) for mart in marts]
    try:
        if not gently:
            build_indexes(connection, dsn, night)
        with connection.transaction():
            attach(connection, night, is_gentle=gently)
            connection.execute(
                "update store.publication set row_count = %s, tables = %s::jsonb where publication_id = %s",
                [sum(counts.values()), msgspec.json.encode(tables).decode(), publication_id],
            )
    except (PublishError, psycopg.Error):
        discard(connection, name)
        raise
    return publication_id, tables


def _described(mart: Mart, model: TableModel, parent: str, row_count: int) -> Described:
    comments = dict(model.column_descriptions) | {
        column.name: column.comment for column in mart.columns if column.comment
    }
    return Described(
        mart.name,
        parent,
        row_count,
        mart.comment or model.description,
        {column.name: comments[column.name] for column in mart.columns if comments.get(column.name)},
    )


def _new_publication(connection: Connection, night_on: date, content: str, version: str) -> tuple[int, str]:
    begin = f"night_{night_on:%Y%m%d}_"
    taken = connection.execute("select name from store.publication where starts_with(name, %s)", [begin]).fetchall()
    number = max((int(str(name).removeprefix(begin)) for (name,) in taken), default=0) + 1
    name = f"{begin}{number:02}"
    publication_id = scalar(
        connection,
        "insert into store.publication (name, night_on, content_sha256, code_version, row_count, tables)"
        " values (%s, %s, %s, %s, 0, '[]') returning publication_id",
        [name, night_on, content, version],
    )
    return int(publication_id), name
