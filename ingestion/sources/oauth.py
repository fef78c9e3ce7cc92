"""The OAuth 2 client-credentials token: asked for when needed, renewed before it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ingestion.sources.payload import NotJsonError, read_json

_LIFE_UNKNOWN_SECONDS = 60.0
_MARGIN_SECONDS = 30.0


class TokenKeeper:
    """Keeps one token. ``ask`` posts a form to the token endpoint and returns the body of its answer."""

    def __init__(self, client_id: str, client_secret: str, ask: Callable[[Mapping[str, str]], bytes]) -> None:
        self._form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        self._ask = ask
        self._token = ""
        self._renew_at = 0.0

    def token(self) -> str:
        """A token that has still a fifth of its life, or 30 seconds, before it. Raises what ``ask`` raises, and
        ``NotJsonError`` when the answer holds no token."""
        if not self._token or time.monotonic() >= self._renew_at:
            self._renew()
        return self._token

    def forget(self) -> None:
        """The token was refused: the next call asks for a new one."""
        self._token = ""

    def _renew(self) -> None:
        asked_at = time.monotonic()
        answer = read_json(self._ask(self._form))
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise NotJsonError("câu trả lời của /oauth/token không có access_token")
        try:
            life = float(answer.get("expires_in", _LIFE_UNKNOWN_SECONDS))
        except (TypeError, ValueError):
            life = _LIFE_UNKNOWN_SECONDS
        self._token = token
        self._renew_at = asked_at + life - min(_MARGIN_SECONDS, life / 5)
