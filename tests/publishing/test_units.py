"""English words for the units of the form."""

from __future__ import annotations

import csv
from pathlib import Path

from publishing.units import english_unit

SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "indicators.csv"


def test_every_unit_of_the_catalogue_is_translated() -> None:
    with SEED.open(encoding="utf-8") as seed:
        units = {line["unit_vi"] for line in csv.DictReader(seed)} - {"", "%"}
    assert len(units) > 8
    assert [unit for unit in sorted(units) if english_unit(unit) == unit or not english_unit(unit).isascii()] == []


def test_a_unit_that_nobody_translated_stays_as_it_is() -> None:
    assert english_unit("Cái") == "Cái"
