"""The relations of one form by Great Expectations on a pandas frame, the way its guide shows, failing forms listed and written
to ``audit.rule_result``. ``python gx_check.py WAREHOUSE RULES.json``, in the peers' environment."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig
from plain_rules import Rule, read_rules

LINES = """
select submission.submission_id, line.indicator_code, cast(line.value as double) as value
from landed.{table}__lines as line inner join landed.{table} as submission on line._dlt_parent_id = submission._dlt_id
"""


def main() -> None:
    warehouse, rules = sys.argv[1], read_rules(Path(sys.argv[2]))
    logging.disable(logging.ERROR)
    with duckdb.connect(warehouse) as connection:
        query = LINES.format(table="submission") + " union all " + LINES.format(table="workbook")
        form = connection.execute(query).df().pivot(index="submission_id", columns="indicator_code", values="value")
        failed = check(form, rules)
        connection.register("failed", failed)
        connection.register("looked_at", form.reset_index()[["submission_id"]])
        connection.execute("create schema if not exists audit")
        connection.execute(
            "create or replace table audit.rule_result as"
            " select submission_id, rule_id, severity, 'failed' as outcome from failed"
            " union all select submission_id, 'all', 'info', 'passed' from looked_at"
        )


def check(form: pd.DataFrame, rules: list[Rule]) -> pd.DataFrame:
    """The failed rules by report."""
    sides = {}
    for rule in rules:
        for side in ("left", "right"):
            sides[f"{rule['rule_id']} {side}"] = _total(form, rule, side)
    frame = pd.DataFrame(sides, index=form.index)
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    suite = gx.ExpectationSuite(name="rules", expectations=[_expectation(rule) for rule in rules])
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("form")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame.reset_index()})
    )
    shown: Any = {"result_format": "COMPLETE", "unexpected_index_column_names": ["submission_id"]}
    rows = [
        (found["submission_id"], rule["rule_id"], rule["severity"])
        for rule, one in zip(rules, _in_order(batch.validate(suite, result_format=shown), rules), strict=True)
        for found in one.result["unexpected_index_list"]
    ]
    return pd.DataFrame(rows, columns=["submission_id", "rule_id", "severity"], dtype="str")


def _in_order(validated: Any, rules: list[Rule]) -> list[Any]:
    """The results as the rules stand: Great Expectations sorts them by column."""
    by_rule = {one.expectation_config.meta["rule"]: one for one in validated.results}
    return [by_rule[rule["rule_id"]] for rule in rules]


def _expectation(rule: Rule) -> Any:
    left, right = f"{rule['rule_id']} left", f"{rule['rule_id']} right"
    ignored = "both_values_are_missing" if rule["fails_alone"] else "either_value_is_missing"
    if rule["operator"] == "<=":
        expectation: Any = gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=right, column_B=left, or_equal=True, ignore_row_if=ignored
        )
    else:
        expectation = gx.expectations.ExpectColumnPairValuesToBeEqual(
            column_A=left, column_B=right, ignore_row_if=ignored
        )
    expectation.meta = {"rule": rule["rule_id"]}
    return expectation


def _total(form: pd.DataFrame, rule: Rule, side: str) -> pd.Series:
    """A side's figure; of a sum's addends those left blank are 0 where the rule says so."""
    codes = [code for _, code in rule[side] if code]
    is_filled = rule["is_zero_filled"] and len(codes) > 1
    total = pd.Series(0.0, index=form.index)
    for coefficient, code in rule[side]:
        column = form[code] if code else 1.0
        total += coefficient * (column.fillna(0.0) if is_filled and code else column)
    return total.where(form[codes].notna().any(axis=1)) if is_filled else total


if __name__ == "__main__":
    main()
