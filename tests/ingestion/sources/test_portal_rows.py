"""What is read from a page of submissions, and what is kept of a page of dossiers."""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.errors import ParseError
from ingestion.landing import Landing, sha256_hex
from ingestion.sources.http import SourceAccess
from ingestion.sources.portal import parse_submissions_page, pull_dossiers, redact_dossiers_page
from ingestion.sources.redaction import FIELDS
from tests.ingestion.sources.scripted_server import Answer, Feed, ScriptedServer
from tests.ingestion.sources.source_access import NIGHT, access_to, now, outcomes

KEY = b"key of the tests"
PATH = "/api/v1/dossiers"
SECRETS = [
    "Trần Thị Bí Mật",
    "079199012345",
    "bimat@example.vn",
    "0912345678",
    "12 Hùng Vương",
    "Lê Văn Nộp",
    "S\\u1ed1",
]


def page_of(rows: list[Any]) -> bytes:
    return json.dumps({"items": rows, "next_cursor": None}, ensure_ascii=False).encode()


def submission(**changed: Any) -> dict[str, Any]:
    row = {
        "submission_id": "s-1",
        "agency_organ_id": "000.00.03.H51",
        "form_code": "so-2021",
        "period_code": "2021",
        "revision": 2,
        "submitted_at": "2021-12-17T08:00:00",
        "updated_at": "2021-12-17T09:00:00",
        "lines": [],
    }
    return {**row, **changed}


def dossier(number: int = 1, **changed: Any) -> dict[str, Any]:
    row = {
        "MaHoSo": f"000.00.03.H51-211203-{number:04}",
        "MaTTHC": "1.005434.000.00.00.H51",
        "TenTTHC": "Cấp phép",
        "MaLinhVuc": "TC01",
        "MaDonVi": "000.00.03.H51",
        "KenhThucHien": "2",
        "MucDo": "4",
        "ChuHoSo": "Trần Thị Bí Mật",
        "MaDoiTuong": "079199012345",
        "Email": "bimat@example.vn",
        "SoDienThoai": "0912345678",
        "NgayNopHoSo": "20211203080000",
        "NgayTiepNhan": "20211203090000",
        "NgayHenTra": None,
        "NgayKetThucXuLy": "",
        "NgayTra": None,
        "HinhThuc": "0",
        "TrangThaiHoSo": "4",
        "updated_at": f"2021-12-03T09:{number % 60:02}:00",
    }
    return {**row, **changed}


def test_values_keep_the_characters_of_the_source() -> None:
    body = (
        b'{"items":[{"submission_id":"s-1","agency_organ_id":"o","form_code":"f","period_code":"2021","revision":1,'
        b'"submitted_at":"2021-12-17T08:00:00","updated_at":"2021-12-17T08:00:00","lines":['
        b'{"code":"a","value":529},{"code":"b","value":99.50},{"code":"c","value":100.0},{"code":"d","value":"99,89"},'
        b'{"code":"e","value":null},{"code":"f"},{"code":"g","value":1e3},{"code":"h","value":"-"},{"code":"i","value":" 5 "},'
        b'{"code":"j","value":12345678901234567890123,"note":"529/529 h\xe1\xbb\x93 s\xc6\xa1"}]}],"next_cursor":null}'
    )
    (read,), problems = parse_submissions_page(body, locator="p")
    assert [line.text for line in read.lines] == [
        "529", "99.50", "100.0", "99,89", "", "", "1e3", "-", " 5 ", "12345678901234567890123",
    ]  # fmt: skip
    assert all(type(line.text) is str for line in read.lines)
    assert read.lines[-1].note == "529/529 hồ sơ"
    assert problems == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-12-17T08:00:00", datetime(2021, 12, 17, 8)),
        ("2021-12-17T08:00:00+07:00", datetime(2021, 12, 17, 8)),
        ("2021-12-17T01:00:00Z", datetime(2021, 12, 17, 8)),
        ("2021-12-16T20:00:00.5-05:00", datetime(2021, 12, 17, 8, 0, 0, 500000)),
        ("2021-12-17T08:00:00.123456789", datetime(2021, 12, 17, 8, 0, 0, 123456)),
        ("2021-12-17 08:00:00", datetime(2021, 12, 17, 8)),
    ],
)
def test_times_become_local_whatever_their_offset(text: str, expected: datetime) -> None:
    (read,), _ = parse_submissions_page(page_of([submission(updated_at=text)]), locator="p")
    assert read.updated_at == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("revision", "2"), ("revision", 1.5), ("revision", 0), ("revision", True), ("revision", None),
        ("submission_id", 7), ("submission_id", ""), ("agency_organ_id", None), ("form_code", []), ("period_code", 2021),
        ("submitted_at", "hôm qua"), ("updated_at", 20211217), ("updated_at", "2021-02-30T00:00:00"),
        ("updated_at", "2021-12-17"), ("lines", {}), ("lines", None), ("status", "lost"), ("document_number", 5),
    ],
)  # fmt: skip
def test_a_row_with_a_wrong_field_is_refused_by_name_and_the_rest_is_read(field: str, value: object) -> None:
    rows = [submission(submission_id="s-0"), submission(**{field: value}), submission(submission_id="s-2")]
    read, (problem,) = parse_submissions_page(page_of(rows), locator="/p")
    assert [row.submission_id for row in read] == ["s-0", "s-2"]
    assert (problem.severity, problem.code, problem.locator) == ("error", "row_refused", "/p#items[1]")
    assert field in problem.message


