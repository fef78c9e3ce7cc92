import io
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import duckdb
import openpyxl
import pytest

from expectations.agency_mail import write_agency_mails
from expectations.cases import Cases, OpenForm, read_cases
from expectations.contacts import Contacts
from expectations.gate import run_gate
from expectations.letters import AgencyMails, Desk
from expectations.outbox import Outbox
from expectations.repair.propose import propose_repairs
from ingestion.forms.template import write_template
from ingestion.landing import Landing
from ingestion.raw.load import load_raw
from ingestion.reference import load_catalogue
from ingestion.sources.drops import collect
from tests.expectations.gate_marts import build_marts
from tests.expectations.gate_warehouses import NIGHT, SEEDS, Cell, Planted, make_warehouse

CATALOGUE = load_catalogue(SEEDS)
AGENCIES = {agency.code: agency for agency in CATALOGUE.agencies}
EVIL = "=cmd|'/c calc'!A1<script>"
SUBMISSIONS = [
    Planted("fine", {"III.6.1": 10, "III.6.2": 10}, agency_code="H51.02"),
    Planted(
        "tenfold",
        {"III.6.1": 529, "III.6.2": 5290, "III.6.3": Cell("98.3", text="98,3", note="520/529 hồ sơ", ratio=(520, 529)),
         "I.1": Cell(None, text="", note=EVIL), "I.2": Cell(None, text="294/KH-STC ngày 22/01/2021", note="")},
        agency_code="H51.03",
    ),
    Planted("alone", {"I.1.1": 15, "I.1.2": 18}, agency_code="H51.07"),
]  # fmt: skip


