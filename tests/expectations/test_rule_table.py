from collections import Counter

import pytest

from expectations.catalogue import read_catalogue, read_rule_rows
from expectations.compiler import compile_rules, read_rule_book
from expectations.errors import GateError, RuleError
from expectations.rules import type_rule, type_rules
from tests.expectations.gate_judging import row
from tests.expectations.gate_warehouses import SEEDS

CATALOGUE = read_catalogue(SEEDS)


def test_every_row_of_the_rule_table_agrees_with_the_catalogue() -> None:
    rules = type_rules(read_rule_rows(SEEDS), CATALOGUE)
    assert len(rules) == 73
    assert Counter(rule.kind for rule in rules) == {
        "one submission": 54,
        "source": 6,
        "across periods": 5,
        "documents": 3,
        "statistics": 5,
    }


def test_received_equals_returned_runs_first_and_every_rule_runs() -> None:
    book = read_rule_book(SEEDS)
    assert book.all[0].rule.rule_id == "III-06"
    assert sorted(rule.rule.rule_id for rule in book.all) == sorted(row.rule_id for row in read_rule_rows(SEEDS))
    assert (len(book.compiled), len(book.cases)) == (61, 12)


def test_the_version_changes_with_the_judgement_and_not_with_the_words() -> None:
    rows = read_rule_rows(SEEDS)
    version = compile_rules(type_rules(rows, CATALOGUE), CATALOGUE).version

    def changed(**changes: str) -> str:
        import dataclasses

        other = tuple(dataclasses.replace(r, **changes) if r.rule_id == "III-07" else r for r in rows)
        return compile_rules(type_rules(other, CATALOGUE), CATALOGUE).version

    assert compile_rules(type_rules(tuple(reversed(rows)), CATALOGUE), CATALOGUE).version == version
    assert changed(message_vi="câu khác") == version
    assert changed(tolerance="0.050") == version
    assert changed(tolerance="0.06") != version
    assert changed(severity="warning") != version


@pytest.mark.parametrize(
    ("changes", "column", "position", "said"),
    [
        ({"left": "III.6.9"}, "left", 1, "no indicator III.6.9"),
        ({"right": "III.6.2 + VIII.1"}, "right", 11, "found 'VIII.1'"),
        ({"left": "III.6"}, "left", 1, "heading"),
        ({"right": "IV.2.1"}, "right", 1, "IV.2.1 counts Người, III.6.1 counts Hồ sơ"),
        ({"left": "V.4.1 + II.1", "right": "V.4.2"}, "left", 9, "II.1 counts Văn bản, V.4.1 counts Người"),
        ({"left": "III.6.3"}, "right", 1, "III.6.2 counts Hồ sơ, III.6.3 counts %"),
        ({"left": "III.1"}, "left", 1, "III.1 is a flag"),
        ({"left": "III.6.3", "right": "ratio_cited(III.6.3)"}, "right", 13, "100 * ratio_cited"),
        ({"left": "III.6.3", "operator": "<=", "right": "100 * ratio_cited(III.6.3)"}, "right", 19, "alone"),
        ({"left": "III.6.3", "right": "100 * ratio_cited(III.6.3) + 1"}, "right", 19, "alone"),
        ({"right": "source(portal.happiness)"}, "right", 8, "unknown measure"),
        ({"right": "0 .. 100"}, "right", 1, "not a range"),
        ({"left": "closed percents", "operator": "between", "right": "100 .. 0"}, "right", 1, "ends before"),
        ({"left": "stock indicators", "operator": "between", "right": "0 .. 100"}, "left", 1, "closed percents"),
        ({"operator": "=="}, "operator", 1, "unknown operator '=='"),
        ({"severity": "fatal"}, "severity", 1, "fatal"),
        ({"tolerance": "-1"}, "tolerance", 1, "no tolerance"),
        ({"tolerance": "nan"}, "tolerance", 1, "no tolerance"),
        ({"tolerance": "0,05"}, "tolerance", 1, "no decimal number"),
        ({"on_missing": "zero"}, "on_missing", 1, "unknown word"),
        ({"on_missing": "zero_addends"}, "on_missing", 1, "needs a sum"),
        ({"on_missing": "violate_if_one", "right": "III.6.2 + VII.3.4"}, "on_missing", 1, "one figure"),
        ({"operator": "present_if", "left": "IV.1.7 + IV.1.10", "right": "IV.1.6"}, "left", 1, "one line's figure"),
    ],
)
def test_a_row_that_contradicts_the_catalogue_is_refused_with_its_place(
    changes: dict[str, str], column: str, position: int, said: str
) -> None:
    with pytest.raises(RuleError) as caught:
        type_rule(row(**changes), CATALOGUE)
    assert (caught.value.rule_id, caught.value.column, caught.value.position) == ("X", column, position)
    assert said in caught.value.reason


def test_procedures_are_one_unit_under_both_of_its_names() -> None:
    assert type_rule(row(left="III.7.2", right="VII.2.1 + VII.2.2"), CATALOGUE).kind == "one submission"


def test_a_rule_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(RuleError, match="rule X, rule_id, character 1: stands 2 times"):
        type_rules((row(), row()), CATALOGUE)


def test_a_missing_seed_file_is_told_by_name(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GateError, match=r"indicators\.csv"):
        read_rule_book(tmp_path)
