"""Six years of sound reports of thirty agencies, made from one seed number, and the outliers planted in them.

Only what the rules on an agency's own history look at is made: every flow, stock and share of the form. Flows are counts
(overdispersed, with the agency's own level, seasons and a trend) that add up over the year; stocks drift; shares are counted
of the agency's own number of cases. The relations among lines do not hold here: the rule table has the history's rules alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from expectations.compiler import read_rule_book
from expectations.standing import clear, prepare
from tests.expectations.gate_warehouses import make_warehouse

HISTORY_RULES = ("O-02", "O-03", "T-02")
FIRST_YEAR, YEARS = 2019, 6
#: The quarters that each period is a sum of.
_QUARTERS = {"Q1": (0,), "H1": (0, 1), "Q3": (2,), "": (0, 1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Rate:
    """Submissions that a rule looked at, those it warned of; planted outliers of its kind, those it found."""

    looked: int
    warned: int
    planted: int
    found: int


def history_rates(folder: Path, seed: int) -> dict[str, Rate]:
    """How often each rule warns on the sound years, and how many of the outliers planted in the last report it finds."""
    warehouse = make_warehouse(folder / "history.duckdb", [])
    random = np.random.default_rng(seed)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"delete from seed.rules where rule_id not in {HISTORY_RULES}")
        agencies = [
            row[0]
            for row in connection.execute(
                "select agency_code from seed.agencies where level in ('department', 'district') order by 1 limit 30"
            ).fetchall()
        ]
        lines = connection.execute(
            "select code, value_type, measure from seed.indicators where value_type = 'count' and measure in ('flow', 'stock')"
            " or value_type = 'percent' and is_share_of_whole = '1' order by code"
        ).fetchall()
        figures = {
            (agency, code): _years(kind, measure, random) for agency in agencies for code, kind, measure in lines
        }
        _insert(connection, figures)
        sound = _warned(connection)
        planted = _plant(connection, figures, agencies, lines, random)
        found = _warned(connection)
    return {
        rule: Rate(
            looked=sound[rule][0],
            warned=len(sound[rule][1]),
            planted=len(planted[rule]),
            found=len(planted[rule] & (found[rule][1] - sound[rule][1])),
        )
        for rule in HISTORY_RULES
    }


def _years(kind: str, measure: str, random: np.random.Generator) -> dict[str, Decimal]:
    """One line of one agency over all periods."""
    made: dict[str, Decimal] = {}
    level, trend = random.lognormal(2.5, 1.5), random.normal(0, 0.08)
    season = random.lognormal(0, 0.25, 4)
    cases, share = int(random.integers(20, 400)), random.beta(18, 1.5)
    stock = max(1, round(level))
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        mean = level * np.exp(trend * (year - FIRST_YEAR)) * season
        quarters = random.poisson(mean * random.gamma(8, 1 / 8, 4))
        share = float(np.clip(share + random.normal(0, 0.02), 0.3, 1))
        stock = max(1, stock + round(random.normal(0, 0.07 * stock + 0.4)))
        for name, parts in _QUARTERS.items():
            period = f"{year}-{name}" if name else str(year)
            if kind == "percent":
                made[period] = Decimal(round(100 * int(random.binomial(cases, share)) / cases, 2)).quantize(
                    Decimal("0.01")
                )
            else:
                made[period] = Decimal(stock if measure == "stock" else int(sum(quarters[part] for part in parts)))
    return made


def _insert(connection: duckdb.DuckDBPyConnection, figures: dict[tuple[str, str], dict[str, Decimal]]) -> None:
    rows = [
        (agency, code, period, value) for (agency, code), years in figures.items() for period, value in years.items()
    ]
    names = ("agency_code", "indicator_code", "period_code", "value")
    table = pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
    connection.register("made", table)
    connection.execute(
        """
        insert into raw.submission by name
        select agency_code || ' ' || period_code as submission_id, 'portal' as source, submission_id as door_id, agency_code,
            'so-2021' as form_code, period_code, 1 as revision, 'typed' as reading, timestamp '2021-12-17' as received_at,
            date '2021-12-20' as night_on, 'page' as locator, repeat('0', 64) as sha256, repeat('0', 64) as content_sha256,
            row_number() over (order by agency_code, period_code) as landed_id
        from (select distinct agency_code, period_code from made);
        insert into intermediate.int_submission_line by name
        select agency_code || ' ' || period_code as submission_id, agency_code, period_code, 'so-2021' as form_code,
            'portal' as source, 1 as revision, indicator_code, cast(value as decimal(20, 6)) as value,
            cast(value as varchar) as value_text, '' as note, 'reported' as observation_status, 0 as document_count,
            'page' as source_locator
        from made
        """
    )
    connection.unregister("made")


def _plant(
    connection: duckdb.DuckDBPyConnection,
    figures: dict[tuple[str, str], dict[str, Decimal]],
    agencies: list[str],
    lines: list[tuple[str, str, str]],
    random: np.random.Generator,
) -> dict[str, set[str]]:
    """One wrong figure in each agency's last report, in turn: ten times the flow, a share of which half is lost, three times
    the stock. Flows below 20 and stocks below 6 are left alone: ten instead of one is no outlier."""
    last = str(FIRST_YEAR + YEARS - 1)
    planted: dict[str, set[str]] = {rule: set() for rule in HISTORY_RULES}
    kinds = {
        "O-02": ("percent", "flow", Decimal("0.5"), 0), "O-03": ("count", "flow", Decimal(10), 20),
        "T-02": ("count", "stock", Decimal(3), 6),
    }  # fmt: skip
    for place, agency in enumerate(agencies):
        rule = HISTORY_RULES[place % len(HISTORY_RULES)]
        kind, measure, factor, least = kinds[rule]
        codes = [
            code
            for code, value_type, of in lines
            if value_type == kind and (kind == "percent" or of == measure) and figures[agency, code][last] >= least
        ]
        code = codes[int(random.integers(len(codes)))]
        connection.execute(
            "update intermediate.int_submission_line set value = round(value * ?, 2)"
            " where submission_id = ? and indicator_code = ?",
            [factor, f"{agency} {last}", code],
        )
        planted[rule].add(f"{agency} {last}")
    return planted


def _warned(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, set[str]]]:
    book = read_rule_book(connection)
    prepare(connection, book)
    told = {}
    for rule in book.cases:
        looked = connection.execute(
            f"select count(distinct submission_id) from {rule.source} where {rule.evaluated}"
        ).fetchall()[0][0]
        broken = connection.execute(rule.check.format(batch="audit.rule_operand")).fetchall()
        told[rule.rule.rule_id] = (int(looked), {row[0] for row in broken})
    clear(connection)
    return told
