"""The steps of the night, one function each: what ``dags/nightly_load.py`` wires together.

Each takes the night's date and the settings, calls one room, and gives back counts and paths (what Airflow keeps as XCom
and the run's record keeps as facts). Rooms are imported inside, so that the DAG file loads at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cchc.access import edoc_access, portal_access
from cchc.kept_secret import kept_secret
from cchc.lineage import remember_task
from cchc.settings import Settings, load_settings
from cchc.steps import DOORS, STEPS, Facts, RunRecord, StepError, door_failure

if TYPE_CHECKING:
    from ingestion.landing import Landing
    from ingestion.sources.result import PullResult

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
#: Sunday, as ``date.weekday`` counts: the night whose data tests read whole tables (docs/decisions/012), and whose published
#: file is written whole (docs/decisions/032).
WHOLE_WEEKDAY = 6

SKIPPED_PORTAL = "CCHC_PORTAL_URL is empty and no stand-in is wanted: the portal is skipped"
SKIPPED_EDOC = "CCHC_EDOC_URL is empty and no stand-in is wanted: the e-document system is skipped"


def now() -> datetime:
    """The wall clock, local. Used only for columns that say when something was done."""
    return datetime.now(LOCAL)


def night_of(context: Mapping[str, Any]) -> date:
    """The night that a DAG run is about: its parameter ``night``, else the local date on which its data interval ends,
    else (triggered without a date) the local date after which it was to run."""
    if asked := (context.get("params") or {}).get("night"):
        return date.fromisoformat(str(asked))
    moment = context.get("data_interval_end") or context["dag_run"].run_after
    local: datetime = moment.astimezone(LOCAL)
    return date(local.year, local.month, local.day)  # Airflow's own kind of date is no plain one to every encoder


def run_step(step: str, context: Mapping[str, Any]) -> Facts:
    """Run one step of the night inside an Airflow task, and write it down in the run's record."""
    settings = load_settings()
    night = night_of(context)
    remember_task(settings, context)
    record = run_record(settings, str((context["dag_run"].conf or {}).get("record") or context["run_id"]))
    body = BODIES[step]
    return record.run(step, lambda: body(night, settings, record), now=now)


def run_record(settings: Settings, run_id: str) -> RunRecord:
    return RunRecord(settings.airflow_path / "steps", run_id)


# The four doors --------------------------------------------------------------------------------------------------------


def pull_portal_submissions(night: date, settings: Settings, _: RunRecord) -> Facts:
    from ingestion.sources.portal import pull_submissions

    if not settings.portal_url:
        return {"skipped": SKIPPED_PORTAL}
    with _landing(settings) as landing:
        return _pulled(pull_submissions(portal_access(settings), landing, night=night, now=now))


def pull_portal_dossiers(night: date, settings: Settings, _: RunRecord) -> Facts:
    from ingestion.sources.portal import pull_dossiers

    if not settings.portal_url:
        return {"skipped": SKIPPED_PORTAL}
    with _landing(settings) as landing:
        access = portal_access(settings)
        return _pulled(pull_dossiers(access, landing, night=night, now=now, pseudonym_key=pseudonym_key(settings)))


def pull_edocuments(night: date, settings: Settings, _: RunRecord) -> Facts:
    from ingestion.raw.attachments import judge
    from ingestion.reference import load_catalogue
    from ingestion.sources.edoc import pull_messages
    from ingestion.sources.outgoing import pull_outgoing

    if not settings.edoc_url:
        return {"skipped": SKIPPED_EDOC}
    access = edoc_access(settings)
    catalogue = load_catalogue(settings.seeds_path)
    with _landing(settings) as landing:
        messages = pull_messages(
            access, landing, night=night, now=now, judge=lambda message: judge(message, catalogue, settings.limits)
        )
        outgoing = pull_outgoing(access, landing, night=night, now=now)
    return _pulled(messages) | {"outgoing": _pulled(outgoing)}


def collect_drops(night: date, settings: Settings, _: RunRecord) -> Facts:
    from ingestion.sources.drops import collect

    settings.drops_path.mkdir(parents=True, exist_ok=True)
    with _landing(settings) as landing:
        result = collect(
            landing,
            inbox=settings.drops_path,
            refused=settings.drops_refused_path,
            night=night,
            now=now,
            limits=settings.limits,
        )
    return _pulled(result) | {"inbox": str(settings.drops_path)}


# From landing to the marts ---------------------------------------------------------------------------------------------


def load_raw(night: date, settings: Settings, _: RunRecord) -> Facts:
    from ingestion.raw.load import load_raw as load
    from ingestion.raw.reading import ReadingPlan
    from ingestion.reference import load_catalogue

    with _landing(settings) as landing:
        result = load(
            landing,
            warehouse=settings.warehouse_path,
            catalogue=load_catalogue(settings.seeds_path),
            refused=settings.drops_refused_path,
            night=night,
            now=now,
            reading=ReadingPlan(settings.limits, settings.reading_processes, settings.layouts_path),
        )
    return asdict(result)


