"""The data dictionary, from a manifest as dbt writes it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from cchc.dictionary import as_csv, as_html, published_tables


@pytest.fixture
def manifest() -> dict[str, Any]:
    def node(name: str, schema: str, parameters: list[str] | None = None) -> dict[str, Any]:
        return {
            "name": name,
            "resource_type": "model",
            "schema": schema,
            "description": "What `a < b`\n says.",
            "config": {"parameters": parameters},
            "depends_on": {"nodes": ["model.cchc.int_line", "seed.cchc.rules"]},
            "columns": {
                "agency_code": {
                    "name": "agency_code",
                    "data_type": "varchar",
                    "description": 'Mã cơ quan, such as "H51.03".\n',
                    "constraints": [{"type": "not_null"}],
                },
                "value": {"name": "value", "data_type": "decimal(20, 6)", "description": "Số liệu.", "constraints": []},
            },
        }

    nodes = [node("fct_value", "mart"), node("value_on", "mart", ["day"]), node("int_line", "intermediate")]
    nodes += [node("mart_summary", "mart"), node("agency_succession", "mart")]
    return {"nodes": {f"model.cchc.{held['name']}": held for held in nodes} | {"test": {"resource_type": "test"}}}


def test_only_what_is_published_is_told_marts_first(manifest: dict[str, Any]) -> None:
    assert [(table.name, table.kind, table.made_from) for table in published_tables(manifest)] == [
        ("mart_summary", "mart", ("int_line", "rules")),
        ("value_on", "table function", ("int_line", "rules")),
        ("fct_value", "fact", ("int_line", "rules")),
        ("agency_succession", "dimension", ("int_line", "rules")),
    ]


def test_csv_has_one_row_a_column(manifest: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(published_tables(manifest)))))
    assert len(rows) == 8
    assert rows[0] == {
        "table": "mart_summary",
        "kind": "mart",
        "position": "1",
        "column": "agency_code",
        "type": "varchar",
        "is_required": "true",
        "description": 'Mã cơ quan, such as "H51.03".',
    }


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_it_tells(manifest: dict[str, Any]) -> None:
    page = as_html(published_tables(manifest))
    assert "What <code>a &lt; b</code> says." in page
    assert '<section id="value_on"><h2>value_on(day) ' in page
    assert not re.search(r"https?://|<script src|<link", page)
    assert all(f'href="#{name}"' in page for name in ("mart_summary", "value_on", "fct_value", "agency_succession"))
