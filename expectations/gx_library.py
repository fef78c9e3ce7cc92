"""Great Expectations brought in without what the gate never uses of it.

One of its expectations, on the divergence of distributions, imports altair and scipy.stats when the library is imported:
a third of its memory and of its time. Here the two are read when something asks for an attribute of theirs, if ever.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

_POSTPONED = ("altair", "scipy.stats")


class _Postponing:
    """A finder of the postponed modules: what it finds is run at the first look at an attribute."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in _POSTPONED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


def load() -> None:
    """Import Great Expectations, some seconds the first time."""
    sys.meta_path.insert(0, _Postponing)
    try:
        import great_expectations.expectations.core.unexpected_rows_expectation  # noqa: F401
    finally:
        sys.meta_path.remove(_Postponing)
