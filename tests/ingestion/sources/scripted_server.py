"""A loopback HTTP server that answers as a test tells it: a handler for each path, and answers to be given before it."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Answer:
    """``cut_after``: only so many bytes of the body are sent, then the connection is closed. ``raw`` is sent instead of
    everything, byte by byte where ``pause`` is not 0, and then the connection is closed."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    raw: bytes = b""
    pause: float = 0.0


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), {"Content-Type": "application/json"})


class ScriptedServer:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.handlers: dict[str, Callable[[Call], Answer]] = {"/oauth/token": self._token}
        self.first: dict[str, deque[Answer]] = defaultdict(deque)
        self.token = "token-1"
        self.token_seconds = 300
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                call = Call(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
                server.calls.append(call)
                answer = server.answer(call)
                if answer.raw:
                    self.close_connection = True
                    for piece in [answer.raw] if not answer.pause else [bytes([byte]) for byte in answer.raw]:
                        self.wfile.write(piece)
                        self.wfile.flush()
                        time.sleep(answer.pause)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if answer.cut_after is None:
                    self.wfile.write(answer.body)
                else:
                    self.wfile.write(answer.body[: answer.cut_after])
                    self.close_connection = True

            do_GET = do_POST = _serve

            def log_message(self, *_: Any) -> None:
                pass

        class QuietServer(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """A client that hangs up is what some tests are about."""

        self._http = QuietServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def calls_to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def answer(self, call: Call) -> Answer:
        if self.first[call.path]:
            return self.first[call.path].popleft()
        is_open = call.path == "/oauth/token"
        if not is_open and call.headers.get("authorization") != f"Bearer {self.token}":
            return Answer(401)
        handler = self.handlers.get(call.path)
        return handler(call) if handler else Answer(404)

    def _token(self, call: Call) -> Answer:
        form = dict(parse_qsl(call.body.decode()))
        if form.get("client_id") != "cchc" or form.get("client_secret") != "secret-of-tests":
            return Answer(401)
        return as_json({"access_token": self.token, "token_type": "Bearer", "expires_in": self.token_seconds})


class Feed:
    """A feed as the portal serves it: rows at or after ``updated_since``, a cursor that is an offset."""

    def __init__(self, rows: list[dict[str, Any]], *, sort: bool = True) -> None:
        self.rows = rows
        self.sort = sort

    def __call__(self, call: Call) -> Answer:
        since = call.query.get("updated_since", "")
        rows = [row for row in self.rows if str(row.get("updated_at", "")) >= since or not row.get("updated_at")]
        if self.sort:
            rows.sort(key=lambda row: str(row.get("updated_at", "")))
        start, limit = int(call.query.get("cursor", "0")), int(call.query["limit"])
        end = start + limit
        return as_json({"items": rows[start:end], "next_cursor": str(end) if end < len(rows) else None})
