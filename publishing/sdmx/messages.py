"""The data messages, SDMX-CSV 2.0 by pysdmx and SDMX-JSON 2.0, and the checks that both pass before anybody gets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd
from pysdmx import model
from pysdmx.errors import Invalid
from pysdmx.io import get_datasets, read_sdmx, write_sdmx
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset

from publishing.province_table import ExportError
from publishing.sdmx.codelists import Codelist, read_codelists
from publishing.sdmx.json_data import check_json_data, json_data
from publishing.sdmx.observations import Observation, read_observations
from publishing.sdmx.structure import build_structure, structure_message


@dataclass(frozen=True, slots=True)
class Messages:
    """The three messages as texts, and how many observations they carry."""

    structure: str
    csv: str
    json: str
    observation_count: int


def write_messages(published: Path, prepared: datetime, as_of: date | None = None) -> Messages:
    """Structure and data of the published file. ``prepared`` carries its zone; ``as_of`` is the night of the data if None.

    Every message is read back and checked against the structure and the official schema; raises ``ExportError`` where
    one fails, or where nothing is published.
    """
    if not published.exists():
        raise ExportError(f"nothing is published yet: {published} comes with the first night (make nightly)")
    with duckdb.connect(str(published), read_only=True) as connection:
        codelists = read_codelists(connection)
        observations = list(read_observations(connection, as_of))
        night = connection.execute("select max(night_on) from mart.fct_submission").fetchall()[0][0]
    if not observations:
        raise ExportError(f"no figures were published as of {as_of}" if as_of else "no figures are published yet")
    data_set = {"CONF_STATUS": "F", "AS_OF": (as_of or night).isoformat()}
    structure = structure_message(codelists, prepared)
    messages = Messages(
        structure=structure,
        csv=_csv(observations, codelists, data_set),
        json=json_data(observations, codelists, data_set, prepared),
        observation_count=len(observations),
    )
    check_messages(messages)
    return messages


def check_messages(messages: Messages) -> None:
    """Read all three back: structure and SDMX-JSON by the official schemas, SDMX-CSV by pysdmx, then code by code."""
    try:
        read_sdmx(messages.structure, validate=True)
        (data,) = get_datasets(messages.csv, messages.structure, validate=True)
    except Invalid as error:
        raise ExportError(f"SDMX message is not valid: {error}") from error
    check_data(data)
    carried = check_json_data(messages.json)
    if not len(data.data) == carried == messages.observation_count:
        raise ExportError(
            f"{messages.observation_count} observations, {len(data.data)} in CSV, {carried} in JSON: a key came twice"
        )


def check_data(data: PandasDataset) -> None:
    """Every coded value is in its codelist, every mandatory component is filled, every key comes once."""
    schema = data.structure
    if not isinstance(schema, model.Schema):
        raise ExportError("the SDMX data name no structure")
    table = data.data.astype("string")
    for part in schema.components:
        said = data.attributes.get(part.id)  # where pysdmx puts what is said of the data set as a whole
        column = table[part.id] if said is None else pd.Series([str(said)], dtype="string")
        is_empty = column.isna() | column.isin(["", "#N/A"])
        if part.required and is_empty.any():
            raise ExportError(f"SDMX data: {part.id} is empty in row {int(is_empty.idxmax()) + 1}")
        if part.enumeration is not None:
            wrong = ~is_empty & ~column.isin([code.id for code in part.enumeration])
            if wrong.any():
                raise ExportError(f"SDMX data: {column[wrong.idxmax()]} is no code of {part.enumeration.id}")
    keys = table[[part.id for part in schema.components.dimensions]]
    if keys.duplicated().any():
        raise ExportError(f"SDMX data: the key {'.'.join(keys[keys.duplicated()].iloc[0])} comes twice")


def _csv(observations: Sequence[Observation], codelists: Mapping[str, Codelist], data_set: Mapping[str, str]) -> str:
    table = pd.DataFrame([{**each.parts(), **data_set} for each in observations], dtype="object")
    data = PandasDataset(structure=build_structure(codelists).to_schema(), data=table)
    data.data["OBS_VALUE"] = table[
        "OBS_VALUE"
    ]  # pysdmx makes binary fractions of decimals: 680 would be written as 680.0
    return write_sdmx(data, Format.DATA_SDMX_CSV_2_0_0) or ""
