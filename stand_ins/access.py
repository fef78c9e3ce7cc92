"""Access tokens and cursors, as both HTTP systems hand them out."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

TOKEN_SECONDS = 300
CURSOR_SECONDS = 15 * 60

Clock = Callable[[], float]  # seconds, never going back
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Access:
    """Client-credentials grant (``POST /oauth/token``) and the tokens it gave; shared by the portal and the axis."""

    client_id: str
    client_secret: str
    clock: Clock
    issued: int = 0
    _expires: dict[str, float] = field(default_factory=dict)

    async def grant(self, request: Request) -> Response:
        """A token for the right credentials, 401 for wrong ones, 400 for another grant."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        given = f"{form.get('client_id', '')}\n{form.get('client_secret', '')}".encode()
        if not hmac.compare_digest(given, f"{self.client_id}\n{self.client_secret}".encode()):
            return JSONResponse({"error": "invalid_client"}, 401)
        self.issued += 1
        token = hashlib.sha256(f"{self.client_secret} {self.issued}".encode()).hexdigest()
        self._expires[token] = self.clock() + TOKEN_SECONDS
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def revoke(self) -> None:
        """Every token given so far is refused from now on."""
        self._expires.clear()

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """``endpoint``, for those who carry a token that has not expired; 401 for others."""

        async def checked(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or self._expires.get(token, float("-inf")) <= self.clock():
                return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": "Bearer"})
            return await endpoint(request)

        return checked


class CursorGoneError(Exception):
    """A cursor that expired, or was never given out."""


@dataclass(slots=True)
class Cursors:
    """Opaque cursors, each good for 15 minutes after it was last given out. The same place in the same reading has the same
    cursor, so that the same page is the same bytes."""

    seed: int
    clock: Clock
    _places: dict[str, tuple[str, int, float]] = field(default_factory=dict)

    def issue(self, reading: str, position: int) -> str:
        """The cursor of a row's ``position`` in a ``reading`` (resource and filters)."""
        cursor = hashlib.sha256(f"{self.seed} {reading} {position}".encode()).hexdigest()[:32]
        self._places[cursor] = (reading, position, self.clock() + CURSOR_SECONDS)
        return cursor

    def redeem(self, resource: str, cursor: str) -> tuple[str, int]:
        """The reading and the position behind a cursor of this resource; ``CursorGoneError`` when there is none."""
        reading, position, expires = self._places.get(cursor, ("", 0, float("-inf")))
        if expires <= self.clock() or not reading.startswith(f"{resource}?"):
            raise CursorGoneError(cursor)
        return reading, position
