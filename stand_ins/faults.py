"""Faults on demand: what a real server does on a bad day, at the call that a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Trouble = Literal["status", "cut", "short_body", "fail_envelope", "empty_body"]


@dataclass(frozen=True, slots=True)
class Fault:
    """From call number ``first`` of ``path`` (counted from 1), for ``times`` calls.

    ``trouble``: ``status`` answers ``status`` (with ``Retry-After`` where given); ``cut`` breaks the connection in the middle of
    the body; ``short_body`` ends the body early in good HTTP; ``fail_envelope`` is the axis's FAIL with HTTP 200;
    ``empty_body`` answers 200 with nothing.
    """

    path: str
    trouble: Trouble = "status"
    status: int = 503
    retry_after: int | None = None
    first: int = 1
    times: int = 1


@dataclass(slots=True)
class FaultPlan:
    """The faults of one run, and the count of calls by path."""

    faults: Sequence[Fault] = ()
    calls: dict[str, int] = field(default_factory=dict)

    def next_for(self, path: str) -> Fault | None:
        """Count a call of ``path``, and tell what goes wrong with it."""
        number = self.calls[path] = self.calls.get(path, 0) + 1
        for fault in self.faults:
            if fault.path == path and fault.first <= number < fault.first + fault.times:
                return fault
        return None


class FaultyApp:
    """An ASGI application that follows a fault plan before it answers."""

    def __init__(self, app: ASGIApp, plan: FaultPlan) -> None:
        self.app = app
        self.plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.plan.next_for(scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.trouble in ("cut", "short_body"):
            await self._shorten(scope, receive, send, cut=fault.trouble == "cut")
        else:
            await _answer(fault)(scope, receive, send)

    async def _shorten(self, scope: Scope, receive: Receive, send: Send, *, cut: bool) -> None:
        """Send half the answer's body: with the whole one's length in the head (the server then closes the connection), or as
        if that were all."""
        start: Message = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        await self.app(scope, receive, keep)
        half = body[: len(body) // 2]
        length = str(len(body) if cut else len(half)).encode()
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", length)]})
        await send({"type": "http.response.body", "body": half, "more_body": cut})


def _answer(fault: Fault) -> Response:
    if fault.trouble == "empty_body":
        return Response(b"", 200)
    if fault.trouble == "fail_envelope":
        return JSONResponse({"status": "FAIL", "ErrorCode": "500", "ErrorDesc": "Trục đang bận", "data": None})
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return JSONResponse({"error": "planned"}, fault.status, headers)
