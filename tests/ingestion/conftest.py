"""What the tests of ingestion share: the catalogue, the clock, the shipped reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingestion.reference import Catalogue, Indicator, load_catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "dbt_project" / "seeds")


@pytest.fixture(scope="session")
def indicator(catalogue: Catalogue) -> Callable[[str], Indicator]:
    """A row of the catalogue by its code."""
    return lambda code: catalogue.by_code()[code]


@pytest.fixture
def now() -> Callable[[], datetime]:
    return lambda: datetime(2021, 12, 20, 1, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture(scope="session")
def scan() -> Path:
    """The real scanned report of Sóc Trăng's Department of Finance, as OCR text."""
    return ROOT / "examples" / "H51.03" / "report_5686_BC-STC_2021_scan.txt"


@pytest.fixture(scope="session")
def workbook() -> Path:
    """The same report typed into a workbook of the official layout."""
    return ROOT / "examples" / "H51.03" / "report_5686_BC-STC_2021.xlsx"
