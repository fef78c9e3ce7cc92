"""The SQL that rules are written in: operand columns, exact numbers, the compiled rule.

The operand table has one row a submission and one column an operand that a rule uses: from its own lines, from the
systems of record, from the report that its own window follows. Everything is exact: decimals
are added and multiplied, never divided; shares are compared by cross-multiplication; where a quotient is to be shown,
it is made of whole numbers. Outcome expressions hold no braces and no colons, because Great Expectations formats them
and SQLAlchemy reads colons as parameters. Text expressions call the macro ``number_text`` (``sides.NUMBER_TEXT``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from expectations.expression import Operand, Sum
from expectations.rules import Rule

Aspect = Literal["value", "status", "numerator", "denominator", "documents", "decimals", "recorded", "previous"]

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
    def is_own(self) -> bool:
        """Whether the submission's own lines give it."""
        return self.aspect in _ASPECTS

    @property
    def expression(self) -> str:
        """What of one line the column holds, where the submission's own lines give it."""
        return _ASPECTS[self.aspect]

    @property
    def aggregate(self) -> str:
        """The column over the submission's lines, the recorded measures, or the lines of the report before."""
        if self.aspect == "recorded":
            return f"max(recorded_value) filter (where measure_name = '{self.code}') as {self.name}"
        if self.aspect == "previous":
            return f"max(value) filter (where indicator_code = '{self.code}') as {self.name}"
        return f"max({self.expression}) filter (where indicator_code = '{self.code}') as {self.name}"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule as SQL: ``outcome`` is passed, failed or not_evaluated; sides are decimal(20,6), null where missing.

    The operand table of a night holds every outcome as a column, so that each is worked out once. Where
    ``passed_right_text`` is given, only a form that breaks the rule has sides, and this text is all that others have.
    """

    rule: Rule
    columns: frozenset[Column]
    outcome: str
    severity: str
    left_value: str
    right_value: str
    left_text: str
    right_text: str
    passed_right_text: str | None = None

    @property
    def outcome_name(self) -> str:
        """The column of the operand table that holds the outcome."""
        return f'"{self.rule.rule_id} outcome"'

    @property
    def check(self) -> str:
        """The submissions that break it, as a query of ``{batch}``."""
        return f"select submission_id from {{batch}} where {self.outcome_name} = 'failed'"

    @property
    def results(self) -> str:
        """Every result, one row a submission of the operand table."""
        empty, severity = "''", f"'{self.rule.severity}'"
        return (
            f"select submission_id, '{self.rule.rule_id}' as rule_id,"
            f" {self._failed(self.severity, severity)} as severity, {self.outcome_name} as outcome,"
            f" {self._failed(self.left_value, 'null')} as left_value,"
            f" {self._failed(self.right_value, 'null')} as right_value,"
            f" {self._failed(self.left_text, empty)} as left_text,"
            f" {self._failed(self.right_text, self.passed_right_text)} as right_text from audit.rule_operand"
        )

    def _failed(self, expression: str, otherwise: str | None) -> str:
        """The expression, worked out for failed forms alone where others have nothing to tell."""
        if self.passed_right_text is None:
            return expression
        return f"case when {self.outcome_name} = 'failed' then {expression} else {otherwise} end"

    @property
    def content(self) -> list[str]:
        """Everything that could change an outcome or a side."""
        return [
            self.rule.rule_id, self.severity, self.outcome, self.left_value, self.right_value, self.left_text,
            self.right_text, *(column.aggregate for column in sorted(self.columns)),
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseRule:
    """A rule over many cases of a prepared table: lines held against other reports, documents, statistics.

    ``source`` is that table (with ``submission_id``), one row a case; ``evaluated`` chooses the cases that say anything,
    ``broken`` those that break the rule. One broken case fails the submission; its sides are those of the first in
    ``position``, its texts those of all (ten at most).
    """

    rule: Rule
    source: str
    evaluated: str
    broken: str
    position: str
    left_value: str
    right_value: str
    left_text: str
    right_text: str

    @property
    def check(self) -> str:
        return f"select submission_id from {{batch}} where submission_id in (select submission_id from {self._broken_cases})"

    @property
    def results(self) -> str:
        def texts(side: str) -> str:
            return (
                f"array_to_string(list({side} order by position)[1:10], '; ')"
                " || case when count(*) > 10 then '; …' else '' end"
            )

        # What a case says is worked out for the broken ones only, which are few.
        return (
            f"select operand.submission_id, '{self.rule.rule_id}' as rule_id, '{self.rule.severity}' as severity,"
            " coalesce(judged.outcome, 'not_evaluated') as outcome, told.left_value, told.right_value,"
            " coalesce(told.left_text, '') as left_text, coalesce(told.right_text, '') as right_text"
            " from audit.rule_operand as operand left join (select submission_id,"
            f" case when bool_or({self.broken}) then 'failed' else 'passed' end as outcome"
            f" from {self.source} where {self.evaluated} group by submission_id) as judged"
            " on operand.submission_id = judged.submission_id left join (select submission_id,"
            " arg_min(left_value, position) as left_value, arg_min(right_value, position) as right_value,"
            f" {texts('left_text')} as left_text, {texts('right_text')} as right_text"
            f" from (select submission_id, {self.position} as position,"
            f" try_cast({self.left_value} as decimal(20, 6)) as left_value,"
            f" try_cast({self.right_value} as decimal(20, 6)) as right_value,"
            f" {self.left_text} as left_text, {self.right_text} as right_text"
            f" from {self._broken_cases}) as cases group by submission_id) as told on operand.submission_id = told.submission_id"
        )

    @property
    def content(self) -> list[str]:
        return [self.rule.rule_id, self.rule.severity, self.results]

    @property
    def _broken_cases(self) -> str:
        return f"{self.source} where {self.evaluated} and coalesce({self.broken}, false)"


def as_sum(side: object) -> Sum:
    assert isinstance(side, Sum)  # noqa: S101 - rules.py checked the shape
    return side


def columns_of(operand: Operand) -> tuple[Column, ...]:
    """The columns an operand needs; a cited ratio needs two."""
    code = operand.name
    if operand.kind == "value":
        return (Column(code, "value"),)
    if operand.kind == "source":
        return (Column(code, "recorded"),)
    if operand.kind == "previous":
        return (Column(code, "previous"),)
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
