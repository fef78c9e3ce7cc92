"""Pages by cursor, the same way for the portal's two listings and the axis's register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stand_ins.access import CursorGoneError, Cursors

DEFAULT_LIMIT = 500
MAXIMUM_LIMIT = 5000


class BadRequestError(Exception):
    """A parameter that can't be understood; its message goes back with status 400."""


Start = Callable[[Request], tuple[str, int, int]]
Rows = Callable[[int, int], list[dict[str, Any]]]


def answer(request: Request, cursors: Cursors, resource: str, *, start: Start, rows: Rows) -> Response:
    """One page. ``start`` reads the filters of a first call and gives (the filters as text, first row, row after the last);
    ``rows`` gives rows from one position to another. 410 for an expired cursor, 400 for a bad parameter."""
    try:
        limit = _limit(request)
        cursor = request.query_params.get("cursor")
        if cursor:
            reading, position = cursors.redeem(resource, cursor)
            stop = int(reading.rpartition(" ")[2])
        else:
            filters, position, stop = start(request)
            reading = f"{resource}?{filters} {stop}"
    except CursorGoneError:
        return JSONResponse({"error": "cursor_gone"}, 410)
    except BadRequestError as error:
        return JSONResponse({"error": str(error)}, 400)
    end = min(position + limit, stop)
    body = {
        "items": rows(position, end),
        "next_cursor": cursors.issue(reading, end) if end < stop else None,
        "total_estimate": stop,
    }
    return Response(orjson.dumps(body), media_type="application/json")


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT)) or str(DEFAULT_LIMIT)
    if not text.isdecimal() or not 1 <= int(text) <= MAXIMUM_LIMIT:
        raise BadRequestError(f"limit must lie between 1 and {MAXIMUM_LIMIT}")
    return int(text)
