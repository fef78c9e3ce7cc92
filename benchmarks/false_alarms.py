"""How often each rule fails where nothing is wrong, and which of the planted outliers are found.

python -m benchmarks.false_alarms --seeds 3
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from dataclasses import astuple
from pathlib import Path

import duckdb

from benchmarks.quality_history import history_rates
from expectations.compiler import RuleBook, read_rule_book
from expectations.sql import CompiledRule
from expectations.standing import clear, prepare
from tests.expectations.gate_provinces import make_province


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    print_false_alarms(parser.parse_args().seeds)


def print_false_alarms(seeds: int) -> None:
    """Clean provinces under all rules, then sound histories under those that look at an agency's own."""
    failed: Counter[str] = Counter()
    evaluated: Counter[str] = Counter()
    for seed in range(1, seeds + 1):
        with (
            tempfile.TemporaryDirectory() as folder,
            duckdb.connect(str(make_province(Path(folder), seed=seed))) as connection,
        ):
            book = read_rule_book(connection)
            prepare(connection, book)
            for rule_id, looked, broken in _counted(connection, book):
                evaluated[rule_id] += looked
                failed[rule_id] += broken
            clear(connection)
    print(f"false alarms on {seeds} clean provinces, submissions warned of those looked at:")
    for rule_id in sorted(evaluated):
        print(f"  {rule_id}  {_rate(failed[rule_id], evaluated[rule_id])}")
    totals: dict[str, Counter[str]] = {}
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            for rule_id, rate in history_rates(Path(folder), seed).items():
                names = ("looked", "warned", "planted", "found")
                totals.setdefault(rule_id, Counter()).update(dict(zip(names, astuple(rate), strict=True)))
    print(f"on {seeds} histories of six sound years, and the outliers planted in their last reports:")
    for rule_id, total in totals.items():
        print(f"  {rule_id}  {_rate(total['warned'], total['looked'])}, found {total['found']} of {total['planted']}")


def _counted(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> list[tuple[str, int, int]]:
    """Each rule with how many submissions it looked at, and how many broke it."""
    counted = []
    for rule in book.all:
        if isinstance(rule, CompiledRule):
            looked = f"select count(*) from audit.rule_operand where {rule.outcome_name} <> 'not_evaluated'"
        else:
            looked = f"select count(distinct submission_id) from {rule.source} where {rule.evaluated}"
        broken = f"select count(*) from ({rule.check.format(batch='audit.rule_operand')}) as broken"
        (row,) = connection.execute(f"select ({looked}), ({broken})").fetchall()
        counted.append((rule.rule.rule_id, *row))
    return counted


def _rate(failed: int, evaluated: int) -> str:
    return f"{failed} of {evaluated}  {100 * failed / evaluated:.2f} %" if evaluated else "not evaluated"


if __name__ == "__main__":
    main()
