"""Where lineage events go. What a night sends is received in test_up.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from cchc.lineage import lineage_environment
from cchc.settings import Settings


def test_nothing_is_sent_where_nothing_is_asked(tmp_path: Path) -> None:
    assert lineage_environment(Settings(_env_file=None, home=tmp_path)) == {}


@pytest.mark.parametrize("transport", ["http://host:5000", "[1]", '{"url": "http://host:5000"}'])
def test_a_transport_that_is_none_is_refused(transport: str) -> None:
    with pytest.raises(ValueError, match="must be a transport"):
        Settings(_env_file=None, openlineage=transport)
