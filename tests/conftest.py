"""Which tests run on one worker: those that share something that takes long to make."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

#: By the beginning of a test's address. xdist's own groups do nothing under pytest 9.2: the names that they mark are not used.
TOGETHER = (
    "tests/cchc/test_up.py",
    "tests/cluster/",
    "tests/dashboards/",
    "tests/publishing/test_appendix.py",
    "tests/publishing/test_page.py",
    "tests/publishing/test_sdmx.py",
)


class Together(LoadScopeScheduling):
    """Each test by itself to the next free worker, but those of one beginning as one piece."""

    def _split_scope(self, nodeid: str) -> str:
        return next((begin for begin in TOGETHER if nodeid.startswith(begin)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)