def build(night: date, settings: Settings, _: RunRecord) -> Facts:
    from cchc.transform import dbt_build
    from expectations.gate import ensure_tables
    from state.warehouse import open_warehouse

    with open_warehouse(settings.warehouse_path) as connection:
        ensure_tables(connection)
    return dbt_build(
        settings,
        "--exclude",
        "source:audit+",
        is_after_gate=False,
        is_whole_tested=night.weekday() == WHOLE_WEEKDAY,
    )


def gate(night: date, settings: Settings, record: RunRecord) -> Facts:
    from expectations.gate import run_gate
    from expectations.repair.propose import propose_repairs

    result = run_gate(
        settings.warehouse_path,
        night=night,
        context_root=settings.gate_path,
        now=now,
        lost_sources=lost_sources(record),
        read_streams=read_streams(record),
        quiet_nights=settings.quiet_nights,
        kept_runs=settings.gate_kept_runs,
    )
    facts = asdict(result)
    if not result.is_passed:
        raise StepError("publication stopped: " + "; ".join(result.structural_failures), facts)
    return facts | {"repairs": asdict(propose_repairs(settings.warehouse_path, night=night))}


def build_marts(night: date, settings: Settings, _: RunRecord) -> Facts:
    from cchc.transform import dbt_build

    return dbt_build(
        settings,
        "--select",
        "source:audit+",
        is_after_gate=True,
        is_whole_tested=night.weekday() == WHOLE_WEEKDAY,
    )


def publish(night: date, settings: Settings, _: RunRecord) -> Facts:
    from cchc.publication import publish_night

    return publish_night(settings, night, now=now, is_whole=night.weekday() == WHOLE_WEEKDAY)


def report(night: date, settings: Settings, record: RunRecord) -> Facts:
    from cchc.telling import tell

    steps = record.steps()
    gate_facts = steps["gate"].facts if "gate" in steps else {}
    broken = list(gate_facts.get("structural_failures", ()))
    if not broken:
        broken = [f"Bước «{told.step}» bị lỗi: {told.failure}" for told in steps.values() if told.failure]
    docs = settings.data_docs_url or str(gate_facts.get("docs_path") or "")
    return tell(settings, night, broken, docs=docs, now=now)


def conclude(night: date, settings: Settings, record: RunRecord) -> Facts:
    """Write the night's summary and its metrics, and fail when a step failed or was never begun."""
    from cchc.metrics import write_metrics
    from cchc.summary import summarise, write_summary

    summary = summarise(settings, night, record)
    path = write_summary(settings, summary)
    write_metrics(settings, summary, now=now())
    steps = record.steps()
    failed = [step for step in STEPS if step not in steps or steps[step].failure]
    if failed:
        first = steps.get(failed[0])
        raise StepError(f"{failed[0]}: {first.failure if first else 'was never begun'}", {"path": str(path)})
    return {"path": str(path)}


# Inside ----------------------------------------------------------------------------------------------------------------


def lost_sources(record: RunRecord) -> list[str]:
    """A Vietnamese sentence, with what to do, on each door that failed and gave nothing in this run."""
    remedy = "Việc cần làm: kiểm tra địa chỉ và tài khoản của nguồn, báo đơn vị vận hành, rồi chạy lại đêm này"
    lost = []
    steps = record.steps()
    for step, name in DOORS.items():
        told = steps.get(step)
        if told is None:
            lost.append(f"{name}: không được đọc. {remedy}")
        elif told.failure:
            lost.append(f"{name}: {told.failure.rstrip('.')}. {remedy}")
        elif (failure := door_failure(told.facts)) and not told.facts["landed_count"] + told.facts["unchanged_count"]:
            lost.append(f"{name}: {failure.rstrip('.')}. {remedy}")
    return lost


def read_streams(record: RunRecord) -> list[str]:
    """The streams (``expectations.volume``) whose sources were read to their end in this run, not skipped by the settings."""
    read: dict[str, bool] = {}
    for step, told in record.steps().items():
        if step in DOORS:
            facts = told.facts
            read[step] = not (told.failure or facts.get("skipped") or door_failure(facts))
    streams = {"dossiers": read.get("pull_portal_dossiers"), "outgoing_documents": read.get("pull_edocuments")}
    return [stream for stream, is_read in (streams | {"forms": any(read.values())}).items() if is_read]


def pseudonym_key(settings: Settings) -> bytes:
    """The key under which personal numbers of a dossier are replaced before landing.

    ``CCHC_PSEUDONYM_KEY``, else one made once and kept beside the landing zone, readable by its owner alone. With another
    key a person's dossiers no longer meet.
    """
    if given := settings.pseudonym_key.get_secret_value():
        return hashlib.sha256(given.encode()).digest()
    path = settings.landing_path / "pseudonym.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return bytes.fromhex(kept_secret(path))


def _landing(settings: Settings) -> Landing:
    from ingestion.landing import Landing

    return Landing(settings.landing_path)


def _pulled(result: PullResult) -> Facts:
    return asdict(result)


BODIES: dict[str, Callable[[date, Settings, RunRecord], Facts]] = {
    body.__name__: body
    for body in (
        pull_portal_submissions,
        pull_portal_dossiers,
        pull_edocuments,
        collect_drops,
        load_raw,
        build,
        gate,
        build_marts,
        publish,
        report,
        conclude,
    )
}
