"""The data structure definition: concepts, components, dataflow, as pysdmx's objects and as an SDMX-JSON 2.0 message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pysdmx import model
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.model.message import Header

from publishing.sdmx.codelists import MAINTAINER, VERSION, Codelist, Name

DSD_ID, FLOW_ID, SCHEME_ID = "DSD_CCHC", "DF_CCHC", "CS_CCHC"
DSD_NAME = Name("Cấu trúc số liệu thống kê cải cách hành chính", "Structure of public administration reform statistics")
FLOW_NAME = Name("Thống kê cải cách hành chính", "Public administration reform statistics")
_SCHEME_NAME = Name("Khái niệm thống kê cải cách hành chính", "Concepts of public administration reform statistics")
_CONCEPT_URN = f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={MAINTAINER}:{SCHEME_ID}({VERSION})."


@dataclass(frozen=True, slots=True)
class Component:
    """A column of the statistics. ``attached`` is for attributes: O to an observation, D to the data set, else dimensions."""

    id: str
    name: Name
    role: model.Role
    codelist: str = ""
    dtype: model.DataType = model.DataType.STRING
    is_required: bool = True
    attached: str | None = None


_D, _M, _A = model.Role.DIMENSION, model.Role.MEASURE, model.Role.ATTRIBUTE
COMPONENTS = (
    Component("FREQ", Name("Tần suất", "Frequency"), _D, "CL_FREQ"),
    Component("REPORTING_AGENCY", Name("Cơ quan báo cáo", "Reporting agency"), _D, "CL_AGENCY"),
    Component("INDICATOR", Name("Chỉ tiêu", "Indicator"), _D, "CL_INDICATOR"),
    Component("TIME_PERIOD", Name("Thời gian", "Time period"), _D, dtype=model.DataType.TIME_RANGE),
    Component("OBS_VALUE", Name("Giá trị", "Observation value"), _M, dtype=model.DataType.DECIMAL, is_required=False),
    Component("OBS_STATUS", Name("Tình trạng số liệu", "Observation status"), _A, "CL_OBS_STATUS", attached="O"),
    Component("PERIOD", Name("Kỳ báo cáo", "Reporting period"), _A, "CL_PERIOD", attached="O"),
    Component("AGENCIES_COUNTED", Name("Số cơ quan có số liệu", "Agencies with a figure"), _A,
              dtype=model.DataType.INTEGER, is_required=False, attached="O"),
    Component("UNIT_MEASURE", Name("Đơn vị tính", "Unit of measure"), _A, "CL_UNIT", attached="INDICATOR"),
    Component("CONF_STATUS", Name("Mức độ mật", "Confidentiality status"), _A, "CL_CONF_STATUS", attached="D"),
    Component("AS_OF", Name("Như đã công bố ngày", "As published on"), _A, dtype=model.DataType.DATE, attached="D"),
)  # fmt: skip


def build_structure(codelists: Mapping[str, Codelist]) -> model.DataStructureDefinition:
    """The structure with its codelists inside, to describe and to check data by."""
    lists = {found.id: _codelist(found) for found in codelists.values()}
    concepts = {part.id: _concept(part) for part in COMPONENTS}
    return model.DataStructureDefinition(
        id=DSD_ID,
        name=DSD_NAME.vi,
        agency=MAINTAINER,
        version=VERSION,
        components=model.Components(
            [
                model.Component(
                    id=part.id,
                    required=part.is_required,
                    role=part.role,
                    concept=concepts[part.id],
                    local_dtype=part.dtype,
                    local_codes=lists.get(part.codelist),
                    local_enum_ref=codelists[part.codelist].urn if part.codelist else None,
                    attachment_level=part.attached,
                )
                for part in COMPONENTS
            ]
        ),
    )


def structure_message(codelists: Mapping[str, Codelist], prepared: datetime) -> str:
    """Codelists, concepts, structure and dataflow as SDMX-JSON 2.0, with names in both languages.

    ``prepared`` carries its zone. pysdmx holds one name for each thing; the other language is added to what it wrote.
    """
    structure = build_structure(codelists)
    scheme = model.ConceptScheme(
        id=SCHEME_ID,
        name=_SCHEME_NAME.vi,
        agency=MAINTAINER,
        version=VERSION,
        items=[_concept(part) for part in COMPONENTS],
    )
    flow = model.Dataflow(
        id=FLOW_ID,
        name=FLOW_NAME.vi,
        agency=MAINTAINER,
        version=VERSION,
        structure=_urn("datastructure.DataStructure", DSD_ID),
    )
    header = Header(id="CCHC_STRUCTURE", prepared=prepared, sender=model.Organisation(id=MAINTAINER))
    written = write_sdmx(
        [*(_codelist(found) for found in codelists.values()), scheme, structure, flow],
        Format.STRUCTURE_SDMX_JSON_2_0_0,
        header=header,
    )
    message: dict[str, Any] = json.loads(written or "")
    message["meta"]["contentLanguages"] = ["vi", "en"]
    for written_structure in message["data"]["dataStructures"]:
        parts = written_structure["dataStructureComponents"]
        if not parts.get("groups"):  # pysdmx writes an empty list, which the schema refuses
            parts.pop("groups", None)
    names = dict(_names(codelists))
    for place, item in _named(message["data"]):
        item["names"] = names[place].by_language()
    return json.dumps(message, ensure_ascii=False, indent=1) + "\n"


def _codelist(found: Codelist) -> model.Codelist:
    return model.Codelist(
        id=found.id,
        name=found.name.vi,
        agency=MAINTAINER,
        version=VERSION,
        urn=found.urn,
        items=[model.Code(id=code.id, name=code.name.vi) for code in found.codes],
    )


def _concept(part: Component) -> model.Concept:
    return model.Concept(id=part.id, name=part.name.vi, urn=_CONCEPT_URN + part.id)


def _urn(kind: str, identifier: str) -> str:
    return f"urn:sdmx:org.sdmx.infomodel.{kind}={MAINTAINER}:{identifier}({VERSION})"


def _names(codelists: Mapping[str, Codelist]) -> Iterator[tuple[tuple[str, str], Name]]:
    """Every name by (scheme or artefact, item); the item is empty for the scheme itself."""
    for found in codelists.values():
        yield (found.id, ""), found.name
        yield from (((found.id, code.id), code.name) for code in found.codes)
    yield (SCHEME_ID, ""), _SCHEME_NAME
    yield from (((SCHEME_ID, part.id), part.name) for part in COMPONENTS)
    yield (DSD_ID, ""), DSD_NAME
    yield (FLOW_ID, ""), FLOW_NAME


def _named(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for artefacts in data.values():
        for artefact in artefacts:
            yield (artefact["id"], ""), artefact
            for item in (*artefact.get("codes", ()), *artefact.get("concepts", ())):
                yield (artefact["id"], item["id"]), item
