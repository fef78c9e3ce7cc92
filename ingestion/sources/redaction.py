"""Dossiers without persons: what may reach the disk is a list of names, and everything else goes.

The portal sends ``ChuHoSo``, ``MaDoiTuong``, ``Email`` and ``SoDienThoai`` with every dossier. The warehouse counts; it needs
none of them. The identity number alone is kept as ``applicant_pseudonym``, HMAC-SHA256 under a key of this installation, so
that repeat applicants can be counted. A field that the contract does not name is dropped too: it may hold a person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from ingestion.sources.notices import Refusal
from ingestion.sources.times import local_time

PSEUDONYM = "applicant_pseudonym"
IS_REFUSED = "is_refused"  # on a landed row that the loader leaves out
FIELDS = (
    "MaHoSo",
    "MaTTHC",
    "TenTTHC",
    "MaLinhVuc",
    "MaDonVi",
    "KenhThucHien",
    "MucDo",
    "NgayNopHoSo",
    "NgayTiepNhan",
    "NgayHenTra",
    "NgayKetThucXuLy",
    "NgayTra",
    "HinhThuc",
    "TrangThaiHoSo",
    "updated_at",
)
_REQUIRED = frozenset({"MaHoSo", "MaTTHC", "MaDonVi", "KenhThucHien", "NgayTiepNhan", "TrangThaiHoSo", "updated_at"})
# Shorter ones («An») stand in other words too.
_LEAST_PERSON = 5
_PERSONAL = frozenset({"ChuHoSo", "MaDoiTuong", "Email", "SoDienThoai"})
_KNOWN = frozenset(FIELDS) | _PERSONAL
_BLOCK_BYTES = 64
_TEXTS = frozenset({str})
_TEXTS_OR_NONE = frozenset({str, type(None)})
_CHOICES = {
    "KenhThucHien": frozenset({"1", "2", "3"}),
    "MucDo": frozenset({"2", "3", "4", "", None}),
    "HinhThuc": frozenset({"0", "1", "2", "", None}),
    "TrangThaiHoSo": frozenset(str(state) for state in range(1, 11)),
}
_DATES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra")
_DATE = re.compile(r"[0-9]{14}|")
_DATE_LIKE = re.compile(r"(?:19|20)[0-9]{2}[-/]?[0-9]{2}[-/]?[0-9]{2}[0-9T:. +-]{0,20}")
_CODE_LIKE = re.compile(r"[0-9A-Za-z]{0,4}")
_PLAIN_NUMBER = re.compile(r"(?![0-9]+$)[0-9A-Za-z._/-]{1,64}")  # digits alone might be somebody's identity number
_TYPE_WORDS = {bool: "đúng/sai", int: "số", float: "số", list: "danh sách", dict: "đối tượng", type(None): "null"}


class Pseudonyms:
    """HMAC-SHA256 (RFC 2104) under one key, its two keyed states made once: it runs for each of a million dossiers."""

    def __init__(self, key: bytes) -> None:
        """``ValueError`` for an empty key: an identity number hashed without one is soon guessed."""
        if not key:
            raise ValueError("the pseudonym key is empty")
        padded = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, identity: str) -> str:
        """Sixty-four hex digits."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(identity.encode())
        outer.update(inner.digest())
        return outer.hexdigest()


def names_a_person(text: object, *persons: object) -> bool:
    """Whether a text of a dossier holds one of its own personal values («Cấp phép cho ông Nguyễn Văn A»)."""
    if type(text) is not str:
        return False
    return any(type(person) is str and len(person) >= _LEAST_PERSON and person in text for person in persons)


def redact_items(
    items: Sequence[Any], *, pseudonyms: Pseudonyms
) -> tuple[list[dict[str, Any]], list[Refusal], frozenset[str]]:
    """(rows without persons, rows that break the contract, unknown field names).

    A refused row stays among the rows, marked ``is_refused``; of one that is no object at all only the mark stays. What
    can't belong in a field of the contract (a nested value, words for a code or a date) becomes null, since it may be a
    person's. Reasons name fields and types, never values. Fields stand in the order of ``FIELDS``.
    """
    rows: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    unknown: set[str] = set()
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            refusals.append(Refusal(f"items[{index}]", f"Dòng {index + 1} không phải là một đối tượng JSON."))
            rows.append({IS_REFUSED: True})
            continue
        if not item.keys() <= _KNOWN:
            unknown.update(item.keys() - _KNOWN)
        row = {name: item[name] for name in FIELDS if name in item}
        if names_a_person(row.get("TenTTHC"), *(item.get(name) for name in _PERSONAL)):
            row["TenTTHC"] = None
        faults = _faults(row)
        identity = item.get("MaDoiTuong")
        if isinstance(identity, int) and not isinstance(identity, bool):
            identity = str(identity)
        if isinstance(identity, str):
            identity = identity.strip()
            row[PSEUDONYM] = pseudonyms.of(identity) if identity else None
        else:
            row[PSEUDONYM] = None
            if identity is not None:
                faults.append(f"MaDoiTuong phải là chuỗi, nhận được {_type_word(identity)}")
        if faults:
            row[IS_REFUSED] = True
            refusals.append(Refusal(f"items[{index}]", f"Hồ sơ {_dossier_name(row, index)}: {'; '.join(faults)}."))
        rows.append(row)
    return rows, refusals, frozenset(unknown)


def _faults(row: dict[str, Any]) -> list[str]:
    """What is wrong with a row; values that can't belong in their field become null."""
    faults = [f"thiếu {name}" for name in sorted(_REQUIRED - row.keys())]
    for name, value in row.items():
        allowed = _TEXTS if name in _REQUIRED else _TEXTS_OR_NONE
        if type(value) not in allowed:
            faults.append(f"{name} phải là chuỗi, nhận được {_type_word(value)}")
            row[name] = value if _may_stand(name, value) else None
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


def _may_stand(name: str, value: Any) -> bool:
    """Whether a value of a wrong type can't be a person's: true and false, or a number that is a code or a date."""
    if isinstance(value, int) and not isinstance(value, bool):
        pattern = _CODE_LIKE if name in _CHOICES else _DATE_LIKE if name in _DATES else None
        return bool(pattern and pattern.fullmatch(str(value)))
    return value is None or isinstance(value, bool)


def _dossier_name(row: dict[str, Any], index: int) -> str:
    number = row.get("MaHoSo")
    is_plain = isinstance(number, str) and _PLAIN_NUMBER.fullmatch(number)
    return str(number) if is_plain else f"thứ {index + 1} của trang"


def _type_word(value: object) -> str:
    return _TYPE_WORDS.get(type(value), "giá trị lạ")
