from pathlib import Path

import duckdb
from sqlalchemy import create_engine, text

from expectations import gx_dialect


def test_rows_can_be_fetched_after_the_connection_is_closed(tmp_path: Path) -> None:
    gx_dialect.register()
    engine = create_engine(f"duckdb:///{tmp_path / 'w.duckdb'}")
    assert isinstance(engine.dialect, gx_dialect.BufferedDuckDB)
    with engine.connect() as connection:
        result = connection.execute(text("select i, i * 2 as twice from range(3) as t(i)"))
    assert [tuple(row) for row in result.fetchall()] == [(0, 0), (1, 2), (2, 4)]


def test_the_file_is_free_as_soon_as_the_block_ends(tmp_path: Path) -> None:
    gx_dialect.register()
    path = tmp_path / "w.duckdb"
    engine = create_engine(f"duckdb:///{path}")
    with engine.connect() as connection:
        connection.execute(text("create table t as select 1 as one"))
        connection.commit()
    with duckdb.connect(str(path), config={"threads": 1}) as other:
        assert other.execute("select one from t").fetchall() == [(1,)]