def test_a_missing_field_and_a_row_that_is_no_object_are_refused() -> None:
    incomplete = submission()
    del incomplete["period_code"]
    read, problems = parse_submissions_page(page_of([incomplete, "row", None, submission()]), locator="p")
    assert len(read) == 1
    assert [problem.code for problem in problems] == ["row_refused"] * 3
    assert "thiếu period_code" in problems[0].message


def test_values_of_a_wrong_type_are_problems_of_their_line() -> None:
    lines = [
        {"code": "a", "value": True},
        {"code": "b", "value": [1]},
        {"code": "c", "value": {}, "note": 5},
        {"value": 1},
        7,
    ]
    (read,), problems = parse_submissions_page(page_of([submission(lines=lines)]), locator="p")
    assert [(line.code, line.text) for line in read.lines] == [("a", ""), ("b", ""), ("c", "")]
    assert [problem.code for problem in problems] == ["value_type"] * 3 + ["line_refused"] * 2
    assert all(problem.locator.startswith(read.locator + "/") for problem in problems)


def test_a_line_given_twice_is_kept_once_and_named() -> None:
    lines = [{"code": "a", "value": 1}, {"code": "a", "value": 1}, {"code": "b", "value": 1}, {"code": "b", "value": 2}]
    (read,), problems = parse_submissions_page(page_of([submission(lines=lines)]), locator="p")
    assert [(line.code, line.text) for line in read.lines] == [("a", "1"), ("b", "1")]
    assert [(problem.code, problem.severity) for problem in problems] == [
        ("line_twice", "warning"),
        ("line_twice", "error"),
    ]
    assert "“1” và “2”" in problems[1].message


def test_equal_rows_come_once_and_revisions_apart() -> None:
    rows = [submission(), submission(), submission(revision=3), submission(status="withdrawn")]
    read, problems = parse_submissions_page(page_of(rows), locator="p")
    assert [(row.revision, row.status) for row in read] == [(2, "submitted"), (3, "submitted"), (2, "withdrawn")]
    assert problems == []


