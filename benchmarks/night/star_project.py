"""The dbt project that dbt's peers build: seeds, the raw tables' views, the star of ``warehouse_star/`` with default
settings, and dossiers by agency and month. The star is written in PostgreSQL's dialect, which DuckDB reads too."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from benchmarks.warehouse_peers import VIEWS, models

SEEDS = ("agencies", "indicators", "periods", "series_breaks")
#: Dossiers in their latest state, counted.
DOSSIERS = """
with latest as (
    select
        dossier.*,
        row_number() over (
            partition by ma_ho_so order by updated_at desc, cast(trang_thai_ho_so as integer) desc
        ) as recency
    from raw.dossier
)

select
    agencies.agency_code,
    substr(latest.ngay_tiep_nhan, 1, 6) as month,
    cast(latest.trang_thai_ho_so as integer) as state_number,
    count(*) as dossier_count
from latest
inner join star.dim_agency as agencies on latest.ma_don_vi in (agencies.agency_code, agencies.organ_id)
where latest.recency = 1
group by agencies.agency_code, substr(latest.ngay_tiep_nhan, 1, 6), cast(latest.trang_thai_ho_so as integer)
"""
_PROJECT = """name: star
version: "1.0.0"
profile: star
model-paths: [models]
seed-paths: [seeds]
models:
  star:
    +materialized: table
    raw: {+materialized: view}
"""
_NO_DOCUMENTS = "select cast(null as varchar) as submission_id, cast(null as varchar) as indicator_code where false"


def star() -> dict[str, str]:
    """The SQL of the star by name, dossiers included."""
    return models() | {"mart_dossier_month": DOSSIERS}


def write_project(folder: Path, seeds: Path, profile: str, raw: dict[str, str]) -> None:
    """``raw`` are the views' texts by the raw table's name; what the star reads of no view is a table there."""
    views = {"submission_document": _NO_DOCUMENTS} | raw
    (folder / "models" / "raw").mkdir(parents=True)
    (folder / "seeds").mkdir()
    for name in SEEDS:
        shutil.copy(seeds / f"{name}.csv", folder / "seeds")
    for name, text in views.items():
        (folder / "models" / "raw" / f"{name}.sql").write_text(_with_refs(text, set(views)), encoding="utf-8")
    for name, text in star().items():
        config = "{{ config(materialized='view') }}\n" if name in VIEWS else ""
        (folder / "models" / f"{name}.sql").write_text(config + _with_refs(text, set(views)), encoding="utf-8")
    (folder / "dbt_project.yml").write_text(_PROJECT, encoding="utf-8")
    (folder / "profiles.yml").write_text(profile, encoding="utf-8")


def _with_refs(text: str, views: set[str]) -> str:
    """Names of the star, the seeds and the views as dbt's references."""

    def named(found: re.Match[str]) -> str:
        schema, name = found[1], found[2]
        return f"{{{{ ref('{name}') }}}}" if schema in ("star", "seed") or name in views else found[0]

    return re.sub(r"\b(star|seed|raw|audit)\.(\w+)", named, text)


def in_order(texts: dict[str, str]) -> list[str]:
    """The star's names, each after those that it reads."""
    ordered: list[str] = []
    while len(ordered) < len(texts):
        ordered += [
            name
            for name, text in texts.items()
            if name not in ordered and all(read in ordered for read in re.findall(r"\bstar\.(\w+)", text))
        ]
    return ordered
