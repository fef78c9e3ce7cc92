"""Pages of the portal's dossiers, made ready for the disk: one JSON object a line, without persons.

Nearly every page keeps the contract. Such a page is read by one typed decoder, which refuses whatever ``redaction`` would
remark on, and its persons are taken out of the decoded rows. Any other page goes row by row through ``redaction``. Both
ways write the same bytes for the same row. Fields that the contract does not name are learnt from the first page that has
them, so that a portal with more fields than ours is read fast too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from ingestion.landing import sha256_hex
from ingestion.sources.feed import Mark, Page, hash_of_bytes, landed_items, read_items
from ingestion.sources.notices import Refusal
from ingestion.sources.redaction import Pseudonyms, names_a_person, redact_items
from ingestion.sources.times import local_time, local_times

LANDED_AS_ITEMS = b'{"items":'  # how a page landed before pages landed line by line
_BOM = b"\xef\xbb\xbf"
_UNKNOWN_LEARNT = 100
_DATE_LENGTH = 14

_Text = str | None | UnsetType
_Foreign = msgspec.Raw | UnsetType
_DATES = attrgetter("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra")


class _Sound(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A dossier that keeps the contract: the fields of ``redaction.FIELDS`` in their order, the pseudonym, persons."""

    MaHoSo: str
    MaTTHC: str
    TenTTHC: _Text = UNSET
    MaLinhVuc: _Text = UNSET
    MaDonVi: str
    KenhThucHien: Literal["1", "2", "3"]
    MucDo: Literal["2", "3", "4", ""] | UnsetType | None = UNSET
    NgayNopHoSo: _Text = UNSET
    NgayTiepNhan: str
    NgayHenTra: _Text = UNSET
    NgayKetThucXuLy: _Text = UNSET
    NgayTra: _Text = UNSET
    HinhThuc: Literal["0", "1", "2", ""] | UnsetType | None = UNSET
    TrangThaiHoSo: Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]
    updated_at: str
    applicant_pseudonym: _Text = UNSET
    MaDoiTuong: str | int | UnsetType | None = UNSET
    ChuHoSo: Any = UNSET  # compared with what stays
    Email: Any = UNSET  # compared with what stays
    SoDienThoai: Any = UNSET  # compared with what stays


class _Landed(msgspec.Struct):
    updated_at: Any = None


class DossierPages:
    """Reads the pages of one pull; the same row gives the same bytes whichever way it is read."""

    def __init__(self, pseudonym_key: bytes) -> None:
        """``ValueError`` when the key is empty."""
        self._pseudonyms = Pseudonyms(pseudonym_key)
        self._encoder = msgspec.json.Encoder()
        self._learnt: dict[str, str] = {}  # an unknown field's name, and the attribute that it is read into
        self._decoder = _page_decoder(self._learnt)

    def read(self, body: bytes) -> Page:
        """The page without persons. Raises ``NotJsonError`` when the body is no page."""
        return self._read_sound(body) or self._read_carefully(body)

    def _read_sound(self, body: bytes) -> Page | None:
        """The page, when every row of it keeps the contract."""
        try:
            page = self._decoder.decode(body.removeprefix(_BOM))
            rows: list[Any] = page.items
            pseudonym_of = self._pseudonyms.of
            for row in rows:
                if not row.MaHoSo or not row.MaDonVi or row.applicant_pseudonym is not UNSET:
                    return None
                identity = row.MaDoiTuong
                if type(identity) is not str:
                    identity = "" if identity is UNSET or identity is None else str(identity)
                identity = identity.strip()
                row.applicant_pseudonym = pseudonym_of(identity) if identity else None
                if names_a_person(row.TenTTHC, row.ChuHoSo, row.MaDoiTuong, row.Email, row.SoDienThoai):
                    row.TenTTHC = None
                row.MaDoiTuong = row.ChuHoSo = row.Email = row.SoDienThoai = UNSET
            texts = [row.updated_at for row in rows]
            times = local_times(texts)
            if times is None or not _are_dates(chain.from_iterable(map(_DATES, rows))):
                return None
            for attribute in self._learnt.values():
                for row in rows:
                    setattr(row, attribute, UNSET)
            content = self._encoder.encode_lines(rows)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        marks = list(zip(times, texts, strict=True))
        return _page(content, marks, (), frozenset(self._learnt), str(page.next_cursor or "") or None)

    def _read_carefully(self, body: bytes) -> Page:
        items, next_cursor = read_items(body)
        rows, refusals, unknown = redact_items(items, pseudonyms=self._pseudonyms)
        if fresh := sorted(unknown - self._learnt.keys() - set(_Sound.__struct_encode_fields__)):
            for name in fresh[: _UNKNOWN_LEARNT - len(self._learnt)]:
                self._learnt[name] = f"unknown_{len(self._learnt)}"
            self._decoder = _page_decoder(self._learnt)
        marks = [mark_of(row) for row in rows]
        return _page(self._encoder.encode_lines(rows), marks, refusals, unknown, next_cursor)


def redact_dossiers_page(body: bytes, *, key: bytes) -> bytes:
    """What of a page may land: one JSON object a line. Pure. Raises ``NotJsonError`` when it is no page, ``ValueError``
    for an empty ``key``."""
    return DossierPages(key).read(body).content


def mark_of(item: Any) -> Mark | None:
    """A row's ``updated_at`` as local time and as spelled."""
    text = item.get("updated_at") if isinstance(item, dict) else None
    time = local_time(text)
    return (time, str(text)) if time else None


def landed_rows(content: bytes) -> Iterable[tuple[Mark | None, str]]:
    """The mark and hash of each row of a landed page."""
    if content.startswith(LANDED_AS_ITEMS):
        yield from landed_items(content, mark_of=mark_of)
        return
    decoder = msgspec.json.Decoder(_Landed)
    for line in content.splitlines():
        text = decoder.decode(line).updated_at
        time = local_time(text)
        yield (time, text) if time else None, hash_of_bytes(line)


def _page(
    content: bytes,
    marks: Sequence[Mark | None],
    refusals: Sequence[Refusal],
    unknown: frozenset[str],
    next_cursor: str | None,
) -> Page:
    lines: list[bytes] = []

    def hash_of(position: int) -> str:
        if not lines:
            lines.extend(content.splitlines())
        return hash_of_bytes(lines[position])

    return Page(
        content=content,
        fingerprint=sha256_hex(content),
        marks=marks,
        hash_of=hash_of,
        refusals=refusals,
        unknown_fields=unknown,
        next_cursor=next_cursor,
    )


def _page_decoder(learnt: Mapping[str, str]) -> msgspec.json.Decoder[Any]:
    """Of ``{"items": [...], "next_cursor": ...}`` whose rows may have the learnt fields too."""
    row = msgspec.defstruct(
        "_SoundWithMore",
        [(attribute, _Foreign, msgspec.field(default=UNSET, name=name)) for name, attribute in learnt.items()],
        bases=(_Sound,),
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    cursor = str | int | None
    page = msgspec.defstruct("_Page", [("items", list[row]), ("next_cursor", cursor, None)])  # type: ignore[valid-type]
    return msgspec.json.Decoder(page)


def _are_dates(texts: Iterable[Any]) -> bool:
    """Whether each is yyyyMMddHHmmss or nothing."""
    given = [text for text in texts if text]
    digits = "".join(given)
    return set(map(len, given)) <= {_DATE_LENGTH} and digits.isascii() and (digits.isdecimal() or not digits)
