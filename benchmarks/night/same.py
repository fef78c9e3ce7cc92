"""What every contender must give, row by row: figures with their standing, the province's summary, reporting rates, failed
rules by report, dossiers by agency and month."""

from __future__ import annotations

from pathlib import Path

import duckdb

_FIGURES = """
select agency_code, period_code, indicator_code, source, revision, cast(value as decimal(20, 6)) as value, note,
    cast(ratio_numerator as decimal(20, 6)) as ratio_numerator,
    cast(ratio_denominator as decimal(20, 6)) as ratio_denominator,
    observation_status, quality_status, is_current, cast(received_at as timestamp) as received_at, night_on
from {schema}.fct_indicator_value
"""
_SUMMARY = """
select period_code, indicator_code, value_type, aggregation, cast(value as decimal(38, 6)) as value, value_basis,
    cast(numerator as decimal(38, 6)) as numerator, cast(denominator as decimal(38, 6)) as denominator,
    yes_count, no_count, choice_counts, agencies_expected_count, agencies_reported_count, agencies_accepted_count,
    agencies_quarantined_count, agencies_with_quarantined_revision_count, agencies_answered_count,
    agencies_with_value_count, agencies_with_ratio_count, doubtful_count
from {schema}.mart_province_summary
"""
_RATES = """
select agency_code, period_code, due_on, is_received, is_on_time, status, revision,
    cast(received_at as timestamp) as received_at, submission_count, quarantined_submission_count,
    mandatory_line_count, answered_mandatory_line_count, cast(complete_percent as decimal(38, 2)) as complete_percent
from {schema}.mart_reporting_rate
"""
_FAILED = """
select submissions.agency_code, submissions.period_code, submissions.source, submissions.revision, results.rule_id
from {results} as results
inner join {schema}.fct_submission as submissions on results.submission_id = submissions.submission_id
where results.outcome = 'failed'
"""
_THEIR_DOSSIERS = "select agency_code, month, state_number, dossier_count from {schema}.mart_dossier_month"
_OUR_DOSSIERS = """
select agency_code, coalesce(strftime(received_at, '%Y%m'), '') as month, state_number, count(*) as dossier_count
from {schema}.fct_dossier group by all
"""
_OUR_FAILED = _FAILED + " and results.rule_id in ({rules})"


def their_results(schema: str) -> dict[str, str]:
    """A peer's answers as queries, by name."""
    told = {
        "figures": _FIGURES,
        "summary": _SUMMARY,
        "rates": _RATES,
        "failed rules": _FAILED,
        "dossiers": _THEIR_DOSSIERS,
    }
    return {name: query.format(schema=schema, results="audit.rule_result") for name, query in told.items()}


def our_results(rules: list[str]) -> dict[str, str]:
    """Ours; ``rules`` are those that the peers check."""
    told = {
        "figures": _FIGURES,
        "summary": _SUMMARY,
        "rates": _RATES,
        "failed rules": _OUR_FAILED,
        "dossiers": _OUR_DOSSIERS,
    }
    quoted = ", ".join(f"'{rule}'" for rule in rules)
    return {
        name: query.format(schema="mart", results="mart.fct_rule_result", rules=quoted) for name, query in told.items()
    }


def other_failures(warehouse: Path, rules: list[str]) -> list[tuple[str, int]]:
    """Error rules that failed in ours and that the peers don't check: they would put other reports into quarantine."""
    quoted = ", ".join(f"'{rule}'" for rule in rules)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select rule_id, count(*) from mart.fct_rule_result"
            f" where outcome = 'failed' and severity = 'error' and rule_id not in ({quoted}) group by all order by all"
        ).fetchall()


def keep_duckdb(warehouse: Path, queries: dict[str, str], folder: Path) -> None:
    """The answers of a DuckDB file as Parquet files, one an answer."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for name, query in queries.items():
            connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")


def differences(ours: Path, theirs: Path) -> tuple[dict[str, int], list[str]]:
    """Rows by answer, and a sentence on each answer that is not the same."""
    counts, wrong = {}, []
    with duckdb.connect() as connection:
        for path in sorted(ours.glob("*.parquet")):
            columns = connection.execute(f"describe from '{path}'").fetchall()
            typed = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind, *_ in columns)
            (other,) = theirs.glob(f"{path.stem}.*")
            read = (
                f"'{other}'"
                if other.suffix == ".parquet"
                else f"read_csv('{other}', all_varchar = true, nullstr = '\\N')"
            )
            both = f"select {typed} from '{path}'", f"select {typed} from {read}"
            ((counts[path.stem],),) = connection.execute(f"select count(*) from ({both[0]})").fetchall()
            for word, one, another in (("only ours", *both), ("only theirs", *reversed(both))):
                rows = connection.execute(f"({one}) except all ({another})").fetchall()
                if rows:
                    wrong.append(f"{path.stem}: {len(rows)} rows {word}, e.g. {rows[0]}")
    return counts, wrong
