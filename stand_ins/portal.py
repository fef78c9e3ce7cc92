"""The stand-in for the public-service portal's statistics interface."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stand_ins.access import Access, Cursors
from stand_ins.paging import BadRequestError, answer
from stand_ins.province.periods import to_seconds
from stand_ins.province.plan import Plan

_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def portal_app(plan: Plan, access: Access, cursors: Cursors) -> Starlette:
    """The portal of a province: token grant, submissions, dossiers."""
    submissions = plan.submissions
    submitted = [to_seconds(sending.updated_at) for sending in plan.sendings]

    async def list_submissions(request: Request) -> Response:
        def start(request: Request) -> tuple[str, int, int]:
            since = _since(request)
            return str(since), 0 if since is None else bisect_left(submitted, since), len(submissions)

        return answer(request, cursors, "submissions", start=start, rows=lambda a, b: submissions[a:b])

    async def list_dossiers(request: Request) -> Response:
        def start(request: Request) -> tuple[str, int, int]:
            since = _since(request)
            return str(since), 0 if since is None else plan.listing.position(since), len(plan.listing)

        return answer(request, cursors, "dossiers", start=start, rows=plan.listing.page)

    return Starlette(
        routes=[
            Route("/oauth/token", access.grant, methods=["POST"]),
            Route("/api/v1/submissions", access.guarded(list_submissions)),
            Route("/api/v1/dossiers", access.guarded(list_dossiers)),
        ]
    )


def _since(request: Request) -> int | None:
    """``updated_since`` in local seconds; a time without an offset is local."""
    text = request.query_params.get("updated_since")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequestError(f"updated_since is no date-time: {text}") from error
    if moment.tzinfo:
        moment = moment.astimezone(_LOCAL).replace(tzinfo=None)
    seconds = to_seconds(moment)
    return seconds + 1 if moment.microsecond else seconds
