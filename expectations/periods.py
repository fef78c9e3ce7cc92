"""Rules across periods: flows that only grow within a year, stocks against last year's.

The cases stand in ``audit.rule_flow``: one row a line of a submission that waits, with the same line of the agency's
reports for the year's other periods (``q1``, ``h1``, ``q3``, ``y``) and for the same period of last year
(``last_year``), as ``standing.py`` chose them.
"""

from __future__ import annotations

from expectations.expression import Operand, Range, Sum, Term
from expectations.rules import Rule
from expectations.sql import CaseRule, as_sum, literal, plain

#: A period as the rule table writes it -> its kind in ``seed.periods``, in order of the windows' last days.
KINDS = {"Q1": "quarter_1", "H1": "half_year", "Q3": "quarter_3", "Y": "year"}
_WORDS = {"Q1": "quý I", "H1": "6 tháng", "Q3": "quý III", "Y": "cả năm"}

#: ``{counted}`` lists the codes that are counts; one row a submission and line with a figure.
PREPARE = """
create or replace table audit.rule_flow as
with others as (
    select
        counterpart.submission_id, line.indicator_code,
        max(line.value) filter (where counterpart.role = 'quarter_1') as q1,
        max(line.value) filter (where counterpart.role = 'half_year') as h1,
        max(line.value) filter (where counterpart.role = 'quarter_3') as q3,
        max(line.value) filter (where counterpart.role = 'year') as y,
        max(line.value) filter (where counterpart.role = 'last_year') as last_year
    from audit.rule_counterpart as counterpart
    inner join audit.rule_operand as operand on counterpart.submission_id = operand.submission_id
    inner join intermediate.int_submission_line as line on counterpart.other_id = line.submission_id
    where line.value is not null and counterpart.role not in ('previous', 'before')
    group by counterpart.submission_id, line.indicator_code
)
select
    others.*, line.value, place.kind, indicator.measure, try_cast(indicator.form_row as integer) as form_row
from others
inner join intermediate.int_submission_line as line
    on others.submission_id = line.submission_id and others.indicator_code = line.indicator_code
inner join audit.rule_place as place on others.submission_id = place.submission_id
inner join seed.indicators as indicator on others.indicator_code = indicator.code
where line.value is not null and indicator.value_type = 'count'
"""


def flows(rule: Rule) -> CaseRule:
    """``flow(H1) + flow(Q3) <= flow(Y)``, line by line, judged on the report whose window ends last."""
    left, right = as_sum(rule.left), as_sum(rule.right)
    home = max((o.name for side in (left, right) for o in side.operands), key=list(KINDS).index)
    columns = [_column(o, home) for side in (left, right) for o in side.operands]
    return CaseRule(
        rule=rule,
        source="audit.rule_flow",
        evaluated=f"measure = 'flow' and kind = '{KINDS[home]}' and "
        + " and ".join(f"{column} is not null" for column in columns),
        broken=f"{_total(left, home)} > {_total(right, home)} + {literal(rule.tolerance)}",
        position="form_row",
        left_value=_total(left, home),
        right_value=_total(right, home),
        left_text=_text(left, home),
        right_text=_text(right, home),
    )


def stocks(rule: Rule) -> CaseRule:
    """Each stock within a range of last year's; a change of no more than the tolerance beyond it is let pass."""
    limits = rule.right
    assert isinstance(limits, Range)  # noqa: S101 - rules.py checked the shape
    low, high, slack = (literal(number) for number in (limits.low, limits.high, rule.tolerance))
    bounds = f"từ {plain(limits.low).replace('.', ',')} đến {plain(limits.high).replace('.', ',')} lần"
    return CaseRule(
        rule=rule,
        source="audit.rule_flow",
        evaluated="measure = 'stock' and last_year > 0",
        broken=f"value > {high} * last_year + {slack} or value < {low} * last_year - {slack}",
        position="form_row",
        left_value="value",
        right_value="last_year",
        left_text="indicator_code || ' = ' || number_text(value)",
        right_text=f"'{bounds} năm trước ' || number_text(last_year)",
    )


def _column(operand: Operand, home: str) -> str:
    return "value" if operand.name == home else operand.name.lower()


def _total(side: Sum, home: str) -> str:
    return "(" + " + ".join(_figure(term, home) for term in side.terms) + ")"


def _figure(term: Term, home: str) -> str:
    if term.operand is None:
        return literal(term.coefficient)
    column = f"cast({_column(term.operand, home)} as decimal(38, 6))"
    return column if term.coefficient == 1 else f"{literal(term.coefficient)} * {column}"


def _text(side: Sum, home: str) -> str:
    """``I.3.2 (6 tháng + quý III) = 12 + 5 = 17``."""
    names = " + ".join(_WORDS[o.name] for o in side.operands)
    figures = " || ' + ' || ".join(f"number_text({_column(o, home)})" for o in side.operands)
    total = f" || ' = ' || number_text({_total(side, home)})" if len(side.operands) > 1 else ""
    return f"indicator_code || ' ({names}) = ' || {figures}{total}"
