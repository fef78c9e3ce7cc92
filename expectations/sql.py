"""The SQL that rules are written in: operand columns, exact numbers, the compiled rule.

The operand table has one row a submission and one column an operand that a rule uses. Everything is exact: decimals
are added and multiplied, never divided; shares are compared by cross-multiplication; where a quotient is to be shown,
it is made of whole numbers. Outcome expressions hold no braces and no colons, because Great Expectations formats them
and SQLAlchemy reads colons as parameters. Text expressions call the macro ``number_text`` (``sides.NUMBER_TEXT``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from expectations.expression import Operand, Sum
from expectations.rules import Rule

Aspect = Literal["value", "status", "numerator", "denominator", "documents", "decimals"]

#: aspect -> the expression over ``intermediate.int_submission_line``, of which a submission's line has exactly one.
_ASPECTS: dict[Aspect, str] = {
    "value": "value",
    "status": "observation_status",
    "numerator": "case when ratio_denominator > 0 then ratio_numerator end",
    "denominator": "case when ratio_denominator > 0 then ratio_denominator end",
    "documents": "nullif(document_count, 0)",
    # How many decimals were reported: those typed, or at least those that the value needs.
    "decimals": r"""greatest(
        length(rtrim(split_part(cast(value as varchar), '.', 2), '0')),
        length(regexp_extract(value_text, '^\s*\d+[.,](\d{1,6})\s*%?\s*$', 1))
    )""",
}

#: Six decimals as a whole number.
SCALE = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A column of the operand table: one aspect of one line."""

    code: str
    aspect: Aspect

    @property
    def name(self) -> str:
        return f'"{self.code}"' if self.aspect == "value" else f'"{self.code} {self.aspect}"'

    @property
    def aggregate(self) -> str:
        """The column over a submission's lines."""
        return f"max({_ASPECTS[self.aspect]}) filter (where indicator_code = '{self.code}') as {self.name}"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule as SQL: ``outcome`` is passed, failed or not_evaluated; sides are decimal(20,6), null where missing."""

    rule: Rule
    columns: frozenset[Column]
    outcome: str
    severity: str
    left_value: str
    right_value: str
    left_text: str
    right_text: str


def pivot(columns: Iterable[Column], submissions: str) -> str:
    """The operand table's SELECT; ``submissions`` is a query of the submission ids to take."""
    selected = "".join(f",\n    {column.aggregate}" for column in columns)
    return (
        f"select\n    submission_id{selected}\nfrom intermediate.int_submission_line\n"
        f"where submission_id in ({submissions})\ngroup by submission_id"
    )


def as_sum(side: object) -> Sum:
    assert isinstance(side, Sum)  # noqa: S101 - rules.py checked the shape
    return side


def columns_of(operand: Operand) -> tuple[Column, ...]:
    """The columns an operand needs; a cited ratio needs two."""
    code = operand.name
    if operand.kind == "value":
        return (Column(code, "value"),)
    if operand.kind == "documents_cited":
        return (Column(code, "documents"),)
    if operand.kind == "dossiers_cited":
        return (Column(code, "numerator"),)
    if operand.kind == "ratio_denominator_cited":
        return (Column(code, "denominator"),)
    return (Column(code, "numerator"), Column(code, "denominator"))


def columns_in(side: Sum) -> tuple[Column, ...]:
    return tuple(column for operand in side.operands for column in columns_of(operand))


def column_names(operand: Operand) -> tuple[str, ...]:
    return tuple(column.name for column in columns_of(operand))


def raw(operand: Operand) -> str:
    """The operand's column; of a cited ratio, the numerator (null where nothing is cited)."""
    return column_names(operand)[0]


def parts(ratio: Operand) -> tuple[str, str]:
    """Numerator and denominator of a cited ratio."""
    numerator, denominator = column_names(ratio)
    return numerator, denominator


def given_unread(side: Sum) -> str:
    """Something was typed that could not be read as a figure: neither blank nor a value."""
    tests = [
        f"(coalesce({Column(o.name, 'status').name}, 'blank') in ('unreadable', 'doubtful') and {raw(o)} is null)"
        for o in side.operands
        if o.kind == "value"
    ]
    return "(" + " or ".join(tests) + ")" if tests else "false"


def literal(number: Decimal) -> str:
    """An exact decimal constant with no more digits than it needs."""
    text = plain(number)
    whole_digits, _, decimals = text.lstrip("-").partition(".")
    return f"cast('{text}' as decimal({len(whole_digits) + len(decimals)}, {len(decimals)}))"


def plain(number: Decimal) -> str:
    """``100``, ``0.05``: no exponent, no zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(expression: str) -> str:
    """A figure with six decimals as a whole number of millionths."""
    return f"cast({expression} * {SCALE} as hugeint)"


def quotient(coefficient: Decimal, numerator: str, denominator: str) -> str:
    """``coefficient × numerator / denominator`` to six decimals, half up, in whole numbers."""
    top = f"{int(coefficient * SCALE)} * {whole(numerator)}"
    below = whole(denominator)
    return f"try_cast(((2 * {top} + {below}) // (2 * {below})) * cast(0.000001 as decimal(6, 6)) as decimal(20, 6))"
