from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from expectations.gate import GateResult, run_gate
from expectations.volume import NightVolume, judge_stream
from tests.expectations.gate_marts import build_marts
from tests.expectations.gate_warehouses import NIGHT, Planted, make_warehouse
from tests.expectations.test_gate import CLEAN, now
from tests.expectations.test_quality_report import report

FIRST = date(2018, 1, 1)
#: Nine days of Tết with the weekends around them, in three years.
TET = [date(2018, 2, 14), date(2019, 2, 2), date(2020, 1, 23)]


def volumes(counts: list[int], *, unread: frozenset[int] = frozenset()) -> list[NightVolume]:
    totals = np.cumsum(counts)
    return [
        NightVolume(FIRST + timedelta(days=at), at not in unread, count, int(totals[at]))
        for at, count in enumerate(counts)
    ]


def usual_years(seed: int) -> list[int]:
    """Three years of a daily source: a first load, seasons, wild days, nothing on weekends, holidays and days off at random."""
    random = np.random.default_rng(seed)
    counts = []
    for at in range(3 * 365):
        day = FIRST + timedelta(days=at)
        is_off = day.weekday() >= 5 or any(0 <= (day - tet).days < 9 for tet in TET) or random.random() < 0.03
        rate = 60 * (1 + 0.5 * np.sin(at / 58)) * random.lognormal(0, 0.6)
        counts.append(50_000 if at == 0 else 0 if is_off else int(random.poisson(rate)))
    return counts


def test_three_usual_years_with_weekends_holidays_and_seasons_stop_no_night() -> None:
    judged = 0
    for seed in range(5):
        nights = volumes(usual_years(seed))
        for end in range(1, len(nights) + 1):
            assert judge_stream("dossiers", nights[max(0, end - 120) : end]) == []
            judged += 1
    assert judged == 5 * 3 * 365


@pytest.mark.parametrize(("left", "said"), [(0, "đêm gần nhất có số liệu là"), (1, "chỉ có 10 dòng mới")])
def test_a_daily_source_that_dries_up_stops_the_publication_within_its_window(left: int, said: str) -> None:
    before = usual_years(1)[: 7 * 20]
    nights = volumes([*before, *([left, left, left, left, left, 0, 0] * 2)])
    (sentence,) = judge_stream("dossiers", nights)
    assert said in sentence
    assert "Việc cần làm" in sentence
    assert judge_stream("dossiers", nights[:-7]) == [], "a week may be a holiday"
    assert judge_stream("dossiers", nights, window_nights=0) == [], "the setting switches it off"


def test_a_source_that_seldom_brings_anything_is_never_missed() -> None:
    assert judge_stream("dossiers", volumes([50_000, *[0] * 200])) == []
    assert judge_stream("dossiers", volumes([3, 0, 0, 0] * 60 + [0] * 14)) == []
    assert judge_stream("forms", volumes(usual_years(1)[:140] + [0] * 40)) == [], "forms come by the quarter"


def test_nights_on_which_a_source_was_not_read_do_not_count() -> None:
    before = usual_years(1)[: 7 * 20]
    skipped = frozenset(range(len(before), len(before) + 30))
    assert judge_stream("dossiers", volumes([*before, *[0] * 30], unread=skipped)) == []
    assert judge_stream("dossiers", volumes([0] * 5, unread=frozenset(range(5)))) == []


def test_what_was_held_and_is_gone_stops_the_publication() -> None:
    nights = [NightVolume(FIRST, True, 1000, 1000), NightVolume(FIRST + timedelta(days=1), True, 0, 899)]
    (sentence,) = judge_stream("outgoing_documents", nights)
    assert sentence.startswith(
        "Kho chỉ còn 899 văn bản đi của Trục liên thông văn bản, trước đó có 1000. Việc cần làm:"
    )
    assert judge_stream("outgoing_documents", [nights[0], NightVolume(nights[1].night_on, True, 0, 900)]) == []


def test_forms_without_their_figures_stop_the_publication() -> None:
    usual = [NightVolume(FIRST + timedelta(days=at), True, 6, 6 * at, 104.0 + at) for at in range(4)]

    def tonight(forms: int, figures: float | None) -> list[str]:
        return judge_stream("forms", [*usual, NightVolume(date(2018, 3, 1), True, forms, 40, figures)])

    (sentence,) = tonight(30, 3.0)
    assert "30 biểu của đêm này thường chỉ có 3 số liệu mỗi biểu, trước đây 106" in sentence
    assert tonight(30, 60.0) == []
    assert tonight(4, 3.0) == [], "a few nearly blank forms are no sign"
    assert tonight(0, None) == []
    assert judge_stream("forms", [NightVolume(FIRST, True, 30, 30, 3.0)]) == [], "a first night has no measure"


def gate(warehouse: Path, night: date, *streams: str) -> GateResult:
    return run_gate(
        warehouse, night=night, context_root=warehouse.parent / "gx", now=now, read_streams=streams, has_docs=False
    )


def test_the_gate_remembers_each_night_stops_on_a_loss_and_the_report_tells_what_to_do(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", [Planted("clean", CLEAN)])
    dossiers = (
        "insert into raw.dossier by name select 'd' || n as dossier_id, timestamp '2021-12-19' as updated_at,"
        " date '2021-12-20' as night_on, 1 as landed_id from range(200) as numbers (n)"
    )
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(dossiers)
    streams = ("forms", "dossiers")
    assert gate(warehouse, NIGHT, *streams).is_passed
    assert gate(warehouse, NIGHT, *streams).is_passed, "the same night again"
    later = NIGHT + timedelta(days=1)
    assert gate(warehouse, later, *streams).is_passed, "an empty night"
    with duckdb.connect(str(warehouse)) as connection:
        assert connection.execute(
            "select stream, is_read, row_count, total_count from audit.night_volume where night_on = ? order by stream",
            [NIGHT],
        ).fetchall() == [("dossiers", True, 200, 200), ("forms", True, 1, 1), ("outgoing_documents", False, 0, 0)]
        connection.execute("delete from raw.dossier where dossier_id <> 'd1'")
    assert gate(warehouse, later, "forms").is_passed, "a source that the settings skip is not held against anything"
    stopped = gate(warehouse, later, *streams)
    assert not stopped.is_passed
    build_marts(warehouse)
    told = report(warehouse, tmp_path, structural_failures=stopped.structural_failures)
    assert told is not None
    text = told.text_path.read_text(encoding="utf-8")
    assert "VIỆC CÔNG BỐ ĐÃ DỪNG" in text
    assert "Kho chỉ còn 1 hồ sơ của Cổng dịch vụ công, trước đó có 200. Việc cần làm:" in text
