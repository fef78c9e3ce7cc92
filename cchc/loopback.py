"""What of this machine's own address is taken, and what answers there."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request


def is_taken(port: int) -> bool:
    """Whether something listens on 127.0.0.1 at ``port``."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    """Whether the page is there and well (status 200)."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
