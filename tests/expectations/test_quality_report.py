import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from expectations.cases import Cases, OpenForm, Solved
from expectations.findings import BrokenRule, Fault, Findings, place
from expectations.gate import run_gate
from expectations.outbox import Outbox
from expectations.report import ReportResult, compose_report, write_quality_report
from tests.expectations.gate_mailbox import Inbox, running
from tests.expectations.gate_marts import build_marts
from tests.expectations.gate_warehouses import NIGHT, Cell, Planted, make_warehouse

EVIL = "<script>alert('x')</script>\r\nBcc: evil@example.org\x07"
SUBMISSIONS = [
    Planted("fine", {"III.6.1": 10, "III.6.2": 10}, agency_code="H51.02"),
    Planted("good-r1", {"III.6.1": 500, "III.6.2": 500, "VII.1.1": 1234, "VII.1.1.a": "1.5"}, agency_code="H51.03"),
    Planted(
        "bad-r2",
        {
            "III.6.1": Cell("1529.5", text="1.529,5"),
            "III.6.2": Cell(520, text="520", note=EVIL),
            "V.4.1": 14,
            "V.4.2": 40,
        },
        agency_code="H51.03",
        revision=2,
    ),
    Planted("alone", {"III.6.3": Cell("98.7", text="98,7", ratio=(520, 529))}, agency_code="H51.07"),
    Planted("tomorrow", {"III.6.1": 1}, agency_code="H51.08", night=date(2021, 12, 21)),
]


class Collector(HTMLParser):
    """Tags and outside addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "background")]


def now() -> datetime:
    return datetime(2021, 12, 20, 18, 30, tzinfo=UTC)


def report(warehouse: Path, folder: Path, **changes: object) -> ReportResult | None:
    arguments = {
        "night": NIGHT, "folder": folder, "sender": "cchc@soctrang.gov.vn", "recipient": "snv@soctrang.gov.vn",
        "smtp_url": None, "now": now,
    }  # fmt: skip
    return write_quality_report(warehouse, **(arguments | changes))  # type: ignore[arg-type]


def built(path: Path, submissions: list[Planted]) -> Path:
    warehouse = make_warehouse(path, submissions)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into raw.problem values"
            " (9, null, 'drop', 'error', 'body_refused', 'tệp hỏng: ' || ?, 'H51.07/<b>hỏng</b>.xlsx', '2021-12-20'),"
            " (3, 'alone', 'portal', 'warning', 'value_unreadable', 'I.1.3: không đọc được', 'page-4#I.1.3', '2021-12-20')",
            [EVIL],
        )
        connection.execute(
            "insert into raw.outcome values"
            " (1, '2021-12-20', now(), 'portal', 'fetch', '/api/v1/dossiers', 'failed', 'Cổng không trả lời', 0, null),"
            " (2, '2021-12-20', now(), 'edoc', 'fetch', '/getReceivedEdocList', 'failed', 'lỗi tạm thời', 0, null),"
            " (3, '2021-12-20', now(), 'edoc', 'fetch', '/getReceivedEdocList', 'ok', '', 1, null),"
            " (4, '2021-12-20', now(), 'drop', 'land', 'quá to.xlsx', 'refused', 'tệp quá lớn', 1, null)"
        )
    result = run_gate(warehouse, night=NIGHT, context_root=path.parent / "gx", now=now)
    assert result.is_passed, result
    build_marts(warehouse)
    return warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judged night; tests of this module only read it."""
    return built(tmp_path_factory.mktemp("report") / "warehouse.duckdb", SUBMISSIONS)


