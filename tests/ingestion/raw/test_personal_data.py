"""Nobody who filed a dossier is found again: not in landing, not in the warehouse, not in a word that is written."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from ingestion.landing import Landing
from ingestion.raw.load import load_raw
from ingestion.reference import Catalogue
from ingestion.sources.portal import pull_dossiers
from tests.ingestion.sources.scripted_server import Answer, Call, ScriptedServer
from tests.ingestion.sources.source_access import NIGHT, access_to, now

PATH = "/api/v1/dossiers"
NAME, IDENTITY, MAIL, PHONE = "Sơn Thị Bí Mật", "094199012345", "bi.mat@example.vn", "0918273645"
PERSONS: dict[str, Any] = {"ChuHoSo": NAME, "MaDoiTuong": IDENTITY, "Email": MAIL, "SoDienThoai": PHONE}


def dossier(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "MaHoSo": f"000.00.03.H51-211203-{number:04}",
        "MaTTHC": "1.005434",
        "MaDonVi": "000.00.03.H51",
        "KenhThucHien": "2",
        "NgayTiepNhan": "20211203080000",
        "TrangThaiHoSo": "4",
        "updated_at": f"2021-12-03T08:00:{number:02}",
        **PERSONS,
        **changed,
    }


PAGES: list[list[Any]] = [
    [dossier(1), dossier(2)],
    [dossier(3, DiaChi=PERSONS, **{NAME: 1, MAIL: [PHONE]}), dossier(4, NguoiNop=NAME, is_refused=NAME)],
    [dossier(5, applicant_pseudonym=IDENTITY), dossier(6, TenTTHC=[NAME], NgayTra={"x": MAIL}, KenhThucHien=NAME)],
    [dossier(7, updated_at=NAME), dossier(8, NgayTiepNhan=PHONE, MucDo=IDENTITY), [NAME, IDENTITY], NAME],
    [
        dossier(9, MaDoiTuong=[IDENTITY]),
        dossier(10, MaDonVi=int(PHONE), MaTTHC=float(IDENTITY)),
        dossier(11, MaHoSo=None),
    ],
]
FAULTS = [
    Answer(500, json.dumps(PERSONS).encode()),
    Answer(429, json.dumps(PERSONS).encode(), {"Retry-After": "0.01"}),
    Answer(200, json.dumps({"items": [dossier(1)]}, ensure_ascii=False).encode()[:-9]),
    Answer(200, f"<html>{NAME} {IDENTITY}</html>".encode()),
]


def serve(call: Call) -> Answer:
    """Five pages whose cursors hold a person, and an error body in the end."""
    number = next((n for n in range(len(PAGES)) if call.query.get("cursor") == f"{NAME}|{IDENTITY}|{n}"), 0)
    if call.query.get("cursor") == "end":
        return Answer(403, json.dumps(PERSONS, ensure_ascii=False).encode(), {"X-Error": IDENTITY})
    cursor = f"{NAME}|{IDENTITY}|{number + 1}" if number + 1 < len(PAGES) else "end"
    body = json.dumps({"items": PAGES[number], "next_cursor": cursor, "nguoi_dung": PERSONS}, ensure_ascii=False)
    return Answer(200, body.encode())


def spellings(secret: str) -> list[bytes]:
    """A secret as it may lie in a file."""
    plain = secret.encode()
    words = [plain, json.dumps(secret)[1:-1].encode(), secret.encode("utf-16-le"), quote(secret).encode()]
    return [*words, plain.hex().encode(), *(base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3))]


def test_no_person_is_written_anywhere(
    server: ScriptedServer,
    tmp_path: Path,
    catalogue: Catalogue,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    server.handlers[PATH] = serve
    server.first[PATH].extend(FAULTS[:3])
    with Landing(tmp_path / "landing") as landing:
        results = [
            pull_dossiers(access_to(server), landing, night=NIGHT, now=now, pseudonym_key=b"key of the tests")
            for _ in range(2)
        ]
        server.first[PATH].extend([FAULTS[3]] * 4)
        results.append(pull_dossiers(access_to(server), landing, night=NIGHT, now=now, pseudonym_key=b"key"))
        warehouse = tmp_path / "warehouse.duckdb"
        loaded = load_raw(
            landing, warehouse=warehouse, catalogue=catalogue, refused=tmp_path / "refused", night=NIGHT, now=now
        )
    assert loaded.dossier_count == 5
    assert [result.failure is None for result in results] == [False, False, False]
    assert results[0].landed_count == len(PAGES)

    found = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(found) > len(PAGES)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        assert len(tables) > 8
        found += [repr(connection.execute(f"from {table}").fetchall()).encode() for (table,) in tables]
    printed = capfd.readouterr()
    found += [text.encode() for text in (repr(results), caplog.text, printed.out, printed.err)]
    for secret in (NAME, IDENTITY, MAIL, PHONE):
        for spelling in spellings(secret):
            assert not [content[:80] for content in found if spelling in content], (secret, spelling)
