"""What an agency is like all year: its procedures by level, its size, its habits. Figures and dossiers both follow it."""

from __future__ import annotations

from dataclasses import dataclass

from stand_ins.province import procedures
from stand_ins.province.reference import Agency, Reference
from stand_ins.province.streams import stream


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure that dossiers are filed for: ``code`` without the province's suffix."""

    code: str
    name: str
    field_code: str
    level: int


@dataclass(frozen=True, slots=True)
class Structure:
    """``procedure_count`` is the number in force when the year began; weights are relative to other agencies."""

    agency: Agency
    procedure_count: int
    level3_count: int
    level4_count: int
    procedures: tuple[Procedure, ...]
    dossier_weight: float
    document_weight: float
    late_share: float


def structures(reference: Reference, seed: int) -> tuple[Structure, ...]:
    """One for each reporting agency, in their order."""
    return tuple(_structure(agency, number, seed) for number, agency in enumerate(reference.agencies))


def _structure(agency: Agency, number: int, seed: int) -> Structure:
    rng = stream(seed, f"structure {agency.code}")
    count = int(rng.integers(190, 290) if agency.is_district else rng.integers(42, 130))
    level3 = 0 if rng.random() < 0.2 else int(rng.integers(4, 12))
    level4 = int(rng.integers(3, 14))
    used = []
    for index, name in enumerate(procedures.names(agency.short_name, is_district=agency.is_district)):
        # In turn: level 4, level 2, level 3 where the agency offers it. The code is made up, in the national form.
        level = (4, 2, 3 if level3 else 2, 2)[index % 4]
        code = f"{1 + index % 2}.{4000 + 31 * number + 7 * index:06d}.000.00.00"
        used.append(Procedure(code, name, f"LV{number + 1:02d}.{index + 1:02d}", level))
    base = 1.6 if agency.is_district else 0.8
    return Structure(
        agency=agency,
        procedure_count=count,
        level3_count=level3,
        level4_count=level4,
        procedures=tuple(used),
        dossier_weight=float(base * min(max(rng.lognormal(0.0, 0.6), 0.35), 3.0)),
        document_weight=float(min(max(rng.lognormal(0.0, 0.5), 0.4), 3.5)),
        late_share=float(rng.choice([0.0, 0.002, 0.01, 0.03, 0.06])),
    )
