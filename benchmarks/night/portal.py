"""The portal of a province made beforehand: pages are pieces of one file, so that the server is not what is measured.

``python -m benchmarks.night.portal FOLDER first|delta`` prints its address once it listens, and serves until its standard
input closes. Token grant, ``updated_since``, ``limit`` and ``cursor`` are as the portal's contract has them.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TOKEN = b'{"access_token": "canned", "token_type": "Bearer", "expires_in": 3600}'
DEFAULT_LIMIT = 500


class Listing:
    """The rows of a resource up to a state; a cursor is the number of the next row."""

    def __init__(self, path: Path, *, is_whole: bool) -> None:
        told = json.loads(path.with_suffix(".index").read_text(encoding="ascii"))
        self._rows = memoryview(path.with_suffix(".json").read_bytes())
        self._begins, self._updated = told["begins"], told["updated"]
        self._count = len(self._updated) if is_whole else told["first"]

    def page(self, asked: dict[str, list[str]]) -> bytes:
        limit = int(asked.get("limit", [str(DEFAULT_LIMIT)])[0])
        if "cursor" in asked:
            start = int(asked["cursor"][0])
        else:
            since = asked.get("updated_since", [""])[0][:19].replace(" ", "T")
            start = bisect_left(self._updated, since, hi=self._count)
        end = min(start + limit, self._count)
        rows = self._rows[self._begins[start] : max(self._begins[end] - 1, self._begins[start])]
        cursor = f'"{end}"' if end < self._count else "null"
        return b'{"items":[%b],"next_cursor":%b,"total_estimate":%d}' % (rows, cursor.encode(), self._count)


def answer(connection: socket.socket, listings: dict[str, Listing]) -> None:
    """Answer the calls of one connection, one after the other."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as calls:
        while line := calls.readline():
            target = urlsplit(line.split()[1].decode())
            length = 0
            while (header := calls.readline().strip()) != b"":
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            calls.read(length)
            listing = listings.get(target.path)
            body = listing.page(parse_qs(target.query)) if listing else TOKEN
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)


@contextmanager
def serving(folder: Path, state: str) -> Iterator[str]:
    """A portal in a process of its own; its address."""
    command = [sys.executable, "-m", "benchmarks.night.portal", str(folder), state]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin and process.stdout  # noqa: S101 - both were asked for
        yield process.stdout.readline().strip()
        process.stdin.close()


def main() -> None:
    folder, state = Path(sys.argv[1]), sys.argv[2]
    listings = {
        f"/api/v1/{name}": Listing(folder / name, is_whole=state == "delta") for name in ("submissions", "dossiers")
    }
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection, listings), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
