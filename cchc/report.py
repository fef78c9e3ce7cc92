"""``cchc report``: one self-contained page about a period, from the published marts."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from cchc.edge import stop
from publishing.page import UnknownPeriodError, write_page


def write_report(published: Path, period_code: str, out: Path, *, language: str) -> None:
    """Write the page and say where and how large. The process ends with status 1 when nothing is published or the page
    can't be written, with 2 for a period without figures."""
    if not published.exists():
        stop(f"nothing is published yet: {published} comes with the first night (make nightly)", 1)
    try:
        size = write_page(published, period_code, out, language=language)
    except UnknownPeriodError as error:
        stop(str(error), 2)
    except (OSError, duckdb.Error) as error:
        stop(str(error), 1)
    sys.stdout.write(f"{out} ({size / 1e6:.1f} MB)\n")
