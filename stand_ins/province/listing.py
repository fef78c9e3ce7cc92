"""The portal's listing of dossiers: a page is made from the columns when it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stand_ins.province.damage import PlantedError
from stand_ins.province.dossiers import DAY_SECONDS, NONE, Dossiers
from stand_ins.province.periods import to_date
from stand_ins.province.personal import mixed, person
from stand_ins.province.structure import Structure

Ints = npt.NDArray[np.int64]
Poison = dict[int, tuple[str, Any]]  # by dossier: the field, and what stands in it

_POISON: tuple[tuple[str, str, Any, str], ...] = (
    ("dossier_field_type", "KenhThucHien", 2, "a number where a text is due"),
    ("dossier_value_unknown", "TrangThaiHoSo", "99", "a state that nobody knows"),
    ("dossier_date_impossible", "NgayTiepNhan", "20211332083000", "received in month 13"),
    ("dossier_field_type", "MucDo", ["3"], "a list where a text is due"),
    ("dossier_field_type", "NgayHenTra", 20211230170000, "a number where a text is due"),
    ("dossier_field_missing", "MaDonVi", None, "no agency"),
    ("agency_unknown", "MaDonVi", "000.00.99.H51", "an agency that nobody knows"),
)


def poison(
    dossiers: Dossiers, structures: tuple[Structure, ...], rng: np.random.Generator
) -> tuple[Poison, list[PlantedError]]:
    """Spoil one field in each of a handful of dossiers filed after the year's last window: no period's measure moves."""
    after = np.flatnonzero((dossiers.quarter == 4) & (dossiers.received != NONE))
    chosen = rng.permutation(after)[: len(_POISON)]
    poisoned: Poison = {}
    planted = []
    for index, (code, name, value, description) in zip(chosen.tolist(), _POISON, strict=False):
        poisoned[index] = (name, value)
        place = dossier_id(dossiers, structures, index)
        agency = structures[int(dossiers.agency[index])].agency.code if name != "MaDonVi" else ""
        planted.append(PlantedError(agency, "", "portal", code, f"{name}: {description}", "problem", place))
    return poisoned, planted


def dossier_id(dossiers: Dossiers, structures: tuple[Structure, ...], index: int) -> str:
    """MaHoSo: ``000.00.03.H51-211203-0007``. All of a province's have one width, so that they sort as text."""
    width = max(4, len(str(int(dossiers.sequence.max()))))
    day = to_date(int(dossiers.filed[index]) // DAY_SECONDS)
    organ_id = structures[int(dossiers.agency[index])].agency.organ_id
    return f"{organ_id}-{day:%y%m%d}-{int(dossiers.sequence[index]):0{width}d}"


class DossierListing:
    """Pages of the listing; ``offset`` ends every updated_at. Some rows name their agency by the new form of its organ id,
    some their procedure without the province's suffix, and "none" is written in both ways."""

    def __init__(
        self, dossiers: Dossiers, structures: tuple[Structure, ...], poisoned: Poison, seed: int, offset: str
    ) -> None:
        self._dossiers = dossiers
        self._poisoned = poisoned
        self._seed = seed
        self._offset = offset
        widest = int(dossiers.sequence.max()) if len(dossiers) else 1
        self._width = max(4, len(str(widest)))
        province = structures[0].agency.organ_id.rpartition(".")[2]
        self._organs = [(one.agency.organ_id, one.agency.code) for one in structures]
        self._procedures = [
            [(what.code, f"{what.code}.{province}", what.name, what.field_code) for what in one.procedures]
            for one in structures
        ]

    def __len__(self) -> int:
        return len(self._dossiers.row_dossier)

    def position(self, updated_since: int) -> int:
        """The first row that was updated at this second or later."""
        return int(np.searchsorted(self._dossiers.row_updated, updated_since, side="left"))

    def page(self, start: int, stop: int) -> list[dict[str, Any]]:
        """Rows ``start`` to ``stop``, as served."""
        d = self._dossiers
        which = d.row_dossier[start:stop]
        version = d.row_version[start:stop]
        latest = version == 0
        state = np.select([latest, version == 1], [d.state[which], 4], 2)
        filed = _compact(d.filed[which])
        received = _compact(d.received[which])
        due = _compact(d.due[which])
        finished = _compact(np.where(latest, d.finished[which], NONE))
        returned = _compact(np.where(latest, d.returned[which], NONE))
        updated = np.datetime_as_string(d.row_updated[start:stop].astype("datetime64[s]")).tolist()
        columns = zip(
            d.agency[which].tolist(),
            d.sequence[which].tolist(),
            d.procedure[which].tolist(),
            d.level[which].tolist(),
            d.channel[which].tolist(),
            d.return_form[which].tolist(),
            state.tolist(),
            mixed(which, self._seed).tolist(),
            strict=True,
        )
        items = []
        for row, (agency, sequence, procedure, level, channel, return_form, now, mix) in enumerate(columns):
            organ_id, organ_code = self._organs[agency]
            bare_code, full_code, procedure_name, field_code = self._procedures[agency][procedure]
            name, identity, email, telephone = person(mix)
            none = None if mix & 64 else ""
            item = {
                "MaHoSo": f"{organ_id}-{filed[row][2:8]}-{sequence:0{self._width}d}",
                "MaTTHC": full_code if mix & 3 else bare_code,
                "TenTTHC": procedure_name,
                "MaLinhVuc": field_code,
                "MaDonVi": organ_id if mix & 28 else organ_code,
                "KenhThucHien": str(channel),
                "MucDo": str(level),
                "ChuHoSo": name,
                "MaDoiTuong": identity,
                "Email": email,
                "SoDienThoai": telephone,
                "NgayNopHoSo": filed[row],
                "NgayTiepNhan": received[row],
                "NgayHenTra": due[row] or none,
                "NgayKetThucXuLy": finished[row] or none,
                "NgayTra": returned[row] or none,
                "TrangThaiHoSo": str(now),
                "updated_at": updated[row] + self._offset,
            }
            if now == 10:
                item["HinhThuc"] = str(return_form)
            items.append(item)
        if self._poisoned:
            for row in np.flatnonzero(latest & np.isin(which, list(self._poisoned))).tolist():
                spoiled, value = self._poisoned[int(which[row])]
                items[row][spoiled] = value
        return items


def _compact(seconds: Ints) -> list[str]:
    """yyyyMMddHHmmss, an empty string where there is none."""
    days = (seconds // DAY_SECONDS).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    within = seconds % DAY_SECONDS
    month_number = months.astype(np.int64)
    on = (month_number // 12 + 1970) * 10_000 + (month_number % 12 + 1) * 100 + (days - months).astype(np.int64) + 1
    at = within // 3600 * 10_000 + within // 60 % 60 * 100 + within % 60
    number = np.where(seconds == NONE, NONE, on * 1_000_000 + at)
    return ["" if one == NONE else str(one) for one in number.tolist()]
