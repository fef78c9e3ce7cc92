"""Forms read by several processes, and with layouts learnt before, give the rows that reading them one by one gives."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.errors import ParseError
from ingestion.forms.containers.limits import Limits
from ingestion.forms.labels import labels_of
from ingestion.forms.layouts import KnownLayouts
from ingestion.landing import Landed, Landing
from ingestion.raw import reading
from ingestion.raw.load import LoadResult, load_raw
from ingestion.raw.reading import FormsReader, ReadingPlan
from ingestion.reference import Catalogue
from tests.ingestion.forms.form_files import write
from tests.ingestion.forms.form_layouts import Layout, answers

NIGHT = date(2021, 12, 20)
SCAN = Path(__file__).resolve().parents[3] / "examples" / "H51.03" / "report_5686_BC-STC_2021_scan.txt"
LAYOUTS = (Layout(), Layout(), Layout(label="reworded"), Layout(order="reversed"), Layout(figures="plan_first"))


@pytest.fixture(scope="module")
def files(catalogue: Catalogue) -> dict[str, bytes]:
    """Good and bad files of several kinds, by their names in the inbox."""
    found = {
        "H51.03/scan.txt": SCAN.read_bytes(),
        "H51.03/hong.xlsx": b"PK\x03\x04 no workbook",
        "H51.03/trong.pdf": b"",
        "H51.05/ghi chep.txt": "một ghi chép khác".encode(),
    }
    for number, layout in enumerate(LAYOUTS):
        name, content, _ = write(layout, answers(number, catalogue), catalogue)
        found[f"H51.{number + 4:02}/{number} {name}"] = content
    return found


@pytest.fixture
def landed(tmp_path: Path, files: dict[str, bytes], now: Callable[[], datetime]) -> list[tuple[Landed, bytes]]:
    with Landing(tmp_path / "own") as landing:
        return [
            (
                landing.land(content, source="drop", kind="drop_file", locator=name, night_on=NIGHT, now=now())[0],
                content,
            )
            for name, content in files.items()
        ]


def load(
    folder: Path, files: dict[str, bytes], catalogue: Catalogue, now: Callable[[], datetime], plan: ReadingPlan
) -> tuple[LoadResult, dict[str, list[tuple[Any, ...]]]]:
    """One night in ``folder``, and its raw tables."""
    with Landing(folder / "landing") as landing:
        for name, content in files.items():
            landing.land(content, source="drop", kind="drop_file", locator=name, night_on=NIGHT, now=now())
        result = load_raw(
            landing,
            warehouse=folder / "warehouse.duckdb",
            catalogue=catalogue,
            refused=folder / "refused",
            night=NIGHT,
            now=now,
            reading=plan,
        )
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        tables = {
            table: connection.execute(f"select * from raw.{table} order by all").fetchall()
            for table in ("submission", "submission_line", "submission_document", "problem")
        }
    return result, tables


def test_a_pool_of_processes_gives_the_rows_that_one_process_gives(
    tmp_path: Path,
    files: dict[str, bytes],
    catalogue: Catalogue,
    now: Callable[[], datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = load(tmp_path / "alone", files, catalogue, now, ReadingPlan(processes=1))
    monkeypatch.setattr(reading, "LEAST_POOLED_FILES", 1)
    pooled = load(tmp_path / "pooled", files, catalogue, now, ReadingPlan(processes=2))
    assert pooled == alone
    assert (alone[0].submission_count, alone[0].refused_count) == (len(LAYOUTS) + 1, 3)


class _Deadly(dict[str, str]):
    """What ends the process that is given it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (9,)


def test_a_file_that_ends_its_process_costs_no_other_file(
    landed: list[tuple[Landed, bytes]], catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LEAST_POOLED_FILES", 1)
    monkeypatch.setattr(reading, "FILES_AHEAD", 1)
    landed = landed[1:]
    bodies = [body for body, _ in landed]
    with FormsReader(catalogue, ReadingPlan(processes=1), bodies) as reader:
        expected = [found for _, _, found in reader.read(landed)]
    deadly = list(landed)
    deadly[4] = (replace(bodies[4], meta=_Deadly()), deadly[4][1])
    with FormsReader(catalogue, ReadingPlan(processes=2), bodies) as reader:
        found = [result for _, _, result in reader.read(deadly)]
    assert isinstance(found[4], ParseError)
    assert "làm hỏng trình đọc" in found[4].reason
    for index, (one, other) in enumerate(zip(found, expected, strict=True)):
        if index != 4:
            assert str(one) == str(other)


def test_layouts_learnt_on_an_earlier_night_change_no_row(
    tmp_path: Path, files: dict[str, bytes], catalogue: Catalogue, now: Callable[[], datetime]
) -> None:
    store = tmp_path / "layouts.jsonl"
    plan = ReadingPlan(processes=1, layouts_path=store)
    first = load(tmp_path / "first", files, catalogue, now, plan)
    learnt = store.read_bytes()
    assert len(KnownLayouts.load(store, labels_of(catalogue.rows))) > 0
    assert load(tmp_path / "second", files, catalogue, now, plan) == first
    assert store.read_bytes() == learnt
    store.write_bytes(learnt.replace(b'"row"', b'"low"')[:-100])
    assert load(tmp_path / "third", files, catalogue, now, plan) == first
    assert store.read_bytes() == learnt


def test_a_limit_of_the_plan_is_met_in_the_pool_too(
    landed: list[tuple[Landed, bytes]], catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LEAST_POOLED_FILES", 1)
    largest = max(landed, key=lambda each: len(each[1]))
    plan = ReadingPlan(Limits(most_bytes=len(largest[1]) - 1), processes=2)
    with FormsReader(catalogue, plan, [largest[0], landed[-1][0]]) as reader:
        refused, read = (found for _, _, found in reader.read([largest, landed[-1]]))
    assert isinstance(refused, ParseError)
    assert "tệp quá lớn" in refused.reason
    assert not isinstance(read, ParseError)
