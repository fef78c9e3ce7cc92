"""What others take to check the relations of one form, run in .venv-bench-quality by ``bench_quality.py``.

    quality_peers.py gx|gx_kept|soda|idle PARQUET RULES.json

``gx`` checks and lists the failing forms in memory; ``gx_kept`` checks and keeps what the gate does: the structure of the lines
too, a file context, one run of checkpoints, results with every failing form named by submission, Data Docs. ``idle`` only
imports.
The Parquet file has one row a line; the rules come as the two sides' expressions over columns of a frame (``gx``), or as
queries of the failing forms over a table (``soda``). Prints one JSON object: seconds from the file to the last result, imports
aside, of the clock and of CPU, peak memory in MB, failed forms by rule.
"""

import json
import logging
import sys
import tempfile
from functools import partial
from pathlib import Path

from quality_clock import Clock, Spent


def main() -> None:
    peer, parquet, rules = sys.argv[1:4]
    told = json.loads(Path(rules).read_text(encoding="utf-8"))
    logging.disable(logging.ERROR)
    ways = {
        "gx": with_great_expectations,
        "gx_kept": partial(with_great_expectations, is_kept=True),
        "soda": with_soda,
        "idle": idle,
    }
    spent, failed = ways[peer](parquet, told)
    print(json.dumps(spent | {"failed": failed}))


def idle(*_: object) -> tuple[Spent, dict[str, int]]:
    """Great Expectations and pandas imported, and nothing done."""
    import great_expectations  # noqa: F401
    import pandas  # noqa: F401

    clock = Clock()
    clock.start()
    return clock.spent(), {}


def with_great_expectations(parquet: str, told: dict, *, is_kept: bool = False) -> tuple[Spent, dict[str, int]]:
    """Lines to a frame of one row a form; each rule's sides as two columns, checked by one expectation, rows listed."""
    import great_expectations as gx
    import pandas
    from great_expectations.checkpoint.actions import UpdateDataDocsAction
    from great_expectations.data_context.types.base import ProgressBarsConfig

    folder = tempfile.mkdtemp()
    context = gx.get_context(mode="file", project_root_dir=folder) if is_kept else gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    clock = Clock()
    clock.start()
    codes = list(told["known"]) if is_kept else ["indicator_code"]
    lines = pandas.read_parquet(parquet, columns=["submission_id", *codes, "value"])
    lines["value"] = lines["value"].astype(float)
    form = lines.pivot_table(index="submission_id", columns="indicator_code", values="value", aggfunc="max")
    expectations = []
    for rule in told["rules"]:
        sides = {}
        for side in ("left", "right"):
            terms = [(coefficient, code) for coefficient, code in rule[side]]
            total = sum(coefficient * (form[code] if code else 1.0) for coefficient, code in terms)
            sides[side] = f"{rule['rule_id']} {side}"
            form = form.assign(**{sides[side]: total})
        if rule["operator"] == "<=":
            expectation = gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=sides["right"], column_B=sides["left"], or_equal=True, ignore_row_if="either_value_is_missing"
            )
        else:
            expectation = gx.expectations.ExpectColumnPairValuesToBeEqual(
                column_A=sides["left"], column_B=sides["right"], ignore_row_if="either_value_is_missing"
            )
        expectation.meta = {"rule": rule["rule_id"]}
        expectations.append(expectation)
    suite = gx.ExpectationSuite(name="rules", expectations=expectations)
    source = context.data_sources.add_pandas("pandas")
    batch = source.add_dataframe_asset("form").add_batch_definition_whole_dataframe("all")
    if is_kept:
        # A checkpoint passes one frame to all of its suites: a frame each is a checkpoint each.
        structure = gx.ExpectationSuite(name="structure", expectations=_structure(gx, told["known"]))
        owned = lines.groupby("submission_id")
        form["line count"] = owned.size()
        form["owner count"] = owned[["agency_code", "period_code"]].nunique().max(axis="columns")
        for name, value in (("line count", len(told["known"]["indicator_code"])), ("owner count", 1)):
            suite.add_expectation(gx.expectations.ExpectColumnValuesToBeInSet(column=name, value_set=[value]))
        line_batch = source.add_dataframe_asset("lines").add_batch_definition_whole_dataframe("all")
        done = {}
        for one, frame, frame_batch in ((structure, lines, line_batch), (suite, form.reset_index(), batch)):
            definition = gx.ValidationDefinition(name=one.name, data=frame_batch, suite=context.suites.add(one))
            checkpoint = gx.Checkpoint(
                name=one.name,
                validation_definitions=[context.validation_definitions.add(definition)],
                actions=[UpdateDataDocsAction(name="docs")],
                result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["submission_id"]},
            )
            ran = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
            (done[one.name],) = ran.run_results.values()
        if not done["structure"].success:
            raise SystemExit("the structure of the lines is broken")
        result = done["rules"]
    else:
        result = batch.get_batch({"dataframe": form}).validate(suite, result_format="COMPLETE")
    spent = clock.spent()
    rules = [(one.expectation_config.meta or {}, one) for one in result.results]
    if any(not one.success for meta, one in rules if "rule" not in meta):
        raise SystemExit("the forms are not whole")
    return spent, {meta["rule"]: int(one.result["unexpected_count"]) for meta, one in rules if "rule" in meta}


def _structure(gx, known: dict[str, list[str]]) -> list:
    """What the gate checks of the lines first: each stands once, under codes of the catalogue."""
    return [
        gx.expectations.ExpectCompoundColumnsToBeUnique(column_list=["submission_id", "indicator_code"]),
        *(
            gx.expectations.ExpectColumnValuesToBeInSet(column=column, value_set=codes)
            for column, codes in known.items()
        ),
    ]


def with_soda(parquet: str, told: dict) -> tuple[Spent, dict[str, int]]:
    """The lines loaded into DuckDB, one row a form made there; each rule a check by its failing rows."""
    import duckdb
    from soda.scan import Scan

    clock = Clock()
    clock.start()
    connection = duckdb.connect()
    connection.execute(
        f"create table lines as select submission_id, indicator_code, value from read_parquet('{parquet}')"
    )
    connection.execute(told["form"])
    scan = Scan()
    scan.disable_telemetry()
    scan.set_data_source_name("duckdb")
    scan.add_duckdb_connection(connection)
    checks = "".join(
        f"  - failed rows:\n      name: {rule['rule_id']}\n      fail query: |\n        {rule['query']}\n"
        for rule in told["rules"]
    )
    scan.add_sodacl_yaml_str(f"checks for form:\n{checks}")
    scan.execute()
    spent = clock.spent()
    found = {check["name"]: check["diagnostics"]["value"] for check in scan.get_scan_results()["checks"]}
    return spent, {name: int(value) for name, value in found.items()}


if __name__ == "__main__":
    main()
