"""The language of the rule table's two sides, parsed by lark.

III.6.1    III.2.3.a + III.2.3.b    2 * V.4.1    100 * ratio_cited(III.6.3)    documents_cited(II.1)
source(portal.dossiers_received)    previous(III.2.3) + III.2.1 - III.2.2    flow(H1) + flow(Q3)
0 .. 100    0.5 .. 2.0 x last year    closed percents    previous submission of the agency
within 6 deviations of peers, at least 10, scale from 5    at most 60 percent of 20 figures
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Literal, cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from expectations.errors import RuleError
from expectations.expression import (
    Condition,
    Deviation,
    Group,
    Operand,
    OperandKind,
    Range,
    Selection,
    Share,
    Side,
    Sum,
    Term,
)

_GRAMMAR = r"""
?start: sum | range | selection | deviation | share | condition

sum: _PLUS? term (further)*
further: _PLUS term -> plus
       | MINUS term -> minus
term: NUMBER "*" operand -> multiple
    | operand            -> single
    | NUMBER             -> constant

?operand: CODE -> value
    | CITED "(" CODE ")" -> cited
    | "previous" "(" CODE ")" -> previous
    | "source" "(" MEASURE ")" -> source
    | "flow" "(" PERIOD ")" -> flow

range: NUMBER ".." NUMBER ["x" LAST_YEAR]

deviation: "within" NUMBER "deviations of" OTHERS "," "at least" NUMBER "," "scale from" NUMBER
share: "at most" NUMBER "percent of" NUMBER "figures"

selection: SELECTION
condition: CONDITION

CODE: /(?:VII|VI|IV|V|III|II|I)(?:\.[1-9][0-9]*)*(?:\.[a-z])?(?![A-Za-z0-9_.])/
CITED: /(?:ratio_denominator|ratio|documents|dossiers)_cited/
MEASURE: /[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*/
PERIOD: /Q[1-4]|H1|Y/
NUMBER: /[0-9]+(?:\.[0-9]+)?(?![0-9]*[A-Za-z_])/
LAST_YEAR: /last year/
SELECTION: "closed percents with a known denominator" | "closed percents" | "flow indicators" | "stock indicators"
    | "all indicators" | "documents cited"
OTHERS: "peers" | "its own history"
CONDITION: "previous submission of the agency"
    | "within the period's year or stated otherwise"
    | "number rises with date within issuer and book and year"
    | "any report of another agency"
    | "in the register that holds most of the issuer's documents"
    | "k / N"
_PLUS: "+"
MINUS: "-"
%ignore " "
"""

_EXPECTED = {
    "CODE": "an indicator code",
    "CITED": "what a note cites",
    "NUMBER": "a number",
    "MEASURE": "a measure such as portal.dossiers_received",
    "PERIOD": "Q1, H1, Q3 or Y",
    "LPAR": "'('",
    "RPAR": "')'",
    "STAR": "'*'",
    "_PLUS": "'+'",
    "MINUS": "'-'",
    "__ANON_0": "'..'",
    "$END": "the end",
}


@v_args(inline=True)
class _Reader(Transformer[Token, Side]):
    """Lark's tree to our records."""

    def value(self, code: Token) -> Operand:
        return _operand("value", code)

    def cited(self, kind: Token, code: Token) -> Operand:
        return _operand(cast("OperandKind", str(kind)), code)

    def previous(self, code: Token) -> Operand:
        return _operand("previous", code)

    def source(self, measure: Token) -> Operand:
        return _operand("source", measure)

    def flow(self, period: Token) -> Operand:
        return _operand("flow", period)

    def multiple(self, number: Token, operand: Operand) -> Term:
        return Term(Decimal(number), operand)

    def single(self, operand: Operand) -> Term:
        return Term(Decimal(1), operand)

    def constant(self, number: Token) -> Term:
        return Term(Decimal(number), None)

    def plus(self, term: Term) -> Term:
        return term

    def minus(self, _: Token, term: Term) -> Term:
        return Term(-term.coefficient, term.operand)

    def sum(self, *terms: Term) -> Sum:
        return Sum(terms)

    def range(self, low: Token, high: Token, last_year: Token | None) -> Range:
        return Range(Decimal(low), Decimal(high), last_year is not None)

    def deviation(self, limit: Token, others: Token, minimum: Token, scale: Token) -> Deviation:
        of: Literal["peers", "its own history"] = "peers" if others == "peers" else "its own history"
        return Deviation(Decimal(limit), of, int(Decimal(minimum)), Decimal(scale))

    def share(self, percent: Token, minimum: Token) -> Share:
        return Share(Decimal(percent), int(Decimal(minimum)))

    def selection(self, words: Token) -> Selection:
        return Selection(cast("Group", "documents" if words == "documents cited" else str(words)))

    def condition(self, words: Token) -> Condition:
        return Condition(str(words))


def _operand(kind: OperandKind, name: Token) -> Operand:
    return Operand(kind, str(name), name.column or 1)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Reader(), maybe_placeholders=True)


def parse_side(text: str, *, rule_id: str, column: str) -> Side:
    """What a side says; ``RuleError`` with the character where it stops making sense."""
    try:
        return cast("Side", _parser().parse(text))
    except UnexpectedInput as error:
        names = _expected(error)
        is_at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        position = len(text) + 1 if is_at_end else error.column
        found = repr(text[position - 1 : position + 11]) if position <= len(text) else "the end"
        raise RuleError(
            rule_id, column, position, f"found {found}" + (f", expected {' or '.join(names)}" if names else "")
        ) from error


def _expected(error: UnexpectedInput) -> list[str]:
    """What could have stood there, in words."""
    if isinstance(error, UnexpectedCharacters):
        terminals = set(error.allowed or ())
    elif isinstance(error, UnexpectedToken):
        terminals = set(error.accepts or error.expected)
    else:
        terminals = set()
    return sorted({_EXPECTED[name] for name in terminals if name in _EXPECTED})
