"""What dbt's manifest says of the published tables beside their rows: keys, relations, who may read. Kept under
``$CCHC_HOME/dbt`` whenever dbt reads its project, so that a night with nothing new does not load dbt for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from cchc.built import Project, read_project
from cchc.settings import Settings
from publishing.postgres.shape import ForeignKey, TableModel

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_PRIMARY_KEY = re.compile(r"Primary key: (\w+(?:,\s+\w+)*)\.")
_REFERENCE = re.compile(r"ref\('(\w+)'\)")


#: Raised whenever more is read from the manifest: what an older version kept is then read anew.
_FORM = 1


class _Kept(msgspec.Struct, frozen=True):
    form: int
    code: str
    models: tuple[TableModel, ...]


def table_models(settings: Settings) -> tuple[TableModel, ...]:
    """The published tables' models, as the project stands; dbt reads it where it has not yet."""
    project = read_project(settings.dbt_project_path)
    path = settings.dbt_state_path / "marts.json"
    kept = msgspec.json.decode(path.read_bytes(), type=_Kept) if path.exists() else None
    if kept is None or (kept.form, kept.code) != (_FORM, project.code):
        from cchc.transform import parse

        return keep_table_models(settings, project, parse(settings, project))
    return kept.models


def keep_table_models(settings: Settings, project: Project, manifest: Manifest) -> tuple[TableModel, ...]:
    models = read_table_models(manifest)
    path = settings.dbt_state_path / "marts.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(_Kept(_FORM, project.code, models)))
    fresh.replace(path)
    return models


def read_table_models(manifest: Manifest) -> tuple[TableModel, ...]:
    """Every model of the schema ``mart``: its descriptions, the key that they state, what is never null from its contract,
    relations from dbt's tests of them, who may read from ``meta`` (``agencies_see``, ``agencies_also_see``)."""
    from dbt.contracts.graph.nodes import GenericTestNode

    relations: dict[str, list[ForeignKey]] = {}
    for node in manifest.nodes.values():
        if not isinstance(node, GenericTestNode) or not node.attached_node:
            continue
        told = node.test_metadata
        if told.name == "relationships":
            kwargs = told.kwargs.get("arguments") or told.kwargs
            if found := _REFERENCE.search(kwargs["to"]):
                relation = ForeignKey(str(kwargs["column_name"]), found[1], str(kwargs["field"]))
                relations.setdefault(node.attached_node, []).append(relation)
    models = []
    for key, node in manifest.nodes.items():
        if node.resource_type.value != "model" or node.schema != "mart":
            continue
        stated = _PRIMARY_KEY.search(_one_line(node.description))
        required = [
            name
            for name, column in node.columns.items()
            if any(constraint.type == "not_null" for constraint in column.constraints)
        ]
        models.append(
            TableModel(
                name=node.name,
                primary_key=tuple(re.split(r",\s+", stated[1])) if stated else (),
                required=tuple(required),
                foreign_keys=tuple(sorted(relations.get(key, []), key=lambda relation: relation.column)),
                agencies_see=node.config.meta.get("agencies_see"),
                agencies_also_see=node.config.meta.get("agencies_also_see", ""),
                description=_one_line(node.description),
                column_descriptions=tuple(
                    (name, _one_line(column.description)) for name, column in node.columns.items()
                ),
            )
        )
    return tuple(sorted(models, key=lambda model: model.name))


def _one_line(markdown: str) -> str:
    return " ".join(markdown.split())
