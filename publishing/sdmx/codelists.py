"""The codelists of the statistics, from the published catalogue, with names in Vietnamese and, where it has them, English.

Ids never change once published: agencies, lines and periods keep the warehouse's codes with ``_`` for the point that SDMX
doesn't allow in an id (``III.6.1`` is ``III_6_1``); units are their Vietnamese words without marks.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from publishing.province_table import ExportError, Period, read_periods
from publishing.units import english_unit

#: Who maintains the structures (the Department of Home Affairs), and their version. Raised by hand when ids change.
MAINTAINER, VERSION = "SNV_SOCTRANG", "1.0.0"

_KINDS = {
    "quarter_1": ("Q", "First quarter of {year}"),
    "half_year": ("S", "First half of {year}"),
    "quarter_3": ("Q", "Third quarter of {year}"),
    "year": ("A", "Year {year}"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Vietnamese; ``en`` is empty where the catalogue has none."""

    vi: str
    en: str = ""

    def by_language(self) -> dict[str, str]:
        return {"vi": self.vi} | ({"en": self.en} if self.en else {})


@dataclass(frozen=True, slots=True)
class Code:
    id: str
    name: Name


@dataclass(frozen=True, slots=True)
class Codelist:
    id: str
    name: Name
    codes: tuple[Code, ...]

    @property
    def names(self) -> dict[str, Name]:
        return {code.id: code.name for code in self.codes}

    @property
    def urn(self) -> str:
        return f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={MAINTAINER}:{self.id}({VERSION})"


FREQ = Codelist(
    "CL_FREQ",
    Name("Tần suất", "Frequency"),
    (
        Code("A", Name("Năm", "Annual")),
        Code("S", Name("Sáu tháng", "Half-yearly")),
        Code("Q", Name("Quý", "Quarterly")),
        Code("_O", Name("Khác", "Other")),
    ),
)
OBS_STATUS = Codelist(
    "CL_OBS_STATUS",
    Name("Tình trạng số liệu", "Observation status"),
    (
        Code("A", Name("Bình thường", "Normal value")),
        Code("B", Name("Chỉ tiêu đổi ý nghĩa trong kỳ", "Time series break")),
        Code("L", Name("Có số liệu nhưng không đọc được", "Missing value; data exist but were not collected")),
        Code("M", Name("Không phát sinh", "Missing value; data cannot exist")),
        Code("O", Name("Không có số liệu", "Missing value")),
        Code("P", Name("Chưa đủ cơ quan", "Provisional value")),
        Code("U", Name("Đọc không chắc, cần xem lại", "Low reliability")),
    ),
)
CONF_STATUS = Codelist(
    "CL_CONF_STATUS",
    Name("Mức độ mật", "Confidentiality status"),
    (Code("F", Name("Không mật", "Free (free for publication)")),),
)


def read_codelists(connection: duckdb.DuckDBPyConnection) -> dict[str, Codelist]:
    """Every codelist by its id, from the published marts."""
    agencies = connection.execute(
        "select agency_code, name_vi from mart.dim_agency where level <> 'unknown' order by agency_code"
    ).fetchall()
    lines = connection.execute(
        "select indicator_code, label_vi, coalesce(label_en, ''), coalesce(unit_vi, ''), value_type from mart.dim_indicator"
        " where is_answerable order by form_row"
    ).fetchall()
    lists = (
        Codelist("CL_AGENCY", Name("Cơ quan báo cáo", "Reporting agency"), _codes((c, Name(n)) for c, n in agencies)),
        Codelist("CL_INDICATOR", Name("Chỉ tiêu", "Indicator"), _codes((c, Name(vi, en)) for c, vi, en, *_ in lines)),
        Codelist(
            "CL_PERIOD",
            Name("Kỳ báo cáo", "Reporting period"),
            _codes((period.code, period_name(period)) for period in read_periods(connection)),
        ),
        Codelist("CL_UNIT", Name("Đơn vị tính", "Unit of measure"), _units([(unit, kind) for *_, unit, kind in lines])),
        FREQ,
        OBS_STATUS,
        CONF_STATUS,
    )
    return {found.id: found for found in lists}


def digest(codelists: Iterable[Codelist]) -> str:
    """One word for all ids of all codelists: another digest needs another ``VERSION``."""
    told = "\n".join(
        f"{codelist.id} {' '.join(sorted(codelist.names))}" for codelist in sorted(codelists, key=lambda c: c.id)
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def code_id(code: str) -> str:
    """A code of the warehouse as an SDMX id."""
    return code.replace(".", "_")


def frequency(period: Period) -> str:
    return _KINDS.get(period.kind, ("_O", ""))[0]


def period_name(period: Period) -> Name:
    english = _KINDS.get(period.kind, ("", ""))[1]
    return Name(period.label_vi, english.format(year=period.year))


def unit_id(unit: str, value_type: str) -> str:
    """A unit's id: ``Cơ quan, đơn vị`` is ``CO_QUAN_DON_VI``. Answers to choose from have none of their own."""
    if value_type == "flag":
        return "YES_NO"
    if value_type == "choice":
        return "CHOICE"
    if unit == "%":
        return "PERCENT"
    letters = unicodedata.normalize("NFD", unit.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_") or "NONE"


_UNIT_NAMES = {
    "YES_NO": Name(
        "Có = 1, không = 0; toàn tỉnh: số cơ quan trả lời có", "Yes = 1, no = 0; province: agencies that say yes"
    ),
    "CHOICE": Name("Một trong các trả lời", "One of the answers"),
    "PERCENT": Name("%", "Percent"),
    "NONE": Name("Không có đơn vị", "No unit"),
}


def _units(units: Sequence[tuple[str, str]]) -> tuple[Code, ...]:
    found = {unit_id(unit, kind): unit for unit, kind in units}
    return tuple(Code(key, _UNIT_NAMES.get(key) or Name(found[key], english_unit(found[key]))) for key in sorted(found))


def _codes(pairs: Iterable[tuple[str, Name]]) -> tuple[Code, ...]:
    found = tuple(pairs)
    if wrong := [code for code, _ in found if "_" in code]:
        raise ExportError(f"{wrong[0]} can't be an SDMX id: «_» stands for the point in a code")
    return tuple(Code(code_id(code), name) for code, name in found)
