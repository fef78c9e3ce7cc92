from decimal import Decimal

import pytest

from expectations.errors import RuleError
from expectations.expression import Operand, Range, Selection, Sum, Term
from expectations.grammar import parse_side


def parse(text: str) -> object:
    return parse_side(text, rule_id="X", column="left")


def test_a_sum_keeps_coefficients_signs_and_positions() -> None:
    assert parse("2 * V.4.1 + III.2.3.a - 3") == Sum(
        (
            Term(Decimal(2), Operand("value", "V.4.1", 5)),
            Term(Decimal(1), Operand("value", "III.2.3.a", 13)),
            Term(Decimal(-3), None),
        )
    )


def test_what_a_note_cites_is_its_own_kind_of_operand() -> None:
    kinds = [
        operand.kind
        for text in ("100 * ratio_cited(I.3.1)", "ratio_denominator_cited(I.3.1)", "documents_cited(II.1)",
                     "dossiers_cited(VII.2.4)", "source(portal.dossiers_received)", "previous(III.2.3)", "flow(H1)")
        for operand in parse(text).operands  # type: ignore[attr-defined]
    ]  # fmt: skip
    assert kinds == [
        "ratio_cited", "ratio_denominator_cited", "documents_cited", "dossiers_cited", "source", "previous", "flow",
    ]  # fmt: skip


def test_ranges_and_selections_are_read() -> None:
    assert parse("0 .. 100") == Range(Decimal(0), Decimal(100))
    assert parse("0.5 .. 2.0 x last year") == Range(Decimal("0.5"), Decimal("2.0"), of_last_year=True)
    assert parse("closed percents with a known denominator") == Selection("closed percents with a known denominator")
    assert parse("closed percents") == Selection("closed percents")


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("III.6.1 +", 10, "the end"),
        ("III.6.1 III.6.2", 9, "'III.6.2'"),
        ("documents_cited(7)", 17, "an indicator code"),
        ("100 ratio_cited(I.3.1)", 5, "'*'"),
        ("0 ..", 5, "a number"),
        ("source(Portal)", 8, "a measure"),
        ("IX.1", 1, "an indicator code"),
        ("", 1, "the end"),
        ("1e5", 1, "'1e5'"),
        ("III.6.1; drop table x", 8, "'; drop table"),
    ],
)
def test_a_side_that_makes_no_sense_is_refused_with_its_rule_and_place(text: str, position: int, said: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_side(text, rule_id="II-09", column="right")
    error = caught.value
    assert (error.rule_id, error.column, error.position) == ("II-09", "right", position)
    assert said in error.reason
    assert str(error).startswith(f"rule II-09, right, character {position}: ")
