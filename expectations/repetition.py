"""Rules on forms that were copied or made up: the form before sent again, another agency's form, too many round figures.

The cases stand in ``audit.rule_form``: one row a submission that waits, with what its figures come to. Two forms repeat
each other when every count and share of theirs is the same, and there are enough figures above zero to be no accident.
"""

from __future__ import annotations

from expectations.expression import Condition, Share
from expectations.rules import OTHER_FORMS, Rule
from expectations.sql import CaseRule, literal, plain

#: Fewer figures above zero than this can be the same by accident: a form that is nearly blank.
ENOUGH_FIGURES = 20

#: A submission's figures: a number that stands for all of them, and how many are above zero, long (two digits and
#: more), round (long, and the last digit is 0). ``{submissions}`` is a query of the ids.
FIGURES = """
select
    line.submission_id,
    sum(hash(line.indicator_code, line.value)) as figures,
    count(*) filter (where line.value > 0) as figure_count,
    count(*) filter (where indicator.value_type = 'count' and line.value > 10) as long_count,
    count(*) filter (where indicator.value_type = 'count' and line.value > 10 and line.value % 10 = 0) as round_count
from intermediate.int_submission_line as line
inner join seed.indicators as indicator on line.indicator_code = indicator.code
where line.value is not null and indicator.value_type in ('count', 'percent') and line.submission_id in ({submissions})
group by line.submission_id
"""

PREPARE = """
create or replace table audit.rule_form as
with named as (
    select standing.submission_id, figures.figures, place.agency_code, place.period_code, place.label_vi,
        agency.name_vi
    from audit.rule_standing as standing
    inner join audit.rule_figures as figures on standing.submission_id = figures.submission_id
    inner join audit.rule_place as place on standing.submission_id = place.submission_id
    inner join seed.agencies as agency on place.agency_code = agency.agency_code
),
repeated as (
    select figures.submission_id, min(named.name_vi || ' (' || named.label_vi || ')') as other_form
    from audit.rule_figures as figures
    inner join audit.rule_place as place on figures.submission_id = place.submission_id
    inner join named on figures.figures = named.figures and place.agency_code <> named.agency_code
    where place.agency_code <> 'unknown'
    group by figures.submission_id
)
select
    figures.*, before.submission_id as before_id, before.label_vi as before_label,
    coalesce(before.figures = figures.figures, false) as is_before_repeated, repeated.other_form
from audit.rule_figures as figures
left join audit.rule_counterpart as counterpart
    on figures.submission_id = counterpart.submission_id and counterpart.role = 'before'
left join named as before on counterpart.other_id = before.submission_id
left join repeated on figures.submission_id = repeated.submission_id
where figures.submission_id in (select submission_id from audit.rule_operand)
"""


def differs(rule: Rule) -> CaseRule:
    """Some figure differs from the agency's form before, or from every other agency's form."""
    is_others = rule.right == Condition(OTHER_FORMS)
    enough = f"figure_count >= {ENOUGH_FIGURES}"
    return CaseRule(
        rule=rule,
        source="audit.rule_form",
        evaluated=enough if is_others else f"{enough} and before_id is not null",
        broken="other_form is not null" if is_others else "is_before_repeated",
        position="1",
        left_value="figure_count",
        right_value="figure_count",
        left_text="number_text(figure_count) || ' số liệu khác 0 của biểu này'",
        right_text=f"'trùng với biểu của ' || {'other_form' if is_others else 'before_label'}",
    )


def rounded(rule: Rule) -> CaseRule:
    """No more than a share of the figures above 10 end in 0."""
    limit = rule.right
    assert isinstance(limit, Share)  # noqa: S101 - rules.py checked the shape
    return CaseRule(
        rule=rule,
        source="audit.rule_form",
        evaluated=f"long_count >= {limit.minimum}",
        broken=f"100 * round_count > {literal(limit.percent)} * long_count",
        position="1",
        left_value="round_count",
        right_value="long_count",
        left_text="number_text(round_count) || ' số tròn chục'",
        right_text=f"'trong ' || number_text(long_count) || ' số liệu trên 10; thường không quá {plain(limit.percent)}%'",
    )
