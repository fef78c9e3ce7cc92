"""A portal whose dossier pages are made beforehand, so that the server is not what a benchmark measures.

``python -m benchmarks.canned_portal DOSSIERS PAGE_ROWS`` prints one JSON line (address, rows, bytes a row) once it listens,
and serves until its standard input closes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import SplitResult, parse_qs

import orjson

from benchmarks.loopback import TOKEN, serve
from stand_ins.province.plan import make_plan

SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"


def make_pages(dossiers: int, page_rows: int) -> list[bytes]:
    """The pages of the stand-ins' province, planted errors included; a cursor is the number of the next page."""
    listing = make_plan(SEEDS, seed=2021, dossiers=dossiers, errors=True).listing
    count = -(-len(listing) // page_rows)
    pages = []
    for number in range(count):
        rows = listing.page(number * page_rows, min((number + 1) * page_rows, len(listing)))
        cursor = str(number + 1) if number + 1 < count else None
        pages.append(orjson.dumps({"items": rows, "next_cursor": cursor, "total_estimate": len(listing)}))
    return pages


def main() -> None:
    pages = make_pages(int(sys.argv[1]), int(sys.argv[2]))
    rows = orjson.loads(pages[-1])["total_estimate"]
    bytes_a_row = round(sum(map(len, pages)) / rows)

    def body_of(target: SplitResult) -> bytes:
        number = int(parse_qs(target.query).get("cursor", ["0"])[0])
        return TOKEN if target.path == "/oauth/token" else pages[number]

    serve(body_of, lambda url: print(json.dumps({"url": url, "rows": rows, "bytes_a_row": bytes_a_row}), flush=True))


if __name__ == "__main__":
    main()
