import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args
from unicodedata import is_normalized

import duckdb
import pytest

from expectations.catalogue import RuleRow, read_catalogue
from expectations.repair.constraints import constraints_of
from expectations.repair.form import Form, Line, MoveKind
from expectations.repair.propose import RepairResult, candidates, propose_repairs
from expectations.repair.solver import localise, with_ends
from expectations.rules import type_rules
from tests.expectations.gate_judging import row
from tests.expectations.gate_warehouses import SEEDS
from tests.expectations.repair_forms import KINDS, Damaged, damaged_province

NIGHT = date(2021, 12, 20)
FIELDS = "submission_id, rank, indicator_code, aspect, kind, old_value, new_value"


@pytest.fixture(scope="module")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Damaged], RepairResult]:
    warehouse, damaged = damaged_province(tmp_path_factory.mktemp("repair") / "warehouse.duckdb", seed=11, each=2)
    return warehouse, damaged, propose_repairs(warehouse, night=NIGHT)


def test_every_cause_has_words_in_both_languages_and_no_other_has() -> None:
    with (SEEDS / "repair_causes.csv").open(encoding="utf-8", newline="") as file:
        causes = list(csv.DictReader(file))
    assert sorted(cause["cause"] for cause in causes) == sorted(get_args(MoveKind))
    words = [cause[language] for cause in causes for language in ("name_vi", "name_en")]
    assert all(word and "_" not in word and is_normalized("NFC", word) for word in words)
    assert len(set(words)) == len(words), "two causes can't be told apart"


def proposed(warehouse: Path) -> dict[str, dict[int, dict[str, Decimal | None]]]:
    """By submission and rank the figures that would be changed."""
    found: dict[str, dict[int, dict[str, Decimal | None]]] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for submission_id, rank, code, aspect, _, _, new in connection.execute(
            f"select {FIELDS} from audit.repair_proposal order by all"
        ).fetchall():
            if aspect == "value":
                found.setdefault(submission_id, {}).setdefault(rank, {})[code] = new
    return found


def restored(case: Damaged, changes: dict[str, Decimal | None] | None) -> bool:
    wanted = {code: value for code, value in case.original.items() if value != case.typed.get(code)}
    return changes is not None and changes == wanted


def test_the_first_proposal_restores_most_planted_errors(
    repaired: tuple[Path, list[Damaged], RepairResult],
) -> None:
    warehouse, damaged, result = repaired
    found = proposed(warehouse)
    first = [case for case in damaged if restored(case, found.get(case.submission_id, {}).get(1))]
    among = [case for case in damaged if any(restored(case, c) for c in found.get(case.submission_id, {}).values())]
    by_kind = {
        kind: f"{Counter(c.kind for c in first)[kind]}/{n}" for kind, n in Counter(c.kind for c in damaged).items()
    }
    print(f"rank 1: {len(first)} of {len(damaged)}; among the best: {len(among)}; {by_kind}; {result}")
    assert set(by_kind) == set(KINDS)
    assert len(first) >= 0.8 * len(damaged), by_kind
    assert len(among) >= len(first)
    assert result.form_count == len(damaged)
    assert result.proposed_count >= 0.9 * len(damaged)


def test_a_proposal_is_never_applied_and_a_form_is_looked_at_once(
    repaired: tuple[Path, list[Damaged], RepairResult],
) -> None:
    warehouse, damaged, _ = repaired
    assert propose_repairs(warehouse, night=NIGHT).form_count == 0
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for case in damaged:
            stands = dict(
                connection.execute(
                    "select indicator_code, value from intermediate.int_submission_line where submission_id = ?",
                    [case.submission_id],
                ).fetchall()
            )
            assert {code: stands[code] for code in case.typed} == case.typed


def test_every_change_is_told_with_what_stood_there(repaired: tuple[Path, list[Damaged], RepairResult]) -> None:
    warehouse, damaged, _ = repaired
    typed = {case.submission_id: case.typed for case in damaged}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(f"select {FIELDS} from audit.repair_proposal where aspect = 'value'").fetchall()
    assert len(rows) > len(damaged)
    for submission_id, _, code, _, _, old, new in rows:
        assert old == typed[submission_id].get(code)
        assert new != old


CATALOGUE = read_catalogue(SEEDS)


def bare_form(figures: dict[str, str], failed: set[str]) -> Form:
    return Form(
        "x",
        tuple(
            Line(i.code, Decimal(figures[i.code]) if i.code in figures else None,
                 is_percent=i.value_type == "percent", measure=i.measure)
            for i in CATALOGUE.indicators if i.is_answered
        ),
        frozenset(failed),
    )  # fmt: skip


def repairs(form: Form, *rows: RuleRow) -> list[dict[str, Decimal | None]]:
    constraints = constraints_of(type_rules(rows, CATALOGUE), CATALOGUE)
    return [{c.slot.code: c.new for c in found.changes} for found in localise(form, constraints, seconds=5)]


def test_a_new_row_of_the_rule_table_is_understood_without_new_code() -> None:
    rule = row(left="IV.1.2 + IV.1.4", operator="=", right="3 * IV.1.1", on_missing="zero_addends")
    form = bare_form({"IV.1.2": "4", "IV.1.4": "5", "IV.1.1": "30"}, {"X"})
    assert repairs(form, rule)[0] == {"IV.1.1": 3}


def test_what_the_rules_allow_is_told_where_the_cause_does_not_fix_the_figure() -> None:
    constraints = constraints_of(type_rules((row(left="IV.2.2", operator="<=", right="IV.2.1"),), CATALOGUE), CATALOGUE)
    form = bare_form({"IV.2.2": "61", "IV.2.1": "50"}, {"X"})
    proposals = (with_ends(one, form, constraints) for one in candidates(form, constraints, seconds=5))
    corrected = next(
        p.changes[0] for p in proposals if (p.changes[0].kind, p.changes[0].slot.code) == ("corrected", "IV.2.2")
    )
    assert (corrected.new, corrected.low, corrected.high) == (50, 0, 50)


def test_figures_too_large_to_be_counted_exactly_get_no_proposal() -> None:
    form = bare_form({"III.6.1": "99999999999999", "III.6.2": "1"}, {"X"})
    assert repairs(form, row()) == []


def test_rules_that_contradict_each_other_get_no_proposal() -> None:
    low, high = row(rule_id="A", operator="<=", right="3"), row(rule_id="B", left="5", operator="<=", right="III.6.1")
    form = bare_form({"III.6.1": "4"}, {"A", "B"})
    assert all(changes == {"III.6.1": None} for changes in repairs(form, low, high))