@pytest.fixture(scope="module")
def written(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> ReportResult:
    result = report(warehouse, tmp_path_factory.mktemp("reports"))
    assert result is not None
    return result


def test_the_report_tells_both_sides_as_reported_and_where_they_stand(written: ReportResult) -> None:
    text = written.text_path.read_text(encoding="utf-8")
    assert "* Sở Tài chính – Năm 2021" in text
    assert "Số hồ sơ tiếp nhận phải bằng số hồ sơ trả kết quả (III-06)" in text
    assert "Vế trái: III.6.1 = 1.529,5" in text
    assert "Vế phải: III.6.2 = 520" in text
    assert (
        "III.6.1 Số lượng hồ sơ TTHC do cơ quan, đơn vị tiếp nhận: «1.529,5» → 1.529,5 [page-3#/items/3/III.6.1]"
        in text
    )
    assert "Vị trí trong nguồn: page-3" in text
    assert "văn bản 5686/BC-STC" in text
    assert "100 × tỷ lệ nêu tại ghi chú III.6.3 = 100 × 520/529 = 98,298677" in text
    html = written.html_path.read_text(encoding="utf-8")
    for said in ("III.6.1 = 1.529,5", "III.6.2 = 520", "page-3#/items/3/III.6.1", "Sở Tài chính", "5686/BC-STC"):
        assert said in html


def test_the_report_tells_what_is_published_instead(written: ReportResult) -> None:
    text = written.text_path.read_text(encoding="utf-8")
    assert "Đang công bố: Cổng dịch vụ công, lần gửi 1, nhận lúc 17/12/2021 09:30" in text
    assert "Đang công bố: chưa có biểu nào được công bố cho kỳ này" in text


def test_the_report_counts_the_night_and_leaves_out_other_nights(written: ReportResult) -> None:
    text = written.text_path.read_text(encoding="utf-8")
    assert "Biểu nhận được: 4; Được công bố: 2; Bị tạm giữ: 2; Cảnh báo: 1; Tệp bị từ chối: 2; Nguồn lỗi: 1" in text
    assert "Năm 2021: Phải báo cáo 30, Đã nhận 4" in text
    assert "tomorrow" not in text
    assert "fine" not in text
    assert written.subject == (
        "[CCHC] Báo cáo chất lượng số liệu đêm 20/12/2021: 2 biểu bị tạm giữ, 2 tệp bị từ chối, 1 nguồn lỗi"
    )


def test_refused_files_lost_sources_warnings_and_remarks_are_told(written: ReportResult) -> None:
    text = written.text_path.read_text(encoding="utf-8")
    assert "Tệp nộp qua thư mục: quá to.xlsx: tệp quá lớn" in text
    assert "Cổng dịch vụ công: Cổng không trả lời (/api/v1/dossiers)" in text
    assert "lỗi tạm thời" not in text
    assert "Sở Tài chính, Năm 2021 (bad-r2): V.4.2 = 40 so với 2 × V.4.1 = 2 × 14 = 28" in text
    assert "I.1.3: không đọc được (page-4#I.1.3)" in text


def test_the_address_of_the_portals_page_is_not_told_to_officers() -> None:
    assert place("/api/v1/submissions?limit=500#PS2021-000058/r1#III.6.1") == "PS2021-000058/r1, III.6.1"
    assert place("/api/v1/dossiers") == "/api/v1/dossiers"
    assert place("Phụ lục 2!D21") == "Phụ lục 2!D21"
    assert place("H51.07/tệp #2.xlsx") == "H51.07/tệp #2.xlsx"


def test_several_cases_of_a_rule_are_told_one_by_one() -> None:
    none = (None, None)
    several = BrokenRule("T-04", "error", "", "", "", "", *none, "a = 41; b = 2", "a (cả năm) = 12; b (cả năm) = 0", ())
    assert several.cases == (("a = 41", "a (cả năm) = 12"), ("b = 2", "b (cả năm) = 0"))
    assert several.cases_of("b") == several.cases[1:]
    assert several.cases_of("c") == several.cases
    nested = replace(several, left_text="III.6.1.a = 1; III.6.1 = 2", right_text="1; 2")
    assert nested.cases_of("III.6.1") == (("III.6.1 = 2", "2"),)
    odd = BrokenRule("P-02", "warning", "", "", "", "", *none, "a = 1; b = 2", "nguyên", ())
    assert odd.cases == (("a = 1; b = 2", "nguyên"),)


def test_findings_come_in_order_of_agency(written: ReportResult) -> None:
    text = written.text_path.read_text(encoding="utf-8")
    assert 0 < text.index("* Sở Tài chính") < text.index("page-4")


def test_text_from_forms_can_not_become_html_nor_add_lines(written: ReportResult) -> None:
    html = written.html_path.read_text(encoding="utf-8")
    page = Collector()
    page.feed(html)
    assert "script" not in page.tags
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in html
    assert "&lt;b&gt;hỏng&lt;/b&gt;" in html
    assert "\x07" not in html
    assert not [line for line in written.text_path.read_text(encoding="utf-8").splitlines() if line.startswith("Bcc")]


def test_the_page_needs_nothing_from_outside(written: ReportResult) -> None:
    html = written.html_path.read_text(encoding="utf-8")
    page = Collector()
    page.feed(html)
    assert page.addresses == []
    assert not page.tags & {"link", "img", "style", "script", "iframe"}
    assert "url(" not in html


def test_the_report_speaks_english_on_request(warehouse: Path, tmp_path: Path) -> None:
    result = report(warehouse, tmp_path, language="en")
    assert result is not None
    text = result.text_path.read_text(encoding="utf-8")
    assert "Received dossiers must equal returned dossiers (III-06)" in text
    assert "Left side: III.6.1 = 1,529.5" in text
    assert "III.6.1 Dossiers received by the agency: «1.529,5» → 1,529.5" in text
    assert result.subject.startswith("[CCHC] Quality report, night of 20/12/2021: 2 quarantined")


def test_a_night_in_which_nothing_failed_has_no_report(warehouse: Path, tmp_path: Path) -> None:
    assert report(warehouse, tmp_path, night=date(2021, 12, 19)) is None
    assert list(tmp_path.iterdir()) == []


NOTHING = Findings(NIGHT, (), (), (), (), 0, 0, 0, ())


def test_a_night_that_only_solved_something_is_told() -> None:
    solved = Cases(solved=(Solved("H51.03", "Sở Tài chính", "Năm 2021", date(2021, 12, 18)),))
    told = compose_report(NOTHING, cases=solved)
    assert told is not None
    assert told.subject.endswith("1 biểu đã sửa xong")
    assert "- Sở Tài chính, Năm 2021 (chờ sửa từ 18/12/2021)" in told.text


def test_what_stands_open_alone_is_no_reason_for_a_digest() -> None:
    form = OpenForm("s", "H51.03", "Sở Tài chính", "2021", "Năm 2021", date(2021, 12, 18), 1)
    assert compose_report(NOTHING, cases=Cases(open_forms=(form,))) is None


def test_a_digest_tells_what_is_new_and_what_stands_since_when_and_who_has_no_address() -> None:
    names = [("Sở Tài chính", date(2021, 12, 18)), ("Sở Y tế", NIGHT)]
    forms = tuple(OpenForm(name, "x", name, "2021", "Năm 2021", since, 1) for name, since in names)
    lost = replace(NOTHING, lost=(Fault("portal", "error", "lost", "không trả lời", "/x"),))
    told = compose_report(lost, cases=Cases(open_forms=forms), without_contact=("Sở Y tế",))
    assert told is not None
    assert "- Sở Tài chính, Năm 2021: chờ sửa từ 18/12/2021" in told.text
    assert "- Sở Y tế, Năm 2021: mới đêm nay" in told.text
    assert "Chưa có địa chỉ thư, chưa được báo: Sở Y tế" in told.text


def test_the_mail_links_the_data_docs_where_the_readers_find_them(tmp_path: Path) -> None:
    lost = replace(NOTHING, lost=(Fault("portal", "error", "lost", "không trả lời", "/x"),))
    for docs, link in (
        (str(tmp_path / "index.html"), (tmp_path / "index.html").as_uri()),
        ("https://cchc.example/docs/index.html", "https://cchc.example/docs/index.html"),
    ):
        told = compose_report(lost, docs=docs)
        assert told is not None
        assert f'<a href="{link}">' in told.html
        assert link in told.text
    plain = compose_report(lost)
    assert plain is not None
    assert "<a href" not in plain.html


def test_a_stopped_publication_is_reported_even_before_there_are_marts(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", [])
    result = report(warehouse, tmp_path, structural_failures=("Cổng dịch vụ công: không kết nối được",))
    assert result is not None
    assert result.subject == "[CCHC] Báo cáo chất lượng số liệu đêm 20/12/2021: công bố đã dừng"
    assert "- Cổng dịch vụ công: không kết nối được" in result.text_path.read_text(encoding="utf-8")


def test_a_report_is_mailed_once_however_often_the_night_is_run(warehouse: Path, tmp_path: Path) -> None:
    with running(Inbox()) as inbox:
        url = f"smtp://127.0.0.1:{inbox.port}"
        first = report(warehouse, tmp_path, smtp_url=url)
        assert first is not None
        before = {path: path.read_bytes() for path in sorted(first.html_path.parent.iterdir())}
        again = report(warehouse, tmp_path, smtp_url=url, now=lambda: datetime(2022, 1, 1, tzinfo=UTC))
    assert again is not None
    assert (first.is_sent, first.reason, again.is_sent, again.reason) == (True, "", True, "đã gửi trước đó")
    assert len(inbox.mails) == 1
    assert {path: path.read_bytes() for path in sorted(first.html_path.parent.iterdir())} == before
    assert inbox.mails[0]["Subject"] == first.subject
    assert first.eml_path.parent == tmp_path / "2021-12-20"
    both, rows = list(inbox.mails[0].iter_parts())
    plain, html = list(both.iter_parts())  # type: ignore[union-attr]
    assert rows.get_filename() == "dong-can-xem.xlsx"
    assert plain.get_content().splitlines() == first.text_path.read_text(encoding="utf-8").splitlines()
    assert "III.6.1 = 1.529,5" in html.get_content()


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_run(warehouse: Path, tmp_path: Path) -> None:
    with running(Inbox(["554 no"])) as inbox:
        url = f"smtp://127.0.0.1:{inbox.port}"
        refused = report(warehouse, tmp_path, smtp_url=url)
        assert refused is not None
        assert not refused.is_sent
        assert "554 no" in refused.reason
        assert refused.eml_path.exists()
        sent = report(warehouse, tmp_path, smtp_url=url)
    assert sent is not None
    assert sent.is_sent
    assert [mail["Message-ID"] for mail in inbox.mails] == [
        message_from_bytes(sent.eml_path.read_bytes(), policy=default)["Message-ID"]
    ]
    assert Outbox(tmp_path / "outbox.sqlite", now=now).unsent() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({}, "chưa đặt máy chủ thư"), ({"smtp_url": "smtp://127.0.0.1:1", "recipient": " "}, "chưa đặt người nhận")],
)
def test_without_a_server_or_a_recipient_the_files_are_kept(
    warehouse: Path, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    result = report(warehouse, tmp_path, **changes)
    assert result is not None
    assert (result.is_sent, result.reason) == (False, reason)
    assert result.eml_path.stat().st_size > 1000


def test_overdue_reports_are_told_agency_by_agency_and_old_ones_are_counted(written: ReportResult) -> None:
    text = written.text_path.read_text(encoding="utf-8")
    assert "- Sở Tài chính: Năm 2020 (hạn 20/12/2020); Quý I năm 2021 (hạn 20/03/2021)" in text
    html = written.html_path.read_text(encoding="utf-8")
    late = html[html.index("Báo cáo quá hạn") :]
    assert late.count("<b>Sở Tư pháp</b>") == 1
    assert late.count("Quý I năm 2021") > 20
    counted = re.search(r"và (\d+) báo cáo có hạn trước ngày 15/11/2020", text)
    assert counted is not None
    assert counted[0] in late
    assert "2019" not in text


def test_how_long_an_overdue_report_is_told_is_a_setting(warehouse: Path, tmp_path: Path) -> None:
    told = []
    for days in (0, 400):
        result = report(warehouse, tmp_path / str(days), overdue_days=days)
        assert result is not None
        told.append(result.text_path.read_text(encoding="utf-8"))
    assert "Sở Tài chính: Quý I năm 2019 (hạn 20/03/2019); 6 tháng đầu năm 2019 (hạn 20/06/2019)" in told[0]
    assert "có hạn trước ngày" not in told[0]
    named, named_lately = (int(re.search(r"chưa nhận được: (\d+)", text)[1]) for text in told)  # type: ignore[index]
    assert named == named_lately + int(re.search(r"và (\d+) báo cáo có hạn trước", told[1])[1])  # type: ignore[index]
