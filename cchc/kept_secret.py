"""Secrets that are made once and stay: readable by their owner alone."""

from __future__ import annotations

import secrets
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret in ``path``, made where there is none; who writes another one into the file has that from the next start."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
        fresh.replace(path)  # whole or not at all: half a key would be another key
    return path.read_text(encoding="utf-8").strip()
