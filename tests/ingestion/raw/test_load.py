"""Loading what landed: a real DuckDB file, landed bodies in, raw rows out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.landing import Landing
from ingestion.raw.dossiers import load_dossier_pages
from ingestion.raw.load import LoadResult, ensure_schema, load_raw
from ingestion.reference import Catalogue
from ingestion.sources.portal import redact_dossiers_page
from ingestion.sources.times import local_time, local_times

NIGHT = date(2021, 12, 20)
Clock = Callable[[], datetime]


class Night:
    """A landing zone and a warehouse, and what a test does with them."""

    def __init__(self, folder: Path, landing: Landing, catalogue: Catalogue, now: Clock) -> None:
        self.landing, self.catalogue, self.now = landing, catalogue, now
        self.warehouse, self.refused = folder / "warehouse.duckdb", folder / "refused"

    def land(self, content: bytes | dict[str, Any], kind: str, locator: str, night: date = NIGHT, **meta: str) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        source = {"drop_file": "drop", "edoc_message": "edoc", "outgoing_page": "edoc"}.get(kind, "portal")
        self.landing.land(
            body,
            source=source,
            kind=kind,
            locator=locator,
            night_on=night,
            now=self.now(),
            meta=meta,  # type: ignore[arg-type]
        )

    def load(self) -> LoadResult:
        return load_raw(
            self.landing,
            warehouse=self.warehouse,
            catalogue=self.catalogue,
            refused=self.refused,
            night=NIGHT,
            now=self.now,
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def night(tmp_path: Path, catalogue: Catalogue, now: Clock) -> Iterator[Night]:
    with Landing(tmp_path / "landing") as landing:
        yield Night(tmp_path, landing, catalogue, now)


def submission(revision: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "submission_id": "S-1",
        "agency_organ_id": "000.00.05.H51",
        "form_code": "so-2021",
        "period_code": "2021",
        "revision": revision,
        "status": "submitted",
        "document_number": "12/BC-STP",
        "submitted_at": "2021-12-18T09:00:00",
        "updated_at": f"2021-12-18T09:0{revision}:00",
        "lines": [
            {"code": "III.6.1", "value": 500 + revision},
            {"code": "III.6.3", "value": "99,89", "note": "529/529"},
        ],
    } | changed


def page(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items), "next_cursor": None}


def dossier(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "MaHoSo": f"HS-{number}",
        "MaTTHC": "1.005434",
        "MaDonVi": "000.00.03.H51",
        "KenhThucHien": "2",
        "NgayTiepNhan": "20211201080000",
        "NgayTra": "",
        "NgayHenTra": None,
        "TrangThaiHoSo": "4",
        "updated_at": "2021-12-01T08:00:00",
    } | changed


def test_a_submission_becomes_one_row_and_all_its_answered_lines(night: Night) -> None:
    night.land(page(submission()), "submissions_page", "/api/v1/submissions")
    result = night.load()
    assert (result.submission_count, result.line_count) == (1, 133)
    assert night.ask(
        "select submission_id, agency_code, period_code, revision, source, received_at from raw.submission"
    ) == [("S-1", "H51.05", "2021", 1, "portal", datetime(2021, 12, 18, 9))]
    assert night.ask(
        "select value_text, value, ratio_numerator, observation_status from raw.submission_line where indicator_code = 'III.6.3'"
    ) == [("99,89", Decimal("99.89"), 529, "reported")]
    assert night.ask(
        "select count(*) from raw.submission_line where value is null and observation_status = 'blank'"
    ) == [(131,)]


def test_loading_twice_adds_nothing(night: Night) -> None:
    night.land(page(submission()), "submissions_page", "/1")
    night.land({"items": [dossier(1)]}, "dossiers_page", "/2")
    night.load()
    again = night.load()
    assert (again.landed_count, again.submission_count, again.dossier_count) == (0, 0, 0)
    assert night.ask("select count(*) from raw.submission") == [(1,)]
    assert night.ask("select count(*) from raw.dossier") == [(1,)]


def test_a_row_that_comes_again_on_another_page_is_one_submission(night: Night) -> None:
    night.land(page(submission()), "submissions_page", "/1")
    night.load()
    night.land(page(submission(), submission(2)), "submissions_page", "/2")
    night.load()
    assert night.ask("select submission_id, revision from raw.submission order by all") == [("S-1", 1), ("S-1#r2", 2)]


def test_a_withdrawal_is_an_event_of_the_submission_even_without_its_lines(night: Night) -> None:
    night.land(page(submission()), "submissions_page", "/1")
    night.land(
        page(submission(status="withdrawn", lines=[], updated_at="2021-12-19T10:00:00")), "submissions_page", "/2"
    )
    night.load()
    assert night.ask("select count(*) from raw.submission") == [(1,)]
    assert night.ask("select submission_id, event, event_at from raw.submission_event") == [
        ("S-1", "withdrawn", datetime(2021, 12, 19, 10))
    ]


def test_figures_changed_under_the_same_revision_are_a_version_of_their_own(night: Night) -> None:
    night.land(page(submission()), "submissions_page", "/1")
    changed = submission(lines=[{"code": "III.6.1", "value": 7}], updated_at="2021-12-19T10:00:00")
    night.land(page(changed), "submissions_page", "/2")
    night.load()
    assert night.ask("select submission_id from raw.submission order by 1") == [("S-1",), ("S-1#r1v2",)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"agency_organ_id": "000.00.99.H51"}, "agency_unknown"),
        ({"period_code": "2021-Q2"}, "period_unknown"),
        ({"form_code": "so-1999"}, "form_unknown"),
    ],
)
def test_an_unknown_agency_period_or_form_is_kept_and_named(night: Night, changed: dict[str, str], code: str) -> None:
    night.land(page(submission(**changed)), "submissions_page", "/1")
    night.load()
    assert night.ask("select count(*) from raw.submission_line") == [(133,)]
    assert night.ask("select submission_id, code from raw.problem where severity = 'error'") == [("S-1", code)]


def test_an_organ_id_of_the_new_form_is_the_same_agency(night: Night) -> None:
    night.land(page(submission(agency_organ_id="H51.05")), "submissions_page", "/1")
    night.load()
    assert night.ask("select agency_code from raw.submission") == [("H51.05",)]


def test_a_page_that_is_no_page_costs_only_itself(night: Night) -> None:
    night.land(b"<html>busy</html>", "submissions_page", "/broken")
    night.land(page(submission()), "submissions_page", "/1")
    result = night.load()
    assert (result.submission_count, result.refused_count) == (1, 1)
    assert night.ask("select locator from raw.problem where code = 'body_refused'") == [("/broken",)]


def test_a_damaged_landed_body_is_named_and_the_rest_is_loaded(night: Night) -> None:
    night.land({"items": [dossier(1)]}, "dossiers_page", "/1")
    night.land({"items": [dossier(2)]}, "dossiers_page", "/2")
    damaged = night.landing.landed_after(0)[0]
    night.landing.path(damaged.sha256).write_bytes(b"rot")
    result = night.load()
    assert (result.dossier_count, result.refused_count) == (1, 1)
    assert night.ask("select dossier_id from raw.dossier") == [("HS-2",)]


def test_dossier_times_are_local_and_empty_or_impossible_ones_null(night: Night) -> None:
    rows = [
        dossier(1, updated_at="2021-12-01T08:00:00+07:00"),
        dossier(2, updated_at="2021-12-01T01:00:00Z", NgayTiepNhan="20211345000000"),
    ]
    night.land({"items": rows}, "dossiers_page", "/1")
    night.load()
    local = datetime(2021, 12, 1, 8)
    assert night.ask("select received_at, due_at, returned_at, updated_at from raw.dossier order by dossier_id") == [
        (local, None, None, local),
        (None, None, None, local),
    ]


@given(
    moment=st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1)),
    clock=st.sampled_from(["%H:%M:%S", "%H:%M", "%H:%M:%S.%f"]),
    between=st.sampled_from(["T", "t", " "]),
    offset=st.sampled_from(["", "Z", "z", "+07:00", "-0530", "+00:00"]),
    around=st.sampled_from(["", " "]),
)
@settings(max_examples=40, deadline=None)
def test_a_time_that_the_door_accepts_is_the_same_time_in_the_raw_table(
    moment: datetime, clock: str, between: str, offset: str, around: str
) -> None:
    text = f"{around}{moment:%Y-%m-%d}{between}{moment.strftime(clock)}{offset}{around}"
    expected = local_time(text)
    assert expected is not None
    assert local_times([text, text]) == [expected, expected]
    with TemporaryDirectory() as folder, Landing(Path(folder)) as landing, duckdb.connect() as connection:
        ensure_schema(connection)
        content = redact_dossiers_page(json.dumps(page(dossier(1, updated_at=text))).encode(), key=b"key")
        landed, _ = landing.land(
            content, source="portal", kind="dossiers_page", locator="/", night_on=NIGHT, now=datetime(2021, 12, 20)
        )
        assert load_dossier_pages(connection, landing, [landed]) == 1
        assert connection.execute("select updated_at from raw.dossier").fetchall() == [(expected,)]


def test_a_dossier_row_that_comes_again_is_in_the_raw_table_once(night: Night) -> None:
    first = [dossier(1), dossier(2), dossier(3)]
    night.land({"items": first}, "dossiers_page", "/1")
    night.land({"items": [dossier(3), dossier(4), dossier(4, TrangThaiHoSo="9")]}, "dossiers_page", "/2")
    assert night.load().dossier_count == 5
    night.land({"items": [*first, dossier(2, TrangThaiHoSo="10"), dossier(5)]}, "dossiers_page", "/3")
    assert night.load().dossier_count == 2
    assert night.ask("select dossier_id, state_code, landed_id from raw.dossier order by all") == [
        ("HS-1", "4", 1),
        ("HS-2", "10", 3),
        ("HS-2", "4", 1),
        ("HS-3", "4", 1),
        ("HS-4", "4", 2),
        ("HS-4", "9", 2),
        ("HS-5", "4", 3),
    ]


def test_a_dossier_refused_at_the_door_is_landed_but_not_loaded(night: Night) -> None:
    night.land({"items": [dossier(1), dossier(2, is_refused=True)]}, "dossiers_page", "/1")
    assert night.load().dossier_count == 1


def test_a_dropped_report_is_read_and_a_strange_file_goes_back_with_a_reason(
    night: Night, workbook: Path, scan: Path
) -> None:
    night.land(workbook.read_bytes(), "drop_file", "H51.03/bieu.xlsx")
    night.land(scan.read_bytes(), "drop_file", "H51.03/scan.txt")
    night.land("Kính gửi Sở Nội vụ, chúc mừng năm mới".encode(), "drop_file", "H51.04/thu.txt")
    result = night.load()
    assert (result.submission_count, result.refused_count) == (2, 1)
    assert night.ask(
        "select agency_code, period_code, reading, revision, received_at from raw.submission order by reading desc"
    ) == [
        ("H51.03", "2021", "typed", 1, datetime(2021, 12, 20, 1)),
        ("H51.03", "2021", "scanned", 2, datetime(2021, 12, 20, 1)),
    ]
    assert "không tìm thấy biểu" in (night.refused / "H51.04" / "thu.txt.ly-do.txt").read_text()
    assert (night.refused / "H51.04" / "thu.txt").exists()


def test_outcomes_of_the_ledger_are_copied_once(night: Night) -> None:
    night.land(page(submission()), "submissions_page", "/1")
    night.load()
    night.load()
    assert night.ask("select step, result, item_count from raw.outcome") == [("parse", "ok", 1)]


def test_the_time_of_knowing_is_the_night_that_landed_it(night: Night) -> None:
    night.land(page(submission()), "submissions_page", "/1", night=NIGHT - timedelta(days=1))
    night.load()
    assert night.ask("select night_on from raw.submission") == [(NIGHT - timedelta(days=1),)]


def test_a_document_of_the_register_that_comes_again_is_in_the_raw_table_once(night: Night) -> None:
    def document(number: int, **changed: Any) -> dict[str, Any]:
        return {
            "document_id": f"000.00.03.H51,2021/12/0{number},{number}/BC",
            "organ_id": "000.00.03.H51",
            "code": f"{number}/BC",
            "promulgated_on": f"2021-12-0{number}",
            "sent_form": "electronic",
            "digitally_signed": True,
            "updated_at": f"2021-12-0{number}T08:00:00",
        } | changed

    night.land(page(document(1), document(2)), "outgoing_page", "/1")
    night.land(page(document(2), document(3)), "outgoing_page", "/2")
    assert night.load().outgoing_document_count == 3
    changed = document(2, digitally_signed=False, updated_at="2021-12-09T08:00:00")
    night.land(page(document(1), changed, document(2), document(3)), "outgoing_page", "/3")
    assert night.load().outgoing_document_count == 1
    assert night.ask("select count(*), count(distinct document_id) from raw.outgoing_document") == [(4, 3)]
