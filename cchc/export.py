"""``cchc export``: the published figures as files for others. Thin: options in, paths out."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cchc.edge import Language, settings_or_stop, stop

app = typer.Typer(
    help="Write the published figures for others: the province's Phụ lục 2, SDMX, a data package.", no_args_is_help=True
)
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="As published on this day. Left out: what holds now."),
]


@app.command()
def appendix(
    period: Annotated[str, typer.Option(help="The period's code: 2021, 2021-Q1, 2021-H1 or 2021-Q3.")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file; its ending says which: .xlsx, .docx, .pdf. Left out: all three, in $CCHC_HOME/exports."
        ),
    ] = None,
    as_of: AsOf = None,
    language: Annotated[Language, typer.Option(help="vi is the official form; en for partners.")] = "vi",
) -> None:
    """Write the whole province's Phụ lục 2 in the official layout, all agencies side by side, and notes on coverage."""
    from cchc.exporting import export_appendix
    from publishing.province_table import ExportError

    try:
        written, left_out = export_appendix(
            settings_or_stop(), period, out, as_of=as_of.date() if as_of else None, language=language
        )
    except (ExportError, OSError) as error:
        stop(str(error), 1)
    for path in written:
        sys.stdout.write(f"{path}\n")
    if left_out:
        sys.stdout.write(f"no PDF: {left_out}\n")


@app.command()
def sdmx(
    out: Annotated[Path | None, typer.Option(help="The folder. Left out: $CCHC_HOME/exports/sdmx.")] = None,
    as_of: AsOf = None,
) -> None:
    """Write structure and figures as SDMX 3.0: structure.json, data.csv (SDMX-CSV 2.0), data.json (SDMX-JSON 2.0)."""
    from cchc.exporting import export_sdmx
    from publishing.province_table import ExportError

    try:
        written, count = export_sdmx(settings_or_stop(), out, as_of=as_of.date() if as_of else None)
    except (ExportError, OSError) as error:
        stop(str(error), 1)
    for path in written:
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(f"{count} observations, checked against the structure\n")


@app.command()
def datapackage(
    out: Annotated[Path | None, typer.Option(help="The folder. Left out: $CCHC_HOME/exports/datapackage.")] = None,
) -> None:
    """Write the published star as CSV with a frictionless datapackage.json: types, keys, relations, all checked."""
    from cchc.exporting import export_data_package
    from publishing.province_table import ExportError

    try:
        folder, counts = export_data_package(settings_or_stop(), out)
    except (ExportError, OSError) as error:
        stop(str(error), 1)
    sys.stdout.write(f"{folder}: {len(counts)} tables, {sum(counts.values())} rows, checked\n")
