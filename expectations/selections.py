"""Rules over many lines at once, chosen by what they are: shares within bounds, shares that some whole number gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from expectations.catalogue import Catalogue
from expectations.expression import Range
from expectations.rules import Rule
from expectations.sql import SCALE, Column, CompiledRule, literal, plain, quotient, whole
from expectations.units import KNOWN_DENOMINATORS


@dataclass(frozen=True, slots=True)
class _Case:
    """One line of a rule over many: whether it was looked at, whether it breaks the rule, and the sides then."""

    evaluated: str
    broken: str
    severity: str
    left: str
    right: str
    left_text: str
    right_text: str


def between(rule: Rule, catalogue: Catalogue) -> CompiledRule:
    """Closed shares outside the range break the rule as it says; shares against a plan above it only warn."""
    limits = rule.right
    assert isinstance(limits, Range)  # noqa: S101 - rules.py checked the shape
    low, high = literal(limits.low - rule.tolerance), literal(limits.high + rule.tolerance)
    bounds = f"'từ {plain(limits.low)} đến {plain(limits.high)}'"
    closed = [Column(code, "value") for code in catalogue.closed_percents]
    planned = [Column(code, "value") for code in catalogue.plan_percents]

    def case(column: Column, broken: str, severity: str, bound: Decimal) -> _Case:
        return _Case(
            evaluated=f"{column.name} is not null",
            broken=f"coalesce({broken}, false)",
            severity=severity,
            left=column.name,
            right=literal(bound),
            left_text=f"'{column.code} = ' || number_text({column.name})",
            right_text=bounds,
        )

    cases: list[_Case] = []
    for column in closed:
        cases.append(case(column, f"{column.name} < {low}", rule.severity, limits.low))
        cases.append(case(column, f"{column.name} > {high}", rule.severity, limits.high))
    cases += [case(column, f"{column.name} < {low}", rule.severity, limits.low) for column in planned]
    cases += [case(column, f"{column.name} > {high}", "warning", limits.high) for column in planned]
    return replace(_many(rule, frozenset([*closed, *planned]), cases), right_text=bounds, passed_right_text=bounds)


def integral(rule: Rule) -> CompiledRule:
    """Some whole number of cases must give the share, to the decimals in which it was reported.

    100 k / N lies within half a unit of the last reported decimal; in whole numbers, with p and N times 10^6:
    the distance of p N to the next multiple of 10^14, doubled and times 10^decimals, is at most N 10^6.
    """
    columns: set[Column] = set()
    cases: list[_Case] = []
    for share_code, total_code in KNOWN_DENOMINATORS.items():
        share, total = Column(share_code, "value"), Column(total_code, "value")
        decimals = Column(share_code, "decimals")
        columns |= {share, total, decimals}
        is_total_whole = f"{total.name} > 0 and {total.name} = floor({total.name})"
        evaluated = f"coalesce({share.name} between 0 and 100 and {is_total_whole}, false)"
        product, step = f"({whole(share.name)} * {whole(total.name)})", 100 * SCALE * SCALE
        distance = f"least({product} % {step}, {step} - {product} % {step})"
        power = f"cast(list_extract([1, 10, 100, 1000, 10000, 100000, 1000000], {decimals.name} + 1) as hugeint)"
        nearest_count = f"(({product} + {step // 2}) // {step})"
        nearest = quotient(Decimal(100), nearest_count, total.name)
        cases.append(
            _Case(
                evaluated=evaluated,
                # CASE, not AND: what is not evaluated may be too large to multiply.
                broken=f"case when {evaluated} then 2 * {distance} * {power} > {whole(total.name)} * {SCALE} else false end",
                severity=rule.severity,
                left=share.name,
                right=nearest,
                left_text=f"'{share_code} = ' || number_text({share.name})",
                right_text=(
                    f"'{total_code} = ' || number_text({total.name}) || '; gần nhất ' || number_text({nearest_count})"
                    f" || '/' || number_text({total.name}) || ' = ' || number_text(round({nearest}, 2)) || '%'"
                ),
            )
        )
    return _many(rule, frozenset(columns), cases)


def _many(rule: Rule, columns: frozenset[Column], cases: list[_Case]) -> CompiledRule:
    """Failed when one line breaks it; the sides are those of the first such line, errors before warnings."""

    def first(attribute: str, otherwise: str) -> str:
        whens = " ".join(f"when {case.broken} then {getattr(case, attribute)}" for case in cases)
        return f"case {whens} else {otherwise} end"

    def all_broken(attribute: str) -> str:
        texts = ", ".join(f"case when {case.broken} then {getattr(case, attribute)} end" for case in cases)
        return f"coalesce(array_to_string([{texts}], '; '), '')"

    severities = " ".join(f"when {case.broken} then '{case.severity}'" for case in cases)
    return CompiledRule(
        rule=rule,
        columns=columns,
        outcome=(
            f"case when {' or '.join(case.broken for case in cases)} then 'failed'"
            f" when {' or '.join(case.evaluated for case in cases)} then 'passed' else 'not_evaluated' end"
        ),
        severity=f"case {severities} else '{rule.severity}' end",
        left_value=f"cast({first('left', 'null')} as decimal(20, 6))",
        right_value=f"cast({first('right', 'null')} as decimal(20, 6))",
        left_text=all_broken("left_text"),
        right_text=all_broken("right_text"),
        passed_right_text="''",
    )
