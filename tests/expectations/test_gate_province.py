from __future__ import annotations

from pathlib import Path

import pytest

from tests.expectations.night_of_defects import DEFECTS, SEED, Failed, judged, plant


@pytest.fixture(scope="module")
def bad_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, ...], Failed]:
    result, failed = judged(tmp_path_factory.mktemp("province"), seed=SEED, plant=plant)
    return result.quarantined, failed


def test_each_kind_of_defect_is_found_named_and_explained(bad_night: tuple[tuple[str, ...], Failed]) -> None:
    assert len({defect.kind for defect in DEFECTS}) >= 12
    assert len({(defect.agency_code, defect.period_code) for defect in DEFECTS}) == len(DEFECTS)
    for defect in DEFECTS:
        left, right = bad_night[1][defect.agency_code, defect.period_code, defect.rule]
        assert [words for words in defect.told if words not in f"{left} | {right}"] == [], defect.kind


def test_nothing_else_is_found(bad_night: tuple[tuple[str, ...], Failed]) -> None:
    assert set(bad_night[1]) - {key for defect in DEFECTS for key in defect.seen_by} == set()


def test_only_the_forms_that_break_an_error_rule_are_held_back(bad_night: tuple[tuple[str, ...], Failed]) -> None:
    assert len(bad_night[0]) == 4


@pytest.mark.parametrize("seed", [2])
def test_a_clean_province_has_no_failure(tmp_path: Path, seed: int) -> None:
    result, failed = judged(tmp_path, seed=seed)
    assert failed == {}
    assert result.is_passed
    assert result.evaluated_count >= 100
    assert (result.failed_error_count, result.failed_warning_count, result.quarantined) == (0, 0, ())
    assert result.rule_count == 73
