"""The data dictionary, from dbt's manifest: every published table with its columns, as one page and as CSV."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_KINDS = {
    "agency_succession": "dimension",
    "dim": "dimension",
    "fct": "fact",
    "mart": "mart",
    "value": "table function",
}
_ORDER = ("mart", "table function", "fact", "dimension")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its contract has it; ``description`` is Markdown of one paragraph."""

    name: str
    data_type: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """A published table, view or table function. ``parameters`` is empty but for functions; ``made_from`` are models."""

    name: str
    kind: str
    description: str
    parameters: tuple[str, ...]
    columns: tuple[Column, ...]
    made_from: tuple[str, ...]


def published_tables(manifest: dict[str, Any]) -> list[Table]:
    """What stands in the schema ``mart``, marts first. ``manifest`` is dbt's ``manifest.json``."""
    found = [
        Table(
            name=node["name"],
            kind=_KINDS.get(node["name"]) or _KINDS[node["name"].split("_")[0]],
            description=" ".join(node["description"].split()),
            parameters=tuple(node["config"].get("parameters") or ()),
            columns=tuple(_column(column) for column in node["columns"].values()),
            made_from=tuple(sorted(parent.split(".")[2] for parent in node["depends_on"]["nodes"])),
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "mart"
    ]
    return sorted(found, key=lambda table: (_ORDER.index(table.kind), table.name))


def as_csv(tables: Iterable[Table]) -> str:
    """One row a column: table, kind, place, column, type, whether it is always there, description."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "kind", "position", "column", "type", "is_required", "description"])
    for table in tables:
        writer.writerows(
            [
                table.name,
                table.kind,
                place,
                column.name,
                column.data_type,
                str(column.is_required).lower(),
                column.description,
            ]
            for place, column in enumerate(table.columns, start=1)
        )
    return text.getvalue()


def as_html(tables: Sequence[Table]) -> str:
    """One page that needs nothing from elsewhere; typing in the box leaves the tables and columns that hold the words."""
    links = "".join(
        f"<li class=kind>{kind}s</li>"
        + "".join(f'<li><a href="#{table.name}">{table.name}</a></li>' for table in tables if table.kind == kind)
        for kind in _ORDER
    )
    sections = "".join(_section(table) for table in tables)
    return _PAGE.replace("{links}", links).replace("{sections}", sections).replace("{count}", str(len(tables)))


def _section(table: Table) -> str:
    call = f"({', '.join(table.parameters)})" if table.kind == "table function" else ""
    rows = "".join(
        f"<tr><td><code>{column.name}</code></td><td>{html.escape(column.data_type)}</td>"
        f"<td>{'always' if column.is_required else ''}</td><td>{_prose(column.description)}</td></tr>"
        for column in table.columns
    )
    parents = ", ".join(f"<code>{name}</code>" for name in table.made_from)
    return (
        f'<section id="{table.name}"><h2>{table.name}{call} <small>{table.kind}</small></h2>'
        f"<p>{_prose(table.description)}</p><table><thead><tr><th>column</th><th>type</th><th>filled</th>"
        f"<th>what it is</th></tr></thead><tbody>{rows}</tbody></table><p class=from>Made from {parents}.</p></section>"
    )


def _prose(markdown: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(markdown, quote=False))


def _column(column: dict[str, Any]) -> Column:
    return Column(
        name=column["name"],
        data_type=column["data_type"] or "",
        is_required=any(constraint["type"] == "not_null" for constraint in column.get("constraints") or ()),
        description=" ".join(column["description"].split()),
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Từ điển dữ liệu · Data dictionary</title>
<style>
body{font:15px/1.5 system-ui,"Noto Sans","DejaVu Sans",sans-serif;margin:0;color:#1b1f24;display:grid;
grid-template-columns:17rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;background:#f4f5f7;padding:1rem;box-sizing:border-box}
nav ul{list-style:none;padding:0;margin:.5rem 0}nav a{color:#0b5394;text-decoration:none;font-size:13px}
nav .kind{margin-top:.8rem;font-weight:600;text-transform:capitalize}
nav input{width:100%;padding:.4rem;box-sizing:border-box;font:inherit}
main{padding:1rem 2rem;max-width:75rem}h1{font-size:1.5rem;margin:.2rem 0}
h2{font-size:1.15rem;border-top:1px solid #d6d9de;padding-top:1rem}h2 small{color:#6b7280;font-weight:400}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;
border-bottom:1px solid #eceef1}th{font-size:12px;color:#6b7280}td:nth-child(2),td:nth-child(3){white-space:nowrap;
color:#4b5563;font-size:13px}code{font:13px ui-monospace,"DejaVu Sans Mono",monospace}.from{color:#6b7280;font-size:13px}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;max-height:45vh}main{padding:1rem}
section{overflow-x:auto}h2{overflow-wrap:anywhere}td:nth-child(4){min-width:14rem}}
</style></head><body>
<nav><strong>Từ điển dữ liệu</strong><p><input id="find" placeholder="Tìm / find" aria-label="Find"></p>
<ul>{links}</ul></nav>
<main><h1>Từ điển dữ liệu · Data dictionary</h1>
<p>{count} tables, views and table functions of the schema <code>mart</code>. Models, tests and lineage:
<a href="models.html">models.html</a>. The same as CSV: <a href="dictionary.csv">dictionary.csv</a>.</p>{sections}</main>
<script>
document.getElementById("find").addEventListener("input", function () {
  var words = this.value.toLowerCase().split(/\\s+/).filter(Boolean);
  var has = function (text) { return words.every(function (word) { return text.toLowerCase().includes(word); }); };
  document.querySelectorAll("section").forEach(function (section) {
    var named = has(section.querySelector("h2").textContent), any = named;
    section.querySelectorAll("tbody tr").forEach(function (row) {
      row.hidden = !(named || has(row.textContent)); any = any || !row.hidden;
    });
    section.hidden = !any;
    document.querySelector('nav a[href="#' + section.id + '"]').parentNode.hidden = !any;
  });
});
</script></body></html>
"""
