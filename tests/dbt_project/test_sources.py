"""What dbt reads only grows: the nights count rows to know what is new, and would not see one that was changed in place."""

from __future__ import annotations

import re

import yaml

from tests.dbt_project.dbt_warehouse import PROJECT, ROOT

#: Statements that change, take out or replace rows.
CHANGING = re.compile(
    r"\b(update|delete\s+from|truncate(?:\s+table)?|insert\s+or\s+replace\s+into|merge\s+into|drop\s+table(?:\s+if\s+exists)?"
    r"|alter\s+table|create\s+or\s+replace\s+table)\s+(raw|audit)\.(\w+)([^\"]*)",
    re.IGNORECASE,
)
#: Rows of the very load that runs, which nothing has read yet.
OF_THIS_LOAD = ("delete from", "raw.dossier", "where landed_id >= $first")


def _read_by_dbt() -> set[str]:
    sources = yaml.safe_load((PROJECT / "models" / "sources.yml").read_text(encoding="utf-8"))["sources"]
    return {f"{source['schema']}.{table['name']}" for source in sources for table in source["tables"]}


def test_no_statement_changes_rows_that_an_earlier_load_wrote() -> None:
    read = _read_by_dbt() - {"raw.load_progress"}  # one row that says how far the loader has come; no model reads it
    assert {"raw.submission_line", "raw.dossier", "audit.rule_result"} <= read
    statements = [
        (" ".join(found[1].lower().split()), f"{found[2]}.{found[3]}", " ".join(found[4].split()))
        for room in ("ingestion", "expectations", "publishing", "cchc", "dags")
        for path in sorted((ROOT / room).rglob("*.py"))
        for found in CHANGING.finditer(path.read_text(encoding="utf-8"))
    ]
    assert any(table == "raw.load_progress" for _, table, _ in statements)
    changing = [(verb, table, rest) for verb, table, rest in statements if table in read]
    assert [(verb, table) for verb, table, _ in changing] == [OF_THIS_LOAD[:2]]
    assert changing[0][2].startswith(OF_THIS_LOAD[2])