def now() -> datetime:
    return datetime(2021, 12, 20, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make_warehouse(tmp_path_factory.mktemp("agency") / "warehouse.duckdb", SUBMISSIONS)
    run_gate(path, night=NIGHT, context_root=path.parent / "gx", now=now)
    propose_repairs(path, night=NIGHT)
    build_marts(path)
    return path


def write(warehouse: Path, folder: Path, night: date = NIGHT, domain: str = "", **changes: object) -> AgencyMails:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        cases = read_cases(connection, night)
        return write_agency_mails(
            connection,
            Cases(open_forms=cases.open_forms),
            desk=Desk(
                day=night,
                outbox=Outbox(folder / "outbox.sqlite", now=now),
                contacts=Contacts({"H51.03": "stc@soctrang.gov.vn"}, domain),
                sender="cchc@soctrang.gov.vn",
                now=now,
                **changes,  # type: ignore[arg-type]
            ),
            folder=folder,
            blank_form=lambda code, period: write_template(AGENCIES[code], period, CATALOGUE),
        )


def mails(folder: Path) -> list[EmailMessage]:
    box = Outbox(folder / "outbox.sqlite", now=now)
    return [message_from_bytes(box.content(kept.message_id), policy=default) for kept in box.unsent()]


def test_an_agency_gets_its_own_form_alone_with_reason_and_proposal_beside_the_marked_cells(
    warehouse: Path, tmp_path: Path
) -> None:
    assert write(warehouse, tmp_path) == AgencyMails(1, ("Sở Nông nghiệp và Phát triển nông thôn",))
    (mail,) = mails(tmp_path)
    assert (mail["To"], mail["Subject"]) == ("stc@soctrang.gov.vn", "[CCHC] Sở Tài chính: 1 biểu cần sửa")
    both, attached = list(mail.iter_parts())
    plain, html = list(both.iter_parts())  # type: ignore[union-attr]
    assert "III.6.2: 5.290 → 529 (thừa một số 0 hoặc thiếu dấu phẩy)" in plain.get_content()
    assert "H51.07" not in plain.get_content() + html.get_content()
    sheet = openpyxl.load_workbook(io.BytesIO(attached.get_content())).worksheets[0]  # type: ignore[union-attr]
    rows = [row for row in sheet.iter_rows() if row[5].value and row[3].value in (529, 5290)]
    assert [(row[3].value, row[3].fill.fgColor.rgb) for row in rows] == [(529, "00FFEB9C"), (5290, "00FFC7CE")]
    assert "Số hồ sơ tiếp nhận phải bằng số hồ sơ trả kết quả (III-06)" in rows[1][5].value
    assert rows[1][6].value.startswith("1. 529")
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    heights = {row[3].value or row[1].value: sheet.row_dimensions[row[0].row].height for row in sheet.iter_rows()}
    assert heights["294/KH-STC ngày 22/01/2021"] > 2 * heights["Tuyên truyền CCHC"]


def test_the_same_case_is_not_told_every_night_but_again_when_a_reminder_is_due(
    warehouse: Path, tmp_path: Path
) -> None:
    told = [
        write(warehouse, tmp_path, NIGHT + timedelta(days=days), reminder_nights=7).mail_count
        for days in (0, 0, 1, 6, 7, 8, 14)
    ]
    assert told == [1, 1, 0, 0, 1, 0, 1]
    assert len(mails(tmp_path)) == 3
    assert write(warehouse, tmp_path, NIGHT + timedelta(days=99), reminder_nights=0).mail_count == 0


def test_an_agency_without_an_address_is_named_and_gets_mail_where_there_is_a_domain(
    warehouse: Path, tmp_path: Path
) -> None:
    assert write(warehouse, tmp_path, domain="stand-in.example").mail_count == 2
    assert {mail["To"] for mail in mails(tmp_path)} == {"stc@soctrang.gov.vn", "h51.07@stand-in.example"}


def test_agencies_are_told_in_english_on_request(warehouse: Path, tmp_path: Path) -> None:
    write(warehouse, tmp_path, language="en")
    (mail,) = mails(tmp_path)
    assert mail["Subject"] == "[CCHC] Sở Tài chính: 1 forms to correct"
    assert "III.6.2: 5,290 → 529 (a zero too many" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_form_is_open_since_its_first_night_and_only_until_it_is_accepted(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = read_cases(connection, NIGHT).open_forms
    assert [(case.submission_id, case.since, case.error_count) for case in found] == [
        ("tenfold", NIGHT, 1),
        ("alone", NIGHT, 1),
    ]
    assert isinstance(found[0], OpenForm)


def test_the_workbook_sent_back_is_the_next_revision_of_that_agency_and_period(warehouse: Path, tmp_path: Path) -> None:
    write(warehouse, tmp_path)
    (mail,) = mails(tmp_path)
    _, attached = list(mail.iter_parts())
    book = openpyxl.load_workbook(io.BytesIO(attached.get_content()))  # type: ignore[union-attr]
    landing, inbox, raw = Landing(tmp_path / "landing"), tmp_path / "inbox", tmp_path / "loaded.duckdb"
    inbox.mkdir()
    for days, corrected in enumerate((None, 529)):
        if corrected:
            cell = next(row[3] for row in book.worksheets[0].iter_rows() if row[3].value == 5290)
            cell.value = corrected
        book.save(inbox / f"gửi lại {days}.xlsx")
        night = NIGHT + timedelta(days=days)
        assert collect(
            landing, inbox=inbox, refused=tmp_path / "refused", night=night, now=now, still_for=0
        ).landed_count
        load_raw(
            landing, warehouse=raw, catalogue=CATALOGUE, refused=tmp_path / "refused", night=night, now=now
        )  # fmt: skip
    with duckdb.connect(str(raw), read_only=True) as connection:
        found = connection.execute(
            "select agency_code, period_code, revision, value, value_text from raw.submission join raw.submission_line"
            " using (submission_id) where indicator_code = 'III.6.2' order by revision"
        ).fetchall()
        assert found == [("H51.03", "2021", 1, 5290, "5290"), ("H51.03", "2021", 2, 529, "529")]
        problems = connection.execute("select code, message from raw.problem where severity <> 'info'").fetchall()
    assert problems == []
