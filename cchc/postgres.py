"""The commands of whoever looks after the publication to PostgreSQL: the way back, and log-ins."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cchc.edge import settings_or_stop as _settings
from cchc.edge import stop as _stop

app = typer.Typer()


@app.command()
def rollback(
    to: Annotated[str, typer.Option(metavar="PUBLICATION", help="Left out: the one before the current one.")] = "",
    show: Annotated[bool, typer.Option("--list", help="Show the kept publications and change nothing.")] = False,
) -> None:
    """Have PostgreSQL's marts answer from an earlier publication; it stands until the marts say something new."""
    from cchc.publication import go_back, kept_publications
    from publishing.marts import PublishError

    try:
        if show:
            sys.stdout.write(kept_publications(_settings()))
        else:
            sys.stdout.write(f"PostgreSQL's marts answer from {go_back(_settings(), to)}.\n")
    except PublishError as error:
        _stop(str(error), 1)


@app.command("agency-login")
def agency_login(agency: Annotated[str, typer.Argument(help="The agency's code, e.g. H51.03.")]) -> None:
    """Make an agency's PostgreSQL log-in (or give it a new password): its own rows and the province's aggregates."""
    from cchc.publication import dsn
    from publishing.marts import PublishError
    from publishing.postgres.access import agency_login as make

    try:
        login = make(dsn(_settings()), agency)
    except PublishError as error:
        _stop(str(error), 1)
    sys.stdout.write(f"{login.name}\n{login.password}\n")


@app.command("reader-login")
def reader_login(name: Annotated[str, typer.Argument(help="The log-in's name, e.g. superset.")]) -> None:
    """Make a PostgreSQL log-in that reads every row of the marts and changes nothing (or give it a new password)."""
    from cchc.publication import dsn
    from publishing.marts import PublishError
    from publishing.postgres.access import reader_login as make

    try:
        login = make(dsn(_settings()), name)
    except PublishError as error:
        _stop(str(error), 1)
    sys.stdout.write(f"{login.name}\n{login.password}\n")
