"""What dbt's project evaluator looks for, asked of the manifest: layers, names, keys, descriptions, dead ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_project.dbt_warehouse import PROJECT, Dbt

PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "functions": ("value_",)}
MARTS = re.compile(r"(dim|fct|mart)_[a-z_]+|agency_succession")
#: A row for each line, whose key is tested at `int_submission_line`; for each rule's standing result, of which SQL keeps one;
#: views that group by their key, or have a row for each current figure: no second pass over every figure there is.
KEYED_ELSEWHERE = {
    "fct_indicator_value", "fct_rule_result", "mart_agency_scorecard", "mart_figure_passport", "mart_indicator_history",
    "mart_revision_summary", "mart_rule_quality",
}  # fmt: skip


@pytest.fixture(scope="module")
def manifest(dbt: Dbt, empty_builds: object, room: Path) -> dict[str, Any]:
    return json.loads((room / "target" / PROJECT.parent.name / "manifest.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    assert len(found) > 40
    return found


def _layer(node: dict[str, Any]) -> str:
    return str(node["fqn"][1])


def _tests(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]


def test_only_staging_reads_raw_tables_and_each_staging_model_reads_one(manifest: dict[str, Any]) -> None:
    for key, node in _models(manifest).items():
        sources = [parent for parent in node["depends_on"]["nodes"] if parent.startswith("source.")]
        assert len(sources) == (1 if _layer(node) == "staging" else 0), key


def test_nothing_looks_back_to_a_later_layer(manifest: dict[str, Any]) -> None:
    models = _models(manifest)
    for key, node in models.items():
        parents = [models[parent]["name"] for parent in node["depends_on"]["nodes"] if parent in models]
        if _layer(node) == "staging":
            assert parents == [], key
        elif _layer(node) == "intermediate" or node["name"].startswith(("dim_", "fct_")):
            assert [name for name in parents if name.startswith(("mart_", "value_"))] == [], key


def test_marts_and_functions_are_made_from_the_star_and_not_from_staging(manifest: dict[str, Any]) -> None:
    for key, node in _models(manifest).items():
        if node["name"].startswith(("mart_", "value_")):
            assert [parent for parent in node["depends_on"]["nodes"] if ".stg_" in parent] == [], key


def test_names_tell_the_layer(manifest: dict[str, Any]) -> None:
    for key, node in _models(manifest).items():
        if _layer(node) == "marts":
            assert MARTS.fullmatch(node["name"]), key
        else:
            assert node["name"].startswith(PREFIXES[_layer(node)]), key


def test_every_published_model_has_a_contract_a_key_test_and_is_public(manifest: dict[str, Any]) -> None:
    keyed = {
        parent
        for test in _tests(manifest)
        if test["name"].startswith(("unique_", "keys_"))
        for parent in test["depends_on"]["nodes"]
    }
    published = {key: node for key, node in _models(manifest).items() if _layer(node) == "marts"}
    assert len(published) > 30
    for key, node in published.items():
        assert node["config"]["contract"]["enforced"], key
        assert node["access"] == "public", key
        assert key in keyed or node["name"] in KEYED_ELSEWHERE, key


def test_every_model_seed_source_and_column_is_described(manifest: dict[str, Any]) -> None:
    described = [
        *_models(manifest).items(),
        *((key, node) for key, node in manifest["nodes"].items() if node["resource_type"] == "seed"),
    ]
    bare = [key for key, node in described if not node["description"].strip() or not node["columns"]]
    bare += [
        f"{key}.{name}"
        for key, node in described
        for name, column in node["columns"].items()
        if not column["description"].strip()
    ]
    bare += [key for key, source in manifest["sources"].items() if not source["description"].strip()]
    assert bare == []


def test_a_published_column_is_described_once(manifest: dict[str, Any]) -> None:
    """A text that several columns share is one doc block, so that it is corrected in one place."""
    texts = Counter(
        line.strip()
        for layer in ("marts", "functions")
        for path in sorted((PROJECT / "models" / layer).glob("*.yml"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s{8}description: ", line) and "doc(" not in line
    )
    assert texts
    assert {text: count for text, count in texts.items() if count > 1} == {}


def test_every_doc_block_is_cited(manifest: dict[str, Any]) -> None:
    cited = {
        name
        for path in PROJECT.rglob("*.yml")
        for name in re.findall(r"doc\('(\w+)'\)", path.read_text(encoding="utf-8"))
    }
    written = re.findall(r"{% docs (\w+) %}", (PROJECT / "models" / "docs.md").read_text(encoding="utf-8"))
    assert len(written) == len(set(written))
    assert set(written) - cited == set()


def test_nothing_in_the_middle_is_a_dead_end(manifest: dict[str, Any]) -> None:
    for key, node in _models(manifest).items():
        if _layer(node) in ("staging", "intermediate"):
            children = [child for child in manifest["child_map"][key] if child.startswith("model.")]
            assert children, key


def test_every_model_belongs_to_a_group_and_the_exposures_stand_on_public_models(manifest: dict[str, Any]) -> None:
    models = _models(manifest)
    assert {node["group"] for node in models.values()} == {"warehouse"}
    assert set(manifest["exposures"]) >= {
        f"exposure.cchc.{name}" for name in ("published_file", "quality_report", "province_dashboards")
    }


def test_the_landing_ledger_says_how_fresh_it_must_be(manifest: dict[str, Any]) -> None:
    freshness = manifest["sources"]["source.cchc.raw.landed"]["freshness"]
    assert freshness["warn_after"] == {"count": 36, "period": "hour"}
