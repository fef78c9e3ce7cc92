"""What touches an old report, night after night: only what it touches is built again, and as one build would have it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.dbt_warehouse import Dbt, Warehouse
from tests.dbt_project.test_incremental import built_anew, tables_of

NIGHT = date(2021, 12, 25)


class _Nights:
    """A warehouse of three agencies' reports for two periods, and what each night built of it."""

    def __init__(self, dbt: Dbt, warehouse: Warehouse) -> None:
        self._dbt = dbt
        self._warehouse = warehouse

    def begin(self) -> None:
        self._warehouse.create()
        assert self._dbt("seed", warehouse=self._warehouse.path).success
        for agency in ("H51.01", "H51.02", "H51.03"):
            for period in ("2021-Q1", "2021"):
                name = f"{agency}|{period}"
                self._warehouse.submission(name, agency, period=period, source="edoc", document=f"D {name}")
                failed = name == "H51.03|2021-Q1"
                self.judge(name, "failed" if failed else "passed")
        self._warehouse.citation("H51.01|2021", "2/KH-SNV", "2020-05-01")
        self._warehouse.citation("H51.02|2021", "3/KH-SNV", "2021-05-01")
        self.build()

    def judge(self, submission: str, outcome: str) -> None:
        self._warehouse.result(submission, "III-06", "error", outcome, "v1", NIGHT)

    def build(self) -> None:
        self._warehouse.flush()
        assert self._dbt("run", warehouse=self._warehouse.path).success

    def status(self, submission: str) -> str:
        rows = self._warehouse.query(f"select status from mart.fct_submission where submission_id = '{submission}'")
        return str(rows[0][0])

    def built(self, model: str) -> list[str]:
        return [row[0] for row in self._warehouse.query(f"select part from build.{model}_changed order by 1")]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "nights.duckdb")


@pytest.fixture
def nights(dbt: Dbt, warehouse: Warehouse) -> _Nights:
    nights = _Nights(dbt, warehouse)
    nights.begin()
    return nights


def test_old_reports_are_built_again_only_where_something_touched_them(
    dbt: Dbt, warehouse: Warehouse, nights: _Nights, tmp_path: Path
) -> None:
    """A correction of an old period, a withdrawal, a waiver, a second reading of an old document, a document that a note
    cites and that is registered later; then a seed that all of it is made with."""
    assert nights.status("H51.03|2021-Q1") == "quarantined"

    warehouse.submission("corrected", "H51.01", period="2021-Q1", source="edoc", document="C", revision=2)
    nights.judge("corrected", "passed")
    nights.build()
    assert (nights.status("H51.01|2021-Q1"), nights.status("corrected")) == ("superseded", "accepted")
    assert nights.built("fct_indicator_value") == ["H51.01|2021-Q1", "corrected"]
    assert nights.built("mart_revision") == ["H51.01|2021-Q1"]

    warehouse.event("H51.02|2021-Q1", "withdrawn", "2021-12-26 08:00:00")
    nights.build()
    assert nights.status("H51.02|2021-Q1") == "withdrawn"
    assert nights.built("fct_indicator_value") == ["H51.02|2021-Q1"]
    assert nights.built("mart_province_summary") == ["2021-Q1"]

    warehouse.row(
        "raw.waiver", submission_id="H51.03|2021-Q1", rule_id="III-06", is_in_force=True, reason="đúng thực tế",
        decided_by="an officer", decided_at="2021-12-27 08:00:00", night_on="2021-12-27",
        landed_id=warehouse.landed("waiver", "officer", date(2021, 12, 27)),
    )  # fmt: skip
    nights.build()
    assert nights.status("H51.03|2021-Q1") == "accepted"
    assert nights.built("fct_submission_state") == ["H51.03|2021-Q1"]

    warehouse.submission("read again", "H51.03", period="2021", source="edoc", document="D H51.03|2021", revision=2)
    warehouse.message_about("D H51.03|2021", "D H51.03|2021", "replace", "H51.03", "2021-12-28 08:00:00")
    nights.build()
    assert (nights.status("H51.03|2021"), nights.status("read again")) == ("superseded", "accepted")
    assert nights.built("fct_indicator_value") == ["H51.03|2021", "read again"]

    warehouse.outgoing("o1", "H51.02", "2021-05-02", "electronic", True, "2021-12-29 08:00:00", "2/KH-SNV")
    nights.build()
    assert nights.built("fct_indicator_value") == []
    assert "H51.01|2021" in nights.built("mart_citation_check")

    tables, anew = tables_of(warehouse.path), built_anew(dbt, warehouse.path, tmp_path / "anew.duckdb")
    assert len(tables["mart.mart_citation_check"]) > 0
    assert [name for name, rows in anew.items() if rows != tables[name]] == []

    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("update seed.periods set due_on = date '2021-01-01' where period_code = '2021'")
    nights.build()
    assert warehouse.query("select bool_and(is_late) from mart.fct_submission where period_code = '2021'") == [(True,)]
    tables, anew = tables_of(warehouse.path), built_anew(dbt, warehouse.path, tmp_path / "again.duckdb")
    assert [name for name, rows in anew.items() if rows != tables[name]] == []


def test_a_build_that_broke_off_is_made_good_by_the_next(
    dbt: Dbt, warehouse: Warehouse, nights: _Nights, tmp_path: Path
) -> None:
    """What a model has read is its own: one that was built alone has not taken anything from those behind it."""
    warehouse.submission("corrected", "H51.01", period="2021-Q1", source="edoc", document="C", revision=2)
    warehouse.flush()
    assert dbt("run", "--select", "int_submission_placed int_submission_line", warehouse=warehouse.path).success
    warehouse.event("corrected", "withdrawn", "2021-12-26 08:00:00")
    warehouse.flush()
    assert dbt("run", "--select", "int_submission_placed int_submission_judged", warehouse=warehouse.path).success
    nights.build()
    assert nights.built("fct_submission") == ["H51.01|2021-Q1", "corrected"]
    tables, anew = tables_of(warehouse.path), built_anew(dbt, warehouse.path, tmp_path / "anew.duckdb")
    assert [name for name, rows in anew.items() if rows != tables[name]] == []