def test_unknown_fields_are_tolerated_and_named_once() -> None:
    rows = [
        submission(kenh="web", lines=[{"code": "a", "value": 1, "mau": "xanh"}]),
        submission(submission_id="s-2", kenh=""),
    ]
    read, (problem,) = parse_submissions_page(page_of(rows), locator="p")
    assert len(read) == 2
    assert (problem.severity, problem.code) == ("info", "field_unknown")
    assert "kenh" in problem.message and "lines_mau" in problem.message


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"items": 1}', b'{"items": [', b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_page_is_a_parse_error(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse_submissions_page(body, locator="p")


def test_personal_fields_never_reach_the_disk(
    server: ScriptedServer, access: SourceAccess, landing: Landing, tmp_path: Path
) -> None:
    poisoned = [
        dossier(2, TrangThaiHoSo="Trần Thị Bí Mật"),
        dossier(3, MaDoiTuong={"so": "079199012345"}, TenTTHC=["Trần Thị Bí Mật"]),
        dossier(4, MaHoSo="079199012345", KenhThucHien=5),
        dossier(5, updated_at="0912345678"),
        dossier(6, DiaChi="12 Hùng Vương", TenNguoiNop="Lê Văn Nộp", **{"Lê Văn Nộp": 1}),
        "Trần Thị Bí Mật",
    ]
    server.handlers[PATH] = Feed([dossier(1), *[row for row in poisoned if isinstance(row, dict)]])
    body = page_of([dossier(1), *poisoned])
    server.first[PATH].append(Answer(200, body))
    result = pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=KEY)
    assert result.failure is None and result.landed_count == 1
    (landed,) = landing.landed_after(0)
    text = landing.read(landed).decode().replace('"MaHoSo":"079199012345"', "")  # a dossier number stays as it came
    assert not [secret for secret in SECRETS if secret in text]
    assert text.count("MaDonVi") == 6
    told = repr(landing.outcomes_after(0)) + landed.locator + repr(result)
    assert not [secret for secret in SECRETS if secret in told]
    assert result.problem_count == 5
    assert landed.original_sha256 == sha256_hex(body) != landed.sha256


def test_no_file_of_the_landing_zone_holds_a_planted_value(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    rows = [dossier(n, DiaChiNguoiNop="12 Hùng Vương", CCCD="079199012345", NhanXet="Lê Văn Nộp") for n in range(1, 9)]
    rows.append(dossier(9, NgayTra={"Ten": "Lê Văn Nộp"}, ChuHoSo=["Trần Thị Bí Mật"]))
    server.handlers[PATH] = Feed(rows)
    result = pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=KEY)
    assert (result.landed_count, result.item_count, result.problem_count) == (3, 9, 1)
    files = [path for path in landing.root.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        content = path.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in content, path
            assert json.dumps(secret)[1:-1].encode() not in content, path
    assert any("Trường lạ" in line and "CCCD" in line for line in outcomes(landing, "ok"))


def test_an_identity_number_becomes_a_keyed_pseudonym() -> None:
    body = page_of(
        [dossier(1), dossier(2, MaDoiTuong=" 079199012345 "), dossier(3, MaDoiTuong=None), dossier(4, MaDoiTuong="")]
    )
    items = [orjson.loads(line) for line in redact_dossiers_page(body, key=KEY).splitlines()]
    expected = hmac.new(KEY, b"079199012345", "sha256").hexdigest()
    assert [item["applicant_pseudonym"] for item in items] == [expected, expected, None, None]
    other = orjson.loads(redact_dossiers_page(body, key=b"another key").splitlines()[0])
    assert other["applicant_pseudonym"] != expected
    with pytest.raises(ValueError, match="key"):
        redact_dossiers_page(body, key=b"")


def test_a_dossier_of_wrong_type_is_named_and_stays_in_the_landed_page(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    incomplete = dossier(3)
    del incomplete["MaDonVi"]
    server.handlers[PATH] = Feed([dossier(1), dossier(2, TrangThaiHoSo=4), incomplete, dossier(4, KenhThucHien="9")])
    result = pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=KEY)
    assert result.problem_count == 3 and result.item_count == 4
    refused = " ".join(outcomes(landing, "refused"))
    assert "Hồ sơ 000.00.03.H51-211203-0002: TrangThaiHoSo phải là chuỗi, nhận được số." in refused
    assert "0003: thiếu MaDonVi" in refused
    assert "0004: KenhThucHien có giá trị ngoài danh mục" in refused


def test_many_refused_rows_are_named_up_to_a_limit_and_counted(server: ScriptedServer, landing: Landing) -> None:
    server.handlers[PATH] = Feed([dossier(n, MucDo=4) for n in range(30)])
    access = access_to(server, named_rows_max=10, dossiers_limit=50)
    result = pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=KEY)
    assert result.problem_count == 30
    refused = outcomes(landing, "refused")
    assert len(refused) == 11 and "Còn 20 dòng" in refused[-1]


def test_the_same_dossiers_again_land_nothing(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.handlers[PATH] = Feed([dossier(n) for n in range(8)])
    first = pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=KEY)
    again = pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=KEY)
    assert (first.landed_count, again.landed_count) == (3, 0)
    assert server.calls_to(PATH)[-1].query["updated_since"] == landing.watermark("portal.dossiers")


ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        ["", None, "1", "4", "20211203080000", "2021-12-03T08:00:00", "2021-12-03T08:00:00+07:00", 4, True]
    ),
    st.text(max_size=20),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
FIELD = st.sampled_from(
    [*FIELDS, "ChuHoSo", "MaDoiTuong", "Email", "SoDienThoai", "applicant_pseudonym", "is_refused", "x"]
)


@given(
    changes=st.lists(st.dictionaries(FIELD, ODD, max_size=2), min_size=1, max_size=4),
    missing=st.lists(FIELD, max_size=2),
)
@settings(max_examples=80, deadline=None)
def test_a_row_lands_as_the_same_bytes_whichever_way_its_page_is_read(
    changes: list[dict[str, Any]], missing: list[str]
) -> None:
    rows = [{**dossier(number), **changed} for number, changed in enumerate(changes)]
    for name in missing:
        rows[0].pop(name, None)
    together = redact_dossiers_page(page_of(rows), key=KEY).splitlines()
    refused = redact_dossiers_page(page_of([*rows, dossier(99, KenhThucHien=5)]), key=KEY).splitlines()
    assert together == refused[:-1]
    assert together == [redact_dossiers_page(page_of([row]), key=KEY).rstrip() for row in rows]
    allowed = {*FIELDS, "applicant_pseudonym", "is_refused"}
    for line, row in zip(together, rows, strict=True):
        landed = orjson.loads(line)
        assert landed.keys() <= allowed
        identity = row.get("MaDoiTuong")
        if isinstance(identity, str) and identity.strip():
            assert landed["applicant_pseudonym"] == hmac.new(KEY, identity.strip().encode(), "sha256").hexdigest()


def test_fields_that_no_contract_names_are_dropped_from_the_second_page_too(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = Feed([dossier(n, GhiChu={"Ten": "Lê Văn Nộp"}, **{"Lê Văn Nộp": n}) for n in range(1, 9)])
    result = pull_dossiers(access, landing, night=NIGHT, now=now, pseudonym_key=KEY)
    assert (result.landed_count, result.problem_count) == (3, 0)
    for page in landing.landed_after(0):
        for line in landing.read(page).splitlines():
            assert orjson.loads(line).keys() <= {*FIELDS, "applicant_pseudonym"}
    (told,) = [line for line in outcomes(landing, "ok") if "Trường lạ" in line]
    assert told.endswith("GhiChu, 1 trường có tên không hợp lệ.")
