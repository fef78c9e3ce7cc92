"""Rules on rates that lie far from the others: from peers of the same period, from the agency's own history.

A rate is a share, or a flow per day on a logarithmic scale (so that ten times too many is as far as ten times too few).
How far is told in robust deviations: the distance from the median over 1.4826 × the median distance from it, which one
wild figure among the others can't move. Of a handful of earlier flows that distance is mostly chance, so it is held together
with what the agency's other lines scatter by. Everything here is a suspicion, so the rules only warn; how often they do on
sound data is measured by ``make bench-quality``.
"""

from __future__ import annotations

from expectations.expression import Deviation
from expectations.rules import Rule
from expectations.sql import CaseRule, literal, plain

#: A median distance times this is a standard deviation, if the figures are normal.
_NORMAL = "1.4826"
#: An agency's history is what it reported in so many years: work changes, and each report is held against all of them.
_HISTORY_YEARS = 10
#: A line's own scatter counts as many reports as it was seen in, that of the agency's lines together this many. It is taken
#: where six lines in ten scatter less. Both were chosen on three made-up histories and held on six others.
_POOLED_WEIGHT, _POOLED_QUANTILE = 16, 0.6
#: The other lines' scatter is told by so many lines at least, each reported so often and of figures so large at least.
_POOLED_LINES, _POOLED_REPORTS, _POOLED_FIGURE = 10, 4, 20

#: ``rate`` of each line that has one. A flow per 90 days, plus one, as a logarithm.
_RATES = """
select
    line.submission_id, line.indicator_code, cast(indicator.form_row as integer) as form_row, indicator.value_type,
    line.value,
    case
        when indicator.value_type = 'percent' then cast(line.value as double)
        else ln(cast(line.value as double) * 90 / place.day_count + 1)
    end as rate
from intermediate.int_submission_line as line
inner join audit.rule_place as place on line.submission_id = place.submission_id
inner join seed.indicators as indicator on line.indicator_code = indicator.code
where line.value >= 0 and line.submission_id in (select submission_id from {submissions}) and (
    (indicator.value_type = 'percent' and cast(indicator.is_share_of_whole as integer) = 1) or {flows}
)
"""
_FLOWS = "(indicator.value_type = 'count' and indicator.measure = 'flow')"

PEERS = f"""
create or replace table audit.rule_peer as
with here as ({_RATES.format(submissions="audit.rule_operand", flows="false")}),
theirs as (
    {_RATES.format(submissions="audit.rule_standing", flows="false")}
),
peers as (
    select place.period_code, place.level, theirs.indicator_code,
        count(*) as other_count, median(theirs.rate) as middle, mad(theirs.rate) as spread
    from theirs
    inner join audit.rule_place as place on theirs.submission_id = place.submission_id
    group by place.period_code, place.level, theirs.indicator_code
)
select here.*, peers.other_count, peers.middle, peers.spread
from here
inner join audit.rule_place as place on here.submission_id = place.submission_id
inner join peers
    on place.period_code = peers.period_code and place.level = peers.level
    and here.indicator_code = peers.indicator_code
"""


def _figure_of(middle: str) -> str:
    """A flow's rate as the figure of a period of ``day_count`` days."""
    return f"greatest((exp({middle}) - 1) * day_count / 90, 0)"


def _pooled(which: str) -> str:
    """What the flows of an agency scatter by beyond chance, null where they are few."""
    figure = _figure_of(f"{which}_middle")
    told = f"filter (where {which}_count >= {_POOLED_REPORTS} and {figure} >= {_POOLED_FIGURE})"
    beyond = f"sqrt(greatest(({_NORMAL} * {which}_spread) ** 2 - 1 / ({figure} + 1), 0))"
    scatter = f"quantile_cont({beyond}, {_POOLED_QUANTILE}) {told}"
    return f"case when count(*) {told} >= {_POOLED_LINES} then {scatter} end as {which}_pooled"


