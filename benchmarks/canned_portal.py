"""A portal whose dossier pages are made beforehand, so that the server is not what a benchmark measures.

``python -m benchmarks.canned_portal DOSSIERS PAGE_ROWS`` prints one JSON line (address, rows, bytes a row) once it listens,
and serves until its standard input closes.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson

from stand_ins.province.plan import make_plan

SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"
TOKEN = b'{"access_token": "canned", "token_type": "Bearer", "expires_in": 3600}'


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


def serve(connection: socket.socket, pages: list[bytes]) -> None:
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
            number = int(parse_qs(target.query).get("cursor", ["0"])[0])
            body = TOKEN if target.path == "/oauth/token" else pages[number]
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode())
            connection.sendall(body)


def main() -> None:
    pages = make_pages(int(sys.argv[1]), int(sys.argv[2]))
    rows = orjson.loads(pages[-1])["total_estimate"]
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    print(json.dumps({"url": url, "rows": rows, "bytes_a_row": round(sum(map(len, pages)) / rows)}), flush=True)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, pages), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
