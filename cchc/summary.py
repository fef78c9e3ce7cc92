"""What one night came to: gathered from the run's record and the warehouse, kept as JSON under ``$CCHC_HOME/reports``.

``reports/<night>/runs/<when>.json`` is one run; ``reports/<night>/summary.json`` the latest run of that night.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cchc.settings import Settings
from cchc.steps import DOORS, STEPS, Facts, RunRecord, StepRecord

if TYPE_CHECKING:
    import duckdb

SHOWN_MAX = 200
#: What a night can come to, and which of it is as designed.
OUTCOMES = ("published", "unchanged", "stopped", "failed")
GOOD_OUTCOMES = ("published", "unchanged")

_READ = """
select source, count(distinct submission_id) as submissions, count(*) as lines,
    count(*) filter (where observation_status = 'reported') as reported,
    count(*) filter (where observation_status = 'doubtful') as doubtful,
    count(*) filter (where observation_status = 'unreadable') as unreadable,
    count(*) filter (where observation_status in ('blank', 'not_applicable')) as blank
from raw.submission join raw.submission_line using (submission_id)
where raw.submission.night_on = $night group by source order by source
"""
_QUARANTINED = f"""
with reasons as (
    select submission_id, rule_id as code, message_vi as message, left_text, right_text
    from mart.fct_rule_result join seed.rules using (rule_id)
    where outcome = 'failed' and fct_rule_result.severity = 'error' and not is_waived
    union all
    select submission_id, code, message, '', '' from raw.problem where severity = 'error' and submission_id is not null
)
select s.submission_id, s.agency_code, a.name_vi as agency_name, s.period_code, s.source, s.night_on = $night as is_new,
    s.source_locator, coalesce(list({{'code': r.code, 'message': r.message, 'left': r.left_text, 'right': r.right_text}}
        order by r.code) filter (where r.code is not null), []) as reasons
from mart.fct_submission as s
left join seed.agencies as a using (agency_code)
left join reasons as r using (submission_id)
where s.status = 'quarantined'
group by all order by is_new desc, s.agency_code, s.period_code, s.submission_id limit {SHOWN_MAX}
"""
_QUARANTINED_COUNT = "select count(*), count(*) filter (where night_on = $night) from mart.fct_submission" + (
    " where status = 'quarantined'"
)
_WAIVED = f"""
select submission_id, rule_id, is_in_force, reason, decided_by, decided_at from raw.waiver
where night_on = $night order by landed_id limit {SHOWN_MAX}
"""
_REFUSED = f"""
select distinct source, step, locator, result, reason from raw.outcome
where night_on = $night and result in ('refused', 'failed') order by source, locator limit {SHOWN_MAX}
"""
_PROBLEMS = """
select source, severity, code, any_value(message) as message, any_value(locator) as locator, count(*) as count
from raw.problem where night_on = $night group by source, severity, code
order by case severity when 'error' then 1 when 'warning' then 2 else 3 end, count desc, code
"""


def summarise(settings: Settings, night: date, record: RunRecord) -> Facts:
    """The run so far, as one JSON object; ``outcome`` is one of ``OUTCOMES``."""
    steps = record.steps()
    gate = steps.get("gate")
    failed = [told for name in STEPS if (told := steps.get(name)) and told.failure]
    if gate and gate.failure and gate.facts:
        outcome = "stopped"
    elif failed or any(name not in steps or not steps[name].has_ended for name in STEPS):
        outcome = "failed"
    else:
        outcome = "published" if steps["publish"].facts["is_replaced"] else "unchanged"
    arrived = {name: steps[name].facts for name in DOORS if name in steps}
    return {
        "night": night.isoformat(),
        "record": record.run_id,
        "started_at": min((told.started_at for told in steps.values()), default=""),
        "outcome": outcome,
        "failures": {told.step: told.failure for told in failed},
        "is_nothing_new": not any(_landed(facts) for facts in arrived.values()),
        "arrived": arrived,
        "loaded": _facts(steps, "load_raw"),
        "gate": _facts(steps, "gate"),
        "published": _facts(steps, "publish"),
        "report": _facts(steps, "report"),
        "seconds": {name: told.seconds for name, told in steps.items() if told.has_ended},
        "slowest_models_seconds": _facts(steps, "build").get("slowest_seconds", {})
        | _facts(steps, "build_marts").get("slowest_seconds", {}),
        **_from_warehouse(settings, night),
    }


def write_summary(settings: Settings, summary: Facts) -> Path:
    """Keep a summary as this run's and as the night's latest; the path of the night's."""
    folder: Path = settings.reports_path / summary["night"]
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    text = json.dumps(summary, ensure_ascii=False, indent=2, default=str) + "\n"
    for path in (
        folder / "runs" / f"{re.sub(r'[^0-9A-Za-z._-]+', '_', summary['record'])}.json",
        folder / "summary.json",
    ):
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    return folder / "summary.json"


def past_runs(settings: Settings) -> list[Facts]:
    """The summaries of all runs of all nights, the latest first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in settings.reports_path.glob("*/runs/*.json")]
    return sorted(found, key=lambda summary: summary["started_at"], reverse=True)


def _from_warehouse(settings: Settings, night: date) -> Facts:
    import duckdb

    nothing: Facts = {
        "read": [],
        "quarantined_count": 0,
        "quarantined_new_count": 0,
        "quarantined": [],
        "waived": [],
        "refused": [],
        "problems": [],
    }
    if not settings.warehouse_path.exists():
        return nothing
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        tables = {
            f"{schema}.{table}"
            for schema, table in connection.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall()
        }
        found = dict(nothing)
        if "raw.submission_line" in tables:
            found["read"] = list(_rows(connection, _READ, night))
            found["refused"] = list(_rows(connection, _REFUSED, night))
            found["problems"] = list(_rows(connection, _PROBLEMS, night))
        if "raw.waiver" in tables:
            found["waived"] = list(_rows(connection, _WAIVED, night))
        if {"mart.fct_submission", "mart.fct_rule_result", "seed.rules", "seed.agencies"} <= tables:
            found["quarantined"] = list(_rows(connection, _QUARANTINED, night))
            found["quarantined_count"], found["quarantined_new_count"] = connection.execute(
                _QUARANTINED_COUNT, {"night": night}
            ).fetchall()[0]
        return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str, night: date) -> Iterator[dict[str, Any]]:
    answer = connection.execute(query, {"night": night} if "$night" in query else None)
    names = [column[0] for column in answer.description or ()]
    for row in answer.fetchall():
        yield dict(zip(names, row, strict=True))


def _facts(steps: dict[str, StepRecord], name: str) -> Facts:
    return steps[name].facts if name in steps else {}


def _landed(facts: Facts) -> int:
    return int(facts.get("landed_count") or 0) + int((facts.get("outgoing") or {}).get("landed_count") or 0)
