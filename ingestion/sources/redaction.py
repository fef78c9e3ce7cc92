"""Dossier pages without persons: what may reach the disk is a list of names, and everything else goes.

The portal sends ``ChuHoSo``, ``MaDoiTuong``, ``Email`` and ``SoDienThoai`` with every dossier. The warehouse counts; it needs
none of them. The identity number alone is kept as ``applicant_pseudonym``, HMAC-SHA256 under a key of this installation, so
that repeat applicants can be counted. A field that the contract does not name is dropped too: it may hold a person.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from typing import Any

import orjson

from ingestion.sources.notices import Refusal
from ingestion.sources.payload import read_json
from ingestion.sources.times import local_time

PSEUDONYM = "applicant_pseudonym"
IS_REFUSED = "is_refused"  # on a landed row that the loader leaves out
_REQUIRED = frozenset({"MaHoSo", "MaTTHC", "MaDonVi", "KenhThucHien", "NgayTiepNhan", "TrangThaiHoSo", "updated_at"})
_OPTIONAL = frozenset(
    {"TenTTHC", "MaLinhVuc", "MucDo", "NgayNopHoSo", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "HinhThuc"}
)
_KEPT = _REQUIRED | _OPTIONAL
_PERSONAL = frozenset({"ChuHoSo", "MaDoiTuong", "Email", "SoDienThoai"})
_KNOWN = _KEPT | _PERSONAL
_TEXTS = frozenset({str})
_TEXTS_OR_NONE = frozenset({str, type(None)})
_CHOICES = {
    "KenhThucHien": frozenset({"1", "2", "3"}),
    "MucDo": frozenset({"2", "3", "4", "", None}),
    "HinhThuc": frozenset({"0", "1", "2", "", None}),
    "TrangThaiHoSo": frozenset(str(state) for state in range(1, 11)),
}
_DATES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra")
_DATE = re.compile(r"\d{14}|")
_FIVE_DATES = re.compile(r"(?:\d{14})?(?:\|(?:\d{14})?){4}")
_DATE_LIKE = re.compile(r"(?:19|20)\d\d[-/]?\d\d[-/]?\d\d[0-9T:. +-]{0,20}")
_CODE_LIKE = re.compile(r"[0-9A-Za-z]{0,4}")
_PLAIN_NUMBER = re.compile(r"(?!\d+$)[0-9A-Za-z._/-]{1,64}")  # digits alone might be somebody's identity number
_TYPE_WORDS = {bool: "đúng/sai", int: "số", float: "số", list: "danh sách", dict: "đối tượng", type(None): "null"}


def redact_dossiers_page(content: bytes, *, key: bytes) -> bytes:
    """The page as ``{"items": [...]}`` without personal fields. Pure. Raises ``NotJsonError`` when it is no page, and
    ``ValueError`` for an empty ``key``: an identity number hashed without one is soon guessed."""
    return write_items(redact_items(read_json(content)["items"], key=key)[0])


def write_items(items: Sequence[Any]) -> bytes:
    return orjson.dumps({"items": items})


def redact_items(items: Sequence[Any], *, key: bytes) -> tuple[list[dict[str, Any]], list[Refusal], frozenset[str]]:
    """(rows without persons, rows that break the contract, unknown field names).

    A refused row stays among the rows, marked ``is_refused``; one that is no object at all is dropped. What
    can't belong in a field of the contract (a nested value, words for a code or a date) becomes null, since it may be a
    person's. Reasons name fields and types, never values.
    """
    if not key:
        raise ValueError("the pseudonym key is empty")
    rows: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    unknown: set[str] = set()
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            refusals.append(Refusal(f"items[{index}]", f"Dòng {index + 1} không phải là một đối tượng JSON."))
            continue
        if not item.keys() <= _KNOWN:
            unknown.update(item.keys() - _KNOWN)
        row = {name: value for name, value in item.items() if name in _KEPT}
        faults = _faults(row)
        identity = item.get("MaDoiTuong")
        if isinstance(identity, int) and not isinstance(identity, bool):
            identity = str(identity)
        if isinstance(identity, str):
            identity = identity.strip()
            row[PSEUDONYM] = hmac.digest(key, identity.encode(), "sha256").hex() if identity else None
        else:
            row[PSEUDONYM] = None
            if identity is not None:
                faults.append(f"MaDoiTuong phải là chuỗi, nhận được {_type_word(identity)}")
        if faults:
            row[IS_REFUSED] = True
            refusals.append(Refusal(f"items[{index}]", f"Hồ sơ {_dossier_name(row, index)}: {'; '.join(faults)}."))
        rows.append(row)
    return rows, refusals, frozenset(unknown)


def _is_sound(row: dict[str, Any]) -> bool:
    """Whether a row keeps the contract; written out, as it runs once for each of a million dossiers."""
    get = row.get
    return bool(
        row.keys() >= _REQUIRED
        and set(map(type, row.values())) <= _TEXTS_OR_NONE
        and row["KenhThucHien"] in _CHOICES["KenhThucHien"]
        and row["TrangThaiHoSo"] in _CHOICES["TrangThaiHoSo"]
        and get("MucDo") in _CHOICES["MucDo"]
        and get("HinhThuc") in _CHOICES["HinhThuc"]
        and row["MaHoSo"]
        and row["MaTTHC"] is not None
        and row["MaDonVi"]
        and row["NgayTiepNhan"] is not None
        and _FIVE_DATES.fullmatch(
            f"{get('NgayNopHoSo') or ''}|{row['NgayTiepNhan']}|{get('NgayHenTra') or ''}"
            f"|{get('NgayKetThucXuLy') or ''}|{get('NgayTra') or ''}"
        )
        and local_time(row["updated_at"])
    )


def _faults(row: dict[str, Any]) -> list[str]:
    """What is wrong with a row; values that can't belong in their field become null."""
    if _is_sound(row):
        return []
    faults = [f"thiếu {name}" for name in sorted(_REQUIRED - row.keys())]
    for name, value in row.items():
        allowed = _TEXTS if name in _REQUIRED else _TEXTS_OR_NONE
        if type(value) not in allowed:
            faults.append(f"{name} phải là chuỗi, nhận được {_type_word(value)}")
            if isinstance(value, list | dict):
                row[name] = None
        elif name in _CHOICES and value not in _CHOICES[name]:
            faults.append(f"{name} có giá trị ngoài danh mục")
            row[name] = value if _CODE_LIKE.fullmatch(value) else None
        elif name in _DATES and not _DATE.fullmatch(value or ""):
            faults.append(f"{name} không có dạng yyyyMMddHHmmss")
            row[name] = value if _DATE_LIKE.fullmatch(value) else None
        elif name in ("MaHoSo", "MaDonVi") and not value:
            faults.append(f"{name} để trống")
        elif name == "updated_at" and not local_time(value):
            faults.append("updated_at không phải là thời điểm hợp lệ")
            row[name] = value if _DATE_LIKE.fullmatch(value) else None
    return faults


def _dossier_name(row: dict[str, Any], index: int) -> str:
    number = row.get("MaHoSo")
    is_plain = isinstance(number, str) and _PLAIN_NUMBER.fullmatch(number)
    return str(number) if is_plain else f"thứ {index + 1} của trang"


def _type_word(value: object) -> str:
    return _TYPE_WORDS.get(type(value), "giá trị lạ")
