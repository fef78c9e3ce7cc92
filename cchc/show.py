"""A night's summary, and past nights, printed for people: readable without colour, names in Vietnamese as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markup import escape

from cchc.query import as_table
from cchc.steps import Facts, StepRecord, door_failure
from cchc.summary import GOOD_OUTCOMES

QUARANTINED_SHOWN = 10
LINES_SHOWN = 8

_OUTCOMES = {
    "published": "the night ended as designed; new marts are published",
    "unchanged": "the night ended as designed; the marts say the same as before, the published file was kept",
    "stopped": "PUBLICATION STOPPED: what was published before stays",
    "failed": "A STEP FAILED: what was published before stays",
}


def show_step(step: StepRecord, console: Console) -> None:
    """One line: how a step ended, its time, its counts."""
    failure = door_failure(step.facts)
    told = step.failure or failure or step.facts.get("skipped") or step.facts.get("unchanged") or _counts(step)
    mark = "FAILED" if step.failure else "lost" if failure else "ok"
    if step.facts.get("skipped"):
        mark = "skipped"
    colour = {"ok": "green", "skipped": "yellow", "lost": "red", "FAILED": "red"}[mark]
    console.print(f"  [{colour}]{mark:<7}[/] {step.step:<24}{step.seconds or 0:7.1f} s  {escape(_one_line(told))}")


def show_summary(summary: Facts, console: Console) -> None:
    """The whole night."""
    console.print()
    console.print(f"[bold]Summary of the night {summary['night']}[/]")
    if summary["is_nothing_new"]:
        console.print("  Nothing new came by any door.")
    _head(console, "Arrived")
    _table(console, ("door", "new bodies", "seen before", "rows or files", "left out", ""), arrived_rows(summary))
    _head(console, "Read this night")
    if summary["read"]:
        names = ("source", "submissions", "lines", "reported", "doubtful", "unreadable", "blank")
        _table(console, names, [[row[name] for name in names] for row in summary["read"]])
    else:
        console.print("  no new submission")
    _show_quarantine(summary, console)
    _show_problems(summary, console)
    _head(console, "Published")
    published = summary["published"]
    if published:
        word = "replaced" if published["is_replaced"] else "kept, nothing changed"
        console.print(f"  {escape(published['path'])} ({word})")
        _table(console, ("mart", "rows"), sorted(published["row_counts"].items()))
    else:
        console.print("  nothing this night; what was published before stays")
    _head(console, "Quality report")
    _show_report(summary["report"], console)
    _head(console, "Where the time goes")
    _table(console, ("step", "seconds"), _times(summary))
    console.print()
    colour = "green" if summary["outcome"] in GOOD_OUTCOMES else "red"
    console.print(f"[{colour}]Night {summary['night']}: {_OUTCOMES[summary['outcome']]}[/]")
    for step, why in summary["failures"].items():
        console.print(f"  {escape(step)}: {escape(_one_line(why))}")
    if summary["failures"]:
        console.print(f"  log: {escape(summary['log'])}")
    console.print(f"  summary: {escape(summary['path'])}")


def show_runs(runs: Iterable[Facts]) -> None:
    """One row a run."""
    rows = []
    for run in runs:
        arrived = run["arrived"].values()
        rows.append(
            [
                run["night"],
                run["started_at"][:19],
                run["outcome"],
                sum(int(facts.get("landed_count") or 0) for facts in arrived),
                sum(int(row["submissions"]) for row in run["read"]),
                run["quarantined_count"],
                sum((run["published"] or {}).get("row_counts", {}).values()) or None,
                run.get("total_seconds"),
                _report_path(run["report"]) or "",
            ]
        )
    names = (
        "night",
        "started",
        "ended",
        "arrived",
        "submissions",
        "quarantined",
        "published rows",
        "seconds",
        "report",
    )
    Console(soft_wrap=True, highlight=False).print(escape(as_table(names, rows)), end="")


def _show_quarantine(summary: Facts, console: Console) -> None:
    total, new = summary["quarantined_count"], summary["quarantined_new_count"]
    _head(console, f"Quarantined: {total} submissions hold back their figures, {new} of them came this night")
    for row in summary["quarantined"][:QUARANTINED_SHOWN]:
        name = row["agency_name"] or "agency unknown"
        told = f"{row['agency_code'] or '-'} {name}, {row['period_code'] or 'period unknown'}: {row['submission_id']}"
        console.print(f"  {'new ' if row['is_new'] else ''}{told}", markup=False)
        for reason in row["reasons"][:3]:
            sides = f" ({reason['left']} | {reason['right']})" if reason["left"] else ""
            console.print(f"      {reason['code']}: {_one_line(reason['message'])}{sides}", markup=False)
        if len(row["reasons"]) > 3:
            console.print(f"      and {len(row['reasons']) - 3} more")
    if total > QUARANTINED_SHOWN:
        console.print(f"  and {total - QUARANTINED_SHOWN} more: the quality report, or cchc query")
        console.print("  \"select * from mart.fct_submission where status = 'quarantined'\"", markup=False)


def _show_problems(summary: Facts, console: Console) -> None:
    _head(console, f"Not taken in: {len(summary['refused'])}")
    for row in summary["refused"][:LINES_SHOWN]:
        console.print(f"  {row['source']} {row['locator']} ({row['result']}): {_one_line(row['reason'])}", markup=False)
    if len(summary["refused"]) > LINES_SHOWN:
        console.print(f"  and {len(summary['refused']) - LINES_SHOWN} more, in the summary file")
    if summary["problems"]:
        _head(console, "Problems noted while reading")
        for row in summary["problems"][:LINES_SHOWN]:
            told = f"{row['count']:>5} × {row['code']} ({row['source']}, {row['severity']}), e.g. {row['message']}"
            console.print(f"  {_one_line(told)}", markup=False)
        if len(summary["problems"]) > LINES_SHOWN:
            console.print(f"  and {len(summary['problems']) - LINES_SHOWN} more kinds, in the summary file")


def _show_report(report: Facts, console: Console) -> None:
    if not report:
        console.print("  was not made")
    elif report.get("skipped"):
        console.print(f"  {report['skipped']}", markup=False)
    else:
        console.print(f"  {report.get('subject', '')}", markup=False)
        told = {
            "sent to": report["sent_to"],
            "mail was not sent now" if not report["is_sent"] else "note": report["reason"],
            "mail": report["eml_path"],
            "page": report["html_path"],
        }
        for name, value in told.items():
            if value:
                console.print(f"  {name}: {value}", markup=False)


def arrived_rows(summary: Facts) -> list[list[Any]]:
    """What each door brought, one row each, and one for the register behind the axis; the last cell says what went wrong."""
    rows: list[list[Any]] = []
    for name, facts in summary["arrived"].items():
        parts = {name.removeprefix("pull_").removeprefix("collect_"): facts}
        if facts.get("outgoing"):
            parts["register of documents sent"] = facts["outgoing"]
        for door, counts in parts.items():
            word = counts.get("skipped") or counts.get("failure") or ""
            columns = ("landed_count", "unchanged_count", "item_count", "problem_count")
            rows.append([door, *(counts.get(column) for column in columns), _one_line(word)])
    return rows


def _times(summary: Facts) -> list[list[Any]]:
    rows = [[name, f"{seconds:.1f}"] for name, seconds in summary["seconds"].items()]
    rows.append(["Airflow itself", f"{summary['airflow_seconds']:.1f}"])
    rows.append(["total", f"{summary['total_seconds']:.1f}"])
    return rows


def _counts(step: StepRecord) -> str:
    """The numbers among a step's facts, in words: ``landed 12, unchanged 0``."""
    told = [
        f"{name.removesuffix('_count').replace('_', ' ')} {value}"
        for name, value in step.facts.items()
        if isinstance(value, int) and not isinstance(value, bool) and (value or name == "landed_count")
    ]
    return ", ".join(told)


def _report_path(report: Facts) -> str | None:
    return report.get("html_path") or report.get("eml_path")


def _head(console: Console, text: str) -> None:
    console.print(f"[bold]{escape(text)}[/]")


def _table(console: Console, names: Iterable[str], rows: Iterable[Any]) -> None:
    lines = as_table(list(names), [["" if value is None else value for value in row] for row in rows]).splitlines()[:-1]
    for line in lines:
        console.print(f"  {line}".rstrip(), markup=False)


def _one_line(text: str) -> str:
    told = " ".join(str(text).split())
    return told if len(told) <= 160 else told[:159] + "…"
