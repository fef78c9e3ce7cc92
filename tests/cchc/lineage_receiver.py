"""A receiver of lineage events: a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Event = dict[str, Any]


@contextmanager
def receiver() -> Iterator[tuple[str, list[Event]]]:
    """A server that takes events; its address, and the events so far."""
    events: list[Event] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", events
        server.shutdown()
        thread.join()


def datasets(events: list[Event], job: str, way: str) -> set[str]:
    """What a job's events name as ``inputs`` or ``outputs``."""
    return {
        f"{dataset['namespace']}/{dataset['name']}"
        for event in events
        if event["job"]["name"] == job
        for dataset in event.get(way, ())
    }
