"""A portal on loopback whose answers are made beforehand, so that the server is not what a benchmark measures."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

TOKEN = b'{"access_token": "canned", "token_type": "Bearer", "expires_in": 3600}'


def serve(body_of: Callable[[SplitResult], bytes], tell: Callable[[str], None]) -> None:
    """Answer every call with the body for its target; ``tell`` is given the address once it listens. Ends when standard input
    closes."""
    listener = socket.create_server(("127.0.0.1", 0))
    tell(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, body_of), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


def _answer(connection: socket.socket, body_of: Callable[[SplitResult], bytes]) -> None:
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
            body = body_of(target)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode())
            connection.sendall(body)