HISTORY = f"""
create or replace table audit.rule_history as
with here as ({_RATES.format(submissions="audit.rule_operand", flows=_FLOWS)}),
earlier as (
    select operand.submission_id, standing.submission_id as other_id, theirs.kind = place.kind as is_same_kind
    from audit.rule_operand as operand
    inner join audit.rule_place as place on operand.submission_id = place.submission_id
    inner join audit.rule_standing as standing on place.agency_code = standing.agency_code
    inner join audit.rule_place as theirs on standing.submission_id = theirs.submission_id
    where theirs.data_to < place.data_to and theirs.data_to > place.data_to - interval {_HISTORY_YEARS} year
),
rates as (
    {_RATES.format(submissions="(select other_id as submission_id from earlier)", flows=_FLOWS)}
),
past as (
    select
        earlier.submission_id, rates.indicator_code,
        count(*) as all_count, median(rates.rate) as all_middle, mad(rates.rate) as all_spread,
        count(*) filter (where is_same_kind) as season_count,
        median(rates.rate) filter (where is_same_kind) as season_middle,
        mad(rates.rate) filter (where is_same_kind) as season_spread
    from earlier
    inner join rates on earlier.other_id = rates.submission_id
    group by earlier.submission_id, rates.indicator_code
),
pooled as (
    select past.submission_id, {_pooled("all")}, {_pooled("season")}
    from past
    inner join seed.indicators as indicator on past.indicator_code = indicator.code and indicator.value_type = 'count'
    inner join audit.rule_place as place on past.submission_id = place.submission_id
    group by past.submission_id
)
select here.*, past.* exclude (submission_id, indicator_code), pooled.all_pooled, pooled.season_pooled, place.day_count
from here
inner join past on here.submission_id = past.submission_id and here.indicator_code = past.indicator_code
left join pooled on here.submission_id = pooled.submission_id
inner join audit.rule_place as place on here.submission_id = place.submission_id
"""


def near(rule: Rule) -> CaseRule:
    """Shares near those of the peers (same period, same level), or near the agency's own earlier ones."""
    return _near(rule, "percent", "round(greatest({0}, 0), 2)")


def per_day_near(rule: Rule) -> CaseRule:
    """Flows per day near the agency's own earlier ones."""
    return _near(rule, "count", f"round({_figure_of('{0}')})")


def _near(rule: Rule, value_type: str, as_figure: str) -> CaseRule:
    """``as_figure`` turns a rate back into the figure that a person would report."""
    limit = rule.right
    assert isinstance(limit, Deviation)  # noqa: S101 - rules.py checked the shape
    count, middle, spread, pooled = "other_count", "middle", "spread", "null"
    whose = "các cơ quan cùng cấp"
    if limit.of == "its own history":
        season = f"season_count >= {limit.minimum}"
        count, middle, spread, pooled = (
            f"case when {season} then season_{name} else all_{name} end"
            for name in ("count", "middle", "spread", "pooled")
        )
        whose = "các kỳ trước"
    own = f"{_NORMAL} * ({spread})"
    if value_type == "percent":
        scale = f"greatest({own}, {plain(limit.scale)})"
    else:
        scale = (
            f"sqrt((({count}) * ({own}) ** 2 + {_POOLED_WEIGHT} * coalesce({pooled}, {own}) ** 2)"
            f" / (({count}) + {_POOLED_WEIGHT}))"
        )
        # A count of n scatters by its square root besides, whoever counts: by 1 / sqrt(n) on the logarithmic scale.
        scale = f"sqrt(greatest({scale}, {plain(limit.scale)}) ** 2 + 1 / ({_figure_of(middle)} + 1))"
    reach = f"{plain(limit.limit)} * {scale}"
    ends = [as_figure.format(f"({middle}) {sign} {reach}") for sign in "-+"]
    if value_type == "percent":
        ends[1] = f"least({ends[1]}, 100)"
    return CaseRule(
        rule=rule,
        source="audit.rule_peer" if limit.of == "peers" else "audit.rule_history",
        evaluated=f"value_type = '{value_type}' and {count} >= {limit.minimum}",
        broken=f"abs(rate - ({middle})) > {reach} + {literal(rule.tolerance)}",
        position="form_row",
        left_value="value",
        right_value=as_figure.format(middle),
        left_text="indicator_code || ' = ' || number_text(value)",
        right_text=(
            f"'{whose} thường từ ' || number_text({ends[0]}) || ' đến ' || number_text({ends[1]})"
            f" || ', trung vị ' || number_text({as_figure.format(middle)})"
        ),
    )
