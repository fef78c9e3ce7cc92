"""Nights one after the other end in the same tables as one build of everything: whatever came, in whatever order."""

from __future__ import annotations

import random
import resource
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.dbt_warehouse import Dbt, Warehouse

AGENCIES = [f"H51.{number:02d}" for number in range(1, 7)]
PERIODS = ["2021-Q1", "2021-H1", "2021-Q3", "2021"]
DOORS = [("portal", "typed"), ("edoc", "typed"), ("drop", "typed"), ("drop", "scanned")]
CODES = ["III.6.1", "III.6.2", "III.6.3", "I.3.5", "I.5.2", "VII.1.1", "X.9"]
FIRST_NIGHT = date(2021, 12, 1)


def tables_of(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema in ('mart', 'intermediate') order by all"
        ).fetchall()
        return {name: connection.execute(f"select * from {name} order by all").fetchall() for (name,) in names}


def built_anew(dbt: Dbt, warehouse: Path, copy: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The tables as one build makes them from the same raw rows and seeds, with nothing kept from before."""
    shutil.copy(warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        for schema in ("mart", "intermediate", "staging", "build"):
            connection.execute(f"drop schema if exists {schema} cascade")
    assert dbt("run", warehouse=copy).success
    return tables_of(copy)


class Nights:
    """Random nights: each call of ``tell`` writes one night's rows, of all the kinds that change what is known."""

    def __init__(self, warehouse: Warehouse, seed: int, periods: list[str] = PERIODS) -> None:
        self._warehouse = warehouse
        self._periods = periods
        self._random = random.Random(seed)  # noqa: S311 - the same nights in every run
        self._night = FIRST_NIGHT
        self._submissions: list[str] = []
        self._failed: list[str] = []
        self._documents = [f"D{number}" for number in range(12)]
        self._version = 1

    def tell(self) -> None:
        self._night += timedelta(days=1)
        for _ in range(self._random.randint(2, 8)):
            self._submission()
        for _ in range(self._random.randint(0, 6)):
            self._happening()
        for _ in range(self._random.randint(0, 15)):
            self._dossier()
        for _ in range(self._random.randint(0, 3)):
            self._outgoing()
        self._warehouse.flush()

    def _moment(self) -> datetime:
        back = timedelta(days=self._random.randint(0, 30), hours=self._random.randint(0, 23))
        return datetime.combine(self._night, datetime.min.time()) - back

    def _submission(self) -> None:
        source, reading = self._random.choice(DOORS)
        name = f"s{len(self._submissions)}"
        lines: dict[str, Any] = {
            code: self._random.choice([self._random.randint(0, 9), None, ("5", None, 1, 20)])
            for code in self._random.sample(CODES, self._random.randint(1, len(CODES)))
        }
        self._warehouse.submission(
            name,
            self._random.choice([*AGENCIES, None]),
            period=self._random.choice([*self._periods, *self._periods, "2021-Q2"]),
            source=source,
            reading=reading,
            revision=self._random.randint(1, 3),
            received=f"{self._moment()}",
            document=self._random.choice(self._documents) if source == "edoc" else None,
            lines=lines,
        )
        for position in range(1, self._random.randint(0, 2) + 1):
            self._warehouse.citation(name, self._number(), f"{self._moment().date()}", position)
        self._submissions.append(name)
        if self._random.random() < 0.7:
            self._judged(name)

    def _judged(self, name: str) -> None:
        outcome, severity = self._random.choice(["passed", "failed"]), self._random.choice(["error", "warning"])
        self._warehouse.result(name, "III-06", severity, outcome, f"v{self._version}", self._night)
        if outcome == "failed":
            self._failed.append(name)

    def _waiver(self, submission: str) -> None:
        self._warehouse.row(
            "raw.waiver", submission_id=submission, rule_id="III-06", is_in_force=self._random.random() < 0.7, reason="",
            decided_by="an officer", decided_at=self._moment(), night_on=self._night,
            landed_id=self._warehouse.landed("waiver", "officer", self._night),
        )  # fmt: skip

    def _happening(self) -> None:
        name = self._random.choice(self._submissions)
        kind = self._random.choice(["withdrawn", "submitted", "about", "judged", "problem", "waiver", "waiver"])
        if kind == "about":
            self._warehouse.message_about(
                self._random.choice(self._documents),
                self._random.choice(self._documents),
                self._random.choice(["recall", "replace", "update"]),
                self._random.choice(AGENCIES),
                f"{self._moment()}",
            )
        elif kind == "judged":  # under a new table of rules: what was in quarantine may be released
            self._version += 1
            for judged in self._random.sample(self._submissions, len(self._submissions) // 2):
                self._judged(judged)
        elif kind == "waiver":
            self._waiver(self._random.choice([name, *self._failed[-5:]]))
        elif kind == "problem":
            self._warehouse.row(
                "raw.problem", landed_id=1, submission_id=name, source="portal", severity="error", code="body_refused",
                message="Không đọc được.", locator="dòng 1", night_on=self._night,
            )  # fmt: skip
        else:
            self._warehouse.event(name, kind, f"{self._moment()}")

    def _dossier(self) -> None:
        received = self._moment()
        self._warehouse.dossier(
            f"h{self._random.randint(0, 20)}",
            f"000.00.{self._random.randint(1, 7):02d}.H51",
            self._random.choice(["1", "3", "4", "7", "9", "10"]),
            f"{received}",
            returned_at=self._random.choice([None, f"{received + timedelta(days=3)}"]),
            updated_at=f"{self._moment()}",
            landed_id=self._warehouse.landed("dossiers_page", "portal", self._night),
        )

    def _number(self) -> str:
        return f"{self._random.randint(1, 9)}/KH-{self._random.choice(['SNV', 'STC', 'STP', 'XYZ'])}"

    def _outgoing(self) -> None:
        self._warehouse.outgoing(
            f"o{self._random.randint(0, 8)}", self._random.choice(AGENCIES), f"{self._moment().date()}", "electronic",
            self._random.choice([True, False]), f"{self._moment()}", self._number(),
        )  # fmt: skip


@pytest.fixture
def warehouse(dbt: Dbt, tmp_path: Path) -> Warehouse:
    """An empty warehouse with its seeds."""
    warehouse = Warehouse(tmp_path / "nights.duckdb")
    warehouse.create()
    assert dbt("seed", warehouse=warehouse.path).success
    return warehouse


def test_random_nights_end_in_the_tables_of_one_build(dbt: Dbt, warehouse: Warehouse, tmp_path: Path) -> None:
    """Revisions, withdrawals, recalls before and after, problems, rule versions, waivers, dossiers out of order; a night that
    broke off between two models; an agency and a line that the seeds forget for a night, and a tolerance that stays
    changed."""
    nights = Nights(warehouse, seed=7)
    nights.tell()
    assert dbt("run", warehouse=warehouse.path).success
    nights.tell()
    assert dbt("run", "--select", "int_submission_placed int_submission_judged fct_dossier", warehouse=warehouse.path)
    nights.tell()
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("create table main.forgotten as select * from seed.agencies where agency_code = 'H51.02'")
        connection.execute("delete from seed.agencies where agency_code = 'H51.02'")
        connection.execute("update seed.indicators set value_type = 'heading' where code = 'I.3.5'")
        connection.execute("update seed.rules set tolerance = 5")
    assert dbt("run", warehouse=warehouse.path).success
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from mart.fct_submission where agency_code = 'H51.02'"
        ).fetchone() == (0,)
    nights.tell()
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("insert into seed.agencies from main.forgotten")
        connection.execute("update seed.indicators set value_type = 'flag' where code = 'I.3.5'")
    assert dbt("run", warehouse=warehouse.path).success

    assert dbt("test", "--select", "history_ends_with_what_holds_now", warehouse=warehouse.path).success
    tables = tables_of(warehouse.path)
    assert warehouse.query("select count(*) from intermediate.int_rule_verdict where waived_count > 0") > [(0,)]
    assert len(tables["mart.fct_submission"]) > 12
    assert len(tables["mart.fct_dossier"]) > 1
    assert len(tables["mart.mart_citation_check"]) > 3
    anew = built_anew(dbt, warehouse.path, tmp_path / "anew.duckdb")
    assert tables.keys() == anew.keys()
    assert [name for name, rows in anew.items() if rows != tables[name]] == []


def test_a_night_builds_only_the_parts_that_changed(dbt: Dbt, warehouse: Warehouse) -> None:
    warehouse.submission("before", "H51.01", period="2021-H1")
    warehouse.submission("other", "H51.02", period="2021")
    warehouse.dossier("d1", "000.00.01.H51", "4", "2021-03-01 08:00:00", landed_id=2)
    warehouse.flush()
    assert dbt("run", warehouse=warehouse.path).success
    warehouse.submission("after", "H51.01", period="2021-H1", revision=2)
    warehouse.flush()
    assert dbt("run", warehouse=warehouse.path).success

    def changed(model: str) -> list[str]:
        return [row[0] for row in warehouse.query(f"select part from build.{model}_changed order by 1")]

    assert changed("int_submission_line") == ["after"]
    assert changed("fct_indicator_value") == ["after", "before"]
    assert changed("fct_dossier") == []
    assert changed("mart_province_summary") == ["2021-H1"]


def test_of_a_touched_period_only_the_rows_that_differ_are_written(dbt: Dbt, warehouse: Warehouse) -> None:
    """All other rows keep their order in the file, those of the same period too."""
    tables = ["mart.mart_reconciliation", "intermediate.int_recorded_measure"]

    def in_order(table: str) -> list[tuple[Any, ...]]:
        """The rows as they lie, without those of the report that is sent again."""
        return warehouse.query(
            f"select held::varchar from {table} as held"
            " where not (agency_code = 'H51.01' and period_code = '2021-H1') order by rowid"
        )

    for period in PERIODS:
        for agency in AGENCIES:
            warehouse.submission(f"{agency} {period}", agency, period=period, lines={"III.6.1": 3})
    warehouse.dossier("d1", "000.00.01.H51", "4", "2021-05-03 08:00:00", landed_id=2)
    warehouse.flush()
    assert dbt("run", warehouse=warehouse.path).success
    before = {table: in_order(table) for table in tables}

    warehouse.submission("again", "H51.01", period="2021-H1", revision=2, lines={"III.6.1": 4})
    warehouse.flush()
    assert dbt("run", warehouse=warehouse.path).success

    assert warehouse.query("select part from build.mart_reconciliation_changed") == [("2021-H1",)]
    assert warehouse.query(
        "select reported_value::integer from mart.mart_reconciliation"
        " where agency_code = 'H51.01' and period_code = '2021-H1' and indicator_code = 'III.6.1'"
    ) == [(4,)]
    for table in tables:
        assert len(before[table]) >= len(PERIODS) * len(AGENCIES) - 1
        assert in_order(table) == before[table]


def test_a_row_that_is_there_twice_or_gone_is_made_good_when_its_period_is_touched(
    dbt: Dbt, warehouse: Warehouse, tmp_path: Path
) -> None:
    for agency in AGENCIES:
        warehouse.submission(agency, agency, period="2021-H1", lines={"III.6.1": 3})
    warehouse.flush()
    assert dbt("run", warehouse=warehouse.path).success
    name, of_the_period = "mart.mart_reconciliation", "period_code = '2021-H1' and agency_code"
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"insert into {name} select * from {name} where {of_the_period} = 'H51.02'")
        connection.execute(f"delete from {name} where {of_the_period} = 'H51.03'")

    warehouse.submission("again", "H51.01", period="2021-H1", revision=2, lines={"III.6.1": 4})
    warehouse.flush()
    assert dbt("run", warehouse=warehouse.path).success

    assert tables_of(warehouse.path)[name] == built_anew(dbt, warehouse.path, tmp_path / "anew.duckdb")[name]


def test_what_a_build_could_not_write_down_is_the_failure_of_its_run(
    dbt: Dbt, warehouse: Warehouse, tmp_path: Path
) -> None:
    """The models end well, in memory; writing them into the file is what has no room."""
    warehouse.submission("first", "H51.01", lines={"III.6.1": 3})
    warehouse.flush()
    assert dbt("run", warehouse=warehouse.path).success
    before = tables_of(warehouse.path)
    warehouse.submission("second", "H51.02", lines={"III.6.1": 4})
    warehouse.flush()

    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (warehouse.path.stat().st_size, room[1]))
    try:
        done = dbt("run", warehouse=warehouse.path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)

    assert not done.success
    (told,) = [result.message for result in done.result if result.status == "error"]
    assert "Could not write" in told
    assert tables_of(warehouse.path) == before

    assert dbt("run", warehouse=warehouse.path).success
    assert tables_of(warehouse.path) == built_anew(dbt, warehouse.path, tmp_path / "anew.duckdb")
