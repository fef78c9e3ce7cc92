from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.landing import Landing
from ingestion.sources.http import SourceAccess
from tests.ingestion.sources.scripted_server import ScriptedServer
from tests.ingestion.sources.source_access import access_to


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    with Landing(tmp_path / "landing") as opened:
        yield opened


@pytest.fixture
def access(server: ScriptedServer) -> SourceAccess:
    return access_to(server)
