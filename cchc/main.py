"""The command line. Thin: it reads what was asked, calls the rooms, prints for people, and gives the exit status.

Exit status: 0 as designed; 1 publication stopped, a step failed, nothing there; 2 wrong usage.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cchc import export, postgres, upkeep
from cchc.edge import Language
from cchc.edge import settings_or_stop as _settings
from cchc.edge import stop as _stop

app = typer.Typer(
    name="cchc",
    help="The nightly warehouse of a province's administrative-reform statistics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(export.app, name="export")
app.add_typer(postgres.app)
app.add_typer(upkeep.app)  # without a name: its commands stand beside the others


@app.command()
def nightly(
    date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The night (local date). Left out: today's, or the stand-ins' own where they play all the doors.",
        ),
    ] = None,
) -> None:
    """Run one night: the DAG by Airflow, from the doors to the published marts and the quality report."""
    from cchc.doors import STAND_IN_NIGHT, missing_doors
    from cchc.night import now
    from cchc.nightly import run_night

    settings = _settings()
    is_played = set(missing_doors(settings)) >= {"portal", "edoc"}
    night = date.date() if date else STAND_IN_NIGHT if is_played else now().date()
    raise typer.Exit(run_night(night, settings))


@app.command()
def read(
    files: Annotated[
        list[Path],
        typer.Argument(help="Reports of any layout: Excel, Word, PDF, scans, text, ZIP; or folders of them."),
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a form (most files hold one).")] = False,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Say why this line was matched, e.g. III.6.1.")
    ] = None,
) -> None:
    """Show what is read from reports. No warehouse is needed. Exit status: 0 every file held a form, 1 one did not."""
    if explain:
        from cchc.explain import explain_line

        raise typer.Exit(explain_line(files, explain, _settings()))
    from cchc.read import read as read_files

    raise typer.Exit(read_files(files, _settings(), as_json=json))


@app.command()
def template(
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The workbook to write.")],
    agency: Annotated[str, typer.Option(help="The agency's code, e.g. H51.03.")],
    period: Annotated[str, typer.Option(help="The period's code: 2022-Q1, 2022-H1, 2022-Q3 or 2022.")],
    filled: Annotated[
        bool, typer.Option("--filled", help="Fill in what the systems of record hold, from the published marts.")
    ] = False,
) -> None:
    """Write the official form for an agency and period, blank or begun, with drop-down lists; it reads back exactly."""
    from cchc.query import NothingPublishedError, QueryError
    from cchc.template import TemplateError
    from cchc.template import template as write

    settings = _settings()
    published = settings.published_path if filled else None
    try:
        count = write(out, agency_code=agency, period_code=period, seeds=settings.seeds_path, published=published)
    except TemplateError as error:
        _stop(str(error), 2)
    except (NothingPublishedError, QueryError, OSError) as error:
        _stop(str(error), 1)
    sys.stdout.write(f"{out}" + (f" ({count} figures filled in)" if filled else "") + "\n")


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="SQL, e.g. 'select * from mart.dim_agency'.")],
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values instead of a table.")] = False,
) -> None:
    """Ask the published marts."""
    from cchc.query import NothingPublishedError, QueryError, as_csv, as_table, ask

    try:
        names, rows = ask(_settings().published_path, sql)
    except NothingPublishedError as error:
        _stop(str(error), 1)
    except QueryError as error:
        _stop(str(error), 2)
    sys.stdout.write(as_csv(names, rows) if csv else as_table(names, rows))


@app.command()
def report(
    out: Annotated[Path, typer.Argument(metavar="OUT.html", help="The page to write.")],
    period: Annotated[str, typer.Option(help="The period's code: 2021, 2021-Q1, 2021-H1 or 2021-Q3.")],
    language: Annotated[
        Language, typer.Option(help="The language it opens in; a button of the page changes it.")
    ] = "vi",
) -> None:
    """Write one self-contained page about a period: charts, tables, each agency beside its peers. Needs no network."""
    from cchc.report import write_report

    write_report(_settings().published_path, period, out, language=language)


@app.command()
def explain(
    agency: Annotated[str, typer.Argument(help="Mã cơ quan, e.g. H51.03 (any identifier of the agency).")],
    period: Annotated[str, typer.Argument(help="Kỳ báo cáo: 2021, 2021-Q1, 2021-H1 or 2021-Q3.")],
    indicator: Annotated[str, typer.Argument(help="Chỉ tiêu, e.g. III.6.1.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show a figure's passport: where it comes from, how it was read, what was checked, who replaced what."""
    from cchc.passport import UnknownFigureError, as_json, as_text, figure_passport
    from cchc.query import NothingPublishedError

    try:
        passport = figure_passport(_settings().published_path, agency, period, indicator)
    except (NothingPublishedError, UnknownFigureError) as error:
        _stop(str(error), 1)
    sys.stdout.write(as_json(passport) if json else as_text(passport))


@app.command()
def status(count: Annotated[int, typer.Argument(min=1, metavar="[N]", help="How many runs to show.")] = 7) -> None:
    """Show the last nights: what arrived, what was quarantined and published, how it ended."""
    from cchc.show import show_runs
    from cchc.summary import past_runs

    settings = _settings()
    runs = past_runs(settings)
    if not runs:
        _stop(f"no night has run yet in {settings.home_path} (make nightly)", 1)
    show_runs(runs[:count])


@app.command()
def waive(
    submission: Annotated[str, typer.Argument(help="The submission's id, as the quality report names it.")],
    rule: Annotated[str, typer.Argument(help="The rule's id, e.g. III-06.")],
    reason: Annotated[str, typer.Option(help="Why it may pass. Kept with the decision.")],
    by: Annotated[str, typer.Option(help="Who decides. Left out: this machine's user.")] = "",
    take_back: Annotated[bool, typer.Option("--take-back", help="Take an earlier waiver back.")] = False,
) -> None:
    """Let a submission's failed rule pass: from the next night on, or at once by running the night again."""
    from cchc.waive import WaiverError
    from cchc.waive import waive as decide

    try:
        waiver = decide(_settings(), submission, rule, reason=reason, by=by, takes_back=take_back)
    except WaiverError as error:
        _stop(str(error), 1)
    sys.stdout.write(
        f"{'Taken back' if take_back else 'Waived'}: {waiver.rule_id} of {waiver.submission_id}, by {waiver.decided_by}"
        f" at {waiver.decided_at:%Y-%m-%d %H:%M}. It counts from the next night on.\n"
    )


@app.command("stand-ins")
def stand_ins() -> None:
    """Start the stand-ins for portal, e-document system and mailbox, and stay until Ctrl-C."""
    from cchc.doors import stay

    raise typer.Exit(stay(_settings()))


@app.command()
def airflow() -> None:
    """Start Airflow with its page on this machine, and stay until Ctrl-C (what `make airflow` does)."""
    from cchc.standalone import stay

    raise typer.Exit(stay(_settings()))


@app.command()
def up(
    with_superset: Annotated[
        bool, typer.Option("--superset/--no-superset", help="With the dashboards (`make up` installs what they need).")
    ] = True,
) -> None:
    """Start a lasting installation on this machine without containers: PostgreSQL, Airflow, Superset, stand-ins."""
    from cchc.up import up as start

    raise typer.Exit(start(_settings(), with_superset=with_superset))


@app.command()
def down() -> None:
    """Stop what `cchc up` started, and nothing else."""
    from cchc.up import down as stop_all

    raise typer.Exit(stop_all(_settings()))


def main() -> None:
    """The entry point of ``.venv/bin/cchc``."""
    app()


if __name__ == "__main__":
    main()
