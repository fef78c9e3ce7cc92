"""What the page tells about one period, asked from the published file: every figure stands as a mart has it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict

import duckdb

from publishing.units import english_unit


class Table(TypedDict):
    """A query's answer; rows in the order of the columns, so that a name is written once and not with every row."""

    columns: list[str]
    rows: list[list[Any]]


Facts = dict[str, Table]

# How many periods of the agencies' own history the page carries, back from its own; the province's is carried whole.
AGENCY_HISTORY_PERIODS = 8

_QUERIES = {
    "period": """
        select period_code, label_vi, year, kind, data_from, data_to, due_on,
            (select max(night_on) from mart.fct_submission) as night_on
        from mart.dim_period where period_code = $period
    """,
    "coverage": """
        select
            count(*) filter (where is_expected) as expected_count,
            count(*) filter (where is_expected and is_received) as received_count,
            count(*) filter (where is_expected and status = 'accepted') as accepted_count,
            count(*) filter (where is_expected and status = 'quarantined') as quarantined_count,
            count(*) filter (where is_expected and is_on_time) as on_time_count,
            count(*) filter (where is_expected and status = 'accepted' and quarantined_submission_count > 0)
                as quarantined_revision_count
        from mart.mart_reporting_rate where period_code = $period
    """,
    "lines": """
        select indicator_code as code, section_code as section, label_vi, coalesce(label_en, label_vi) as label_en,
            unit_vi as unit, value_type as type, is_answerable, choices
        from mart.dim_indicator where indicator_code <> 'unknown' order by form_row
    """,
    "agencies": """
        select rate.agency_code as code, agency.name_vi as name, agency.level, rate.status,
            rate.is_received, rate.is_on_time, rate.complete_percent, rate.revision, rate.source,
            rate.quarantined_submission_count, rate.first_received_at,
            datediff('day', rate.due_on, rate.first_received_at::date) as days_after_due
        from mart.mart_reporting_rate as rate
        inner join mart.dim_agency as agency using (agency_code)
        where rate.period_code = $period and rate.is_expected order by rate.agency_code
    """,
    "province": """
        select summary.indicator_code as line, summary.value, summary.yes_count as yes, summary.no_count as no,
            summary.choice_counts as choices, summary.agencies_answered_count as answered,
            summary.doubtful_count as doubtful, history.previous_period_code as before_period,
            history.previous_value as before, history.change_amount as change, history.is_break
        from mart.mart_province_summary as summary
        left join mart.mart_indicator_history as history
            on history.is_province
            and summary.period_code = history.period_code
            and summary.indicator_code = history.indicator_code
        where summary.period_code = $period
    """,
    "figures": """
        select held.agency_code as agency, held.indicator_code as line, held.value, held.value_text as text, held.note,
            held.observation_status as status, card.year_before_value as before, card.change_amount as change,
            card.peer_rank as rank, card.peer_count as peers, card.peer_median as median
        from mart.fct_indicator_value as held
        inner join mart.mart_reporting_rate as rate
            on held.agency_code = rate.agency_code and held.period_code = rate.period_code and rate.is_expected
        left join mart.mart_agency_scorecard as card
            on held.agency_code = card.agency_code
            and held.period_code = card.period_code
            and held.indicator_code = card.indicator_code
        where held.is_current and held.period_code = $period
        order by held.agency_code, held.line_order
    """,
    "reconciliation": """
        select agency_code as agency, indicator_code as line, reported_value as reported, recorded_value as recorded,
            difference, is_matching
        from mart.mart_reconciliation where period_code = $period order by agency_code, indicator_code
    """,
    "rules": """
        select quality.agency_code as agency, quality.rule_id as rule, quality.severity, rule.message_vi, rule.message_en
        from mart.mart_rule_quality as quality
        inner join mart.dim_rule as rule using (rule_id)
        where quality.period_code = $period and quality.failed_count > 0
        order by quality.agency_code, quality.rule_id
    """,
    "quarantine": """
        select submission_id as submission, agency_code as agency, revision, source, received_at, document_number,
            status_reason
        from mart.fct_submission
        where period_code = $period and status = 'quarantined' order by agency_code, received_at
    """,
    "reasons": """
        select result.submission_id as submission, result.rule_id as rule, rule.message_vi, rule.message_en,
            result.left_text, result.right_text
        from mart.fct_rule_result as result
        inner join mart.fct_submission as held using (submission_id)
        inner join mart.dim_rule as rule using (rule_id)
        where held.period_code = $period and held.status = 'quarantined' and result.outcome = 'failed'
            and result.severity = 'error' and not result.is_waived
        union all
        select outcome.submission_id, null, outcome.reason, outcome.reason, null, null
        from mart.fct_outcome as outcome
        inner join mart.fct_submission as held using (submission_id)
        where held.period_code = $period and held.status = 'quarantined'
            and outcome.step = 'read' and outcome.result = 'error'
        order by 1, 2
    """,
    "history": """
        with told as (
            select period_code, row_number() over (order by data_to desc) as age
            from mart.dim_period
            where data_to <= (select data_to from mart.dim_period where period_code = $period)
        )
        select case when history.is_province then '' else history.agency_code end as agency,
            history.indicator_code as line, history.period_code as period, history.kind, history.data_to as "to",
            history.value, history.series_number as series
        from mart.mart_indicator_history as history
        inner join told using (period_code)
        where history.value is not null and (history.is_province or told.age <= $agency_history_periods)
        order by history.data_to, history.agency_code
    """,
}


class UnknownPeriodError(Exception):
    """Nobody owes a report for the period, or there is no such period; the message lists those that there are."""


def facts_of(connection: duckdb.DuckDBPyConnection, period_code: str) -> Facts:
    """The rows of each query by its name, as JSON's own types. Raises ``UnknownPeriodError``."""
    known = [
        code
        for (code,) in connection.execute(
            "select distinct period_code from mart.mart_reporting_rate where is_expected order by 1"
        ).fetchall()
    ]
    if period_code not in known:
        raise UnknownPeriodError(f"no figures for the period {period_code}; there are: {', '.join(known) or 'none'}")
    given = {"period": period_code, "agency_history_periods": AGENCY_HISTORY_PERIODS}
    facts: Facts = {}
    for name, query in _QUERIES.items():
        answer = connection.execute(query, {key: value for key, value in given.items() if f"${key}" in query})
        facts[name] = {
            "columns": [column[0] for column in answer.description or ()],
            "rows": [[_plain(value) for value in row] for row in answer.fetchall()],
        }
    lines = facts["lines"]
    unit = lines["columns"].index("unit")
    lines["columns"].append("unit_en")
    for row in lines["rows"]:
        row.append(row[unit] and english_unit(row[unit]))
    return facts


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value
