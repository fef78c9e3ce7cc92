"""Great Expectations brought in without what the gate never uses of it.

One of its expectations, on the divergence of distributions, imports altair and scipy.stats when the library is imported:
a third of its memory and of its time. Here the two are read when something asks for an attribute of theirs, if ever.

Each page of the Data Docs is made in a template environment of its own, which compiles every template anew: a hundred
compilations of eighteen templates a night. Here they share what was compiled.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import CodeType, ModuleType

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

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


class _Compiled(BytecodeCache):
    """Templates compiled in this process, by name, file and content."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


def load() -> None:
    """Import Great Expectations, some seconds the first time."""
    sys.meta_path.insert(0, _Postponing)
    try:
        import great_expectations.expectations.core.unexpected_rows_expectation  # noqa: F401
        from great_expectations.render.view import view
    finally:
        sys.meta_path.remove(_Postponing)
    vars(view)["Environment"] = partial(Environment, bytecode_cache=_COMPILED)
