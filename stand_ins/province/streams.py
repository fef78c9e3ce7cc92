"""Random numbers by name: each part of the province draws from its own stream, so that one part does not move another."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """The stream of this name under this seed; the same in every process (no use of ``hash``)."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))
