"""The page of ``cchc report`` in a real Chromium: its figures are the marts', nothing is asked of anywhere, nothing typed runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect, sync_playwright

from publishing.page import UnknownPeriodError, write_page

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"
HOSTILE = "</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\"><!--<script>"
AGENCIES = {"H51.01": "Văn phòng UBND tỉnh", "H51.02": "Sở Nội vụ", "H51.03": "Sở Tài chính", "H51.04": HOSTILE}
LINES = {
    # code: (label, English, unit, type, row)
    "I": ("Công tác chỉ đạo điều hành CCHC", "Direction", None, "heading", 1),
    "I.2": ("Kế hoạch", "Plan", None, "flag", 2),
    "I.10": ("Số cuộc kiểm tra", "Inspections", "Cuộc", "count", 3),
    "III": ("Cải cách thủ tục hành chính", "Procedures", None, "heading", 4),
    "III.6.1": ("Số lượng hồ sơ tiếp nhận", "Dossiers received", "Hồ sơ", "count", 5),
    "III.6.3": ("Tỷ lệ hồ sơ đúng hẹn", "Share on time", "%", "percent", 6),
}
FIGURES = {"H51.01": (1, 4, 529, 99.8), "H51.02": (0, 7, 1250, 80.5)}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        connection.execute(
            f"insert into mart.{table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
        )


def publish_small_province(path: Path) -> None:
    """Tables of the shape that dbt's contracts state, for four agencies: two accepted, one held, one that sent nothing."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema mart")
        for file in sorted(MODELS.glob("*.yml")):
            for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
                columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
                connection.execute(f"create table mart.{model['name']} ({columns})")
        for year in (2020, 2021):
            _insert(
                connection,
                "dim_period",
                {
                    "period_code": str(year),
                    "label_vi": f"Năm {year}",
                    "year": year,
                    "kind": "year",
                    "data_from": f"{year - 1}-12-15",
                    "data_to": f"{year}-12-14",
                    "due_on": f"{year}-12-20",
                },
            )
        for code, (label, english, unit, kind, row) in LINES.items():
            _insert(
                connection,
                "dim_indicator",
                {
                    "indicator_code": code,
                    "form_row": row,
                    "section_code": code.split(".")[0],
                    "label_vi": label,
                    "label_en": english,
                    "unit_vi": unit,
                    "value_type": kind,
                    "is_answerable": kind != "heading",
                },
            )
        for code, name in AGENCIES.items():
            status = "accepted" if code in FIGURES else "quarantined" if code == "H51.03" else "missing"
            _insert(connection, "dim_agency", {"agency_code": code, "name_vi": name, "level": "department"})
            _insert(
                connection,
                "mart_reporting_rate",
                {
                    "agency_code": code,
                    "period_code": "2021",
                    "due_on": "2021-12-20",
                    "is_expected": True,
                    "is_received": status != "missing",
                    "is_on_time": code == "H51.01",
                    "status": status,
                    "first_received_at": None if status == "missing" else f"2021-12-{17 + 2 * int(code[-1])} 08:00",
                    "quarantined_submission_count": int(status == "quarantined"),
                },
            )
        for code, values in FIGURES.items():
            for order, (line, value) in enumerate(
                zip([line for line, told in LINES.items() if told[3] != "heading"], values, strict=True)
            ):
                held = {"agency_code": code, "period_code": "2021", "indicator_code": line, "value": value}
                _insert(
                    connection,
                    "fct_indicator_value",
                    held
                    | {
                        "line_order": order,
                        "value_text": str(value),
                        "note": HOSTILE,
                        "observation_status": "doubtful" if (code, line) == ("H51.01", "I.10") else "reported",
                        "is_current": True,
                    },
                )
                if line != "I.2":
                    _insert(
                        connection,
                        "mart_agency_scorecard",
                        held | {"peer_rank": 1 if code == "H51.02" else 2, "peer_count": 2, "peer_median": 889.5},
                    )
        for line, value, before in (("I.10", 11, None), ("III.6.1", 1779, 1500), ("III.6.3", 86.24, 85)):
            _insert(
                connection,
                "mart_province_summary",
                {"period_code": "2021", "indicator_code": line, "value": value, "agencies_answered_count": 2},
            )
            _insert(
                connection,
                "mart_indicator_history",
                {
                    "agency_code": "H51",
                    "indicator_code": line,
                    "kind": "year",
                    "period_code": "2021",
                    "data_to": "2021-12-14",
                    "value": value,
                    "previous_period_code": "2020" if before else None,
                    "previous_value": before,
                    "change_amount": value - before if before else None,
                    "is_province": True,
                    "is_break": False,
                },
            )
        _insert(
            connection,
            "mart_province_summary",
            {
                "period_code": "2021",
                "indicator_code": "I.2",
                "yes_count": 1,
                "no_count": 1,
                "agencies_answered_count": 2,
            },
        )
        _insert(
            connection,
            "fct_submission",
            {
                "submission_id": "s3",
                "agency_code": "H51.03",
                "period_code": "2021",
                "status": "quarantined",
                "status_reason": "failed_rule",
                "document_number": HOSTILE,
                "received_at": "2021-12-19 08:00",
                "night_on": "2021-12-20",
                "source": "portal",
            },
        )
        _insert(
            connection,
            "dim_rule",
            {"rule_id": "P-01", "message_vi": "Tỷ lệ ngoài khoảng", "message_en": "Out of range"},
        )
        _insert(
            connection,
            "fct_rule_result",
            {
                "submission_id": "s3",
                "rule_id": "P-01",
                "severity": "error",
                "outcome": "failed",
                "is_waived": False,
                "left_text": "I.5.3 = 102,5",
                "right_text": "từ 0 đến 100",
            },
        )
        _insert(
            connection,
            "mart_rule_quality",
            {"agency_code": "H51.03", "period_code": "2021", "rule_id": "P-01", "severity": "error", "failed_count": 1},
        )
        _insert(
            connection,
            "mart_reconciliation",
            {
                "agency_code": "H51.02",
                "period_code": "2021",
                "indicator_code": "III.6.1",
                "reported_value": 1250,
                "recorded_value": 1200,
                "difference": 50,
                "is_matching": False,
            },
        )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("marts") / "cchc.duckdb"
    publish_small_province(path)
    return path


@pytest.fixture(scope="module")
def written(published: Path) -> Path:
    out = published.parent / "báo cáo" / "page.html"
    write_page(published, "2021", out)
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield started
        started.close()


@dataclass
class Opened:
    """A page that is drawn, with every address it asked for and everything it complained about."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def opened(browser: Browser, written: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """A marker's parameter, if any, gives the browser's own settings (``viewport``, ``color_scheme``)."""
    context = browser.new_context(**getattr(request, "param", {"viewport": {"width": 1280, "height": 900}}))
    page = context.new_page()
    told = Opened(page)
    page.on("request", lambda asked: told.asked.append(asked.url))
    page.on("console", lambda message: told.complaints.append(message.text))
    page.on("pageerror", lambda error: told.complaints.append(str(error)))
    page.goto(written.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    yield told
    context.close()


def _column(page: Page, table: str, number: int) -> list[str]:
    return page.locator(f"#{table} tbody tr td:nth-child({number})").all_inner_texts()


def test_the_page_asks_nothing_of_anywhere_and_nothing_typed_into_a_form_runs(opened: Opened, written: Path) -> None:
    opened.page.select_option("#history-agency", "H51.04")
    assert opened.asked == [written.as_uri()]
    assert opened.complaints == []
    assert "ran" not in opened.page.title()
    assert opened.page.locator("main img").count() == 0
    assert HOSTILE in _column(opened.page, "held-table", 2)
    assert HOSTILE in _column(opened.page, "agency-table", 8)
    assert HOSTILE in opened.page.locator("#agency-pick").inner_text()


def test_a_request_that_a_script_of_the_page_makes_is_refused_by_its_policy(opened: Opened) -> None:
    refused = opened.page.evaluate(
        "fetch('http://127.0.0.1:9/').then(() => 'sent', error => String(error))"
        ".then(told => new Promise(done => setTimeout(() => done(told), 100)))"
    )
    assert refused != "sent"
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def test_coverage_and_key_figures_are_the_marts(opened: Opened) -> None:
    page = opened.page
    expect(page.locator("h1")).to_have_text("Thống kê cải cách hành chính – Năm 2021")
    expect(page.locator("#coverage")).to_have_text(
        "2/4 cơ quan có số liệu được chấp nhận; 1 bị tạm giữ; 1 không có báo cáo"
    )
    dossiers = page.locator("#cards [data-line='III.6.1']")
    expect(dossiers.locator(".figure")).to_have_text("1.779")
    expect(dossiers).to_contain_text("+279 so với 2020")
    expect(page.locator("#cards [data-line='III.6.3'] .figure")).to_have_text("86,24%")


def test_every_chart_draws_its_marks(opened: Opened) -> None:
    drawn = opened.page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('[id^=chart-]')]"
        ".map(chart => [chart.id, chart.querySelectorAll('[aria-roledescription$=bar], [aria-roledescription$=point]').length]))"
    )
    assert drawn == {
        "chart-timeliness": 3,
        "chart-failures": 1,
        "chart-on-time": 2,
        "chart-level4": 0,
        "chart-gaps": 1,
        "chart-history": 1,
    }
    expect(opened.page.locator("#chart-level4")).to_have_text("Không có")
    assert "Sở Nội vụ" in (opened.page.locator("#chart-on-time").text_content() or "")


def test_the_lines_of_the_province_stand_in_the_forms_order_and_are_cut_by_section_and_search(opened: Opened) -> None:
    page = opened.page
    assert _column(page, "lines-table", 1) == ["I.2", "I.10", "III.6.1", "III.6.3"]
    assert _column(page, "lines-table", 3) == ["1 có, 1 không", "11", "1.779", "86,24"]
    page.select_option("#section-pick", "III")
    assert _column(page, "lines-table", 1) == ["III.6.1", "III.6.3"]
    page.locator("#lines .dt-search input").fill("đúng hẹn")
    expect(page.locator("#lines-table tbody tr")).to_have_count(1)
    assert _column(page, "lines-table", 1) == ["III.6.3"]


def test_a_table_sorts_numbers_as_numbers_by_mouse_and_keyboard(opened: Opened) -> None:
    page = opened.page
    assert _column(page, "compare-table", 3)[:2] == ["1.250", "529"]
    head = page.locator("#compare-table thead th").nth(2)
    head.click()
    assert [text for text in _column(page, "compare-table", 3) if text] == ["529", "1.250"]
    head.locator("[role=button]").press("Enter")
    head.locator("[role=button]").press("Enter")
    assert _column(page, "compare-table", 3)[:2] == ["1.250", "529"]


def test_an_agency_stands_beside_its_peers_with_what_is_doubtful_and_held(opened: Opened) -> None:
    page = opened.page
    card = page.locator("#agency-cards [data-line='III.6.1']")
    expect(card.locator(".figure")).to_have_text("529")
    expect(card).to_contain_text("trung vị 889,5")
    expect(card).to_contain_text("hạng 2/2")
    expect(page.locator("#agency-remarks")).to_contain_text("1 số liệu cần xem lại: I.10")
    page.select_option("#agency-pick", "H51.03")
    expect(page.locator("#agency-remarks")).to_contain_text("1 biểu bị tạm giữ")
    expect(page.locator("#agency-cards")).to_contain_text("bị tạm giữ")
    expect(page.locator("#held-table")).to_contain_text("P-01 Tỷ lệ ngoài khoảng: I.5.3 = 102,5; từ 0 đến 100")


def test_a_button_turns_the_page_to_english_and_keeps_what_was_picked(opened: Opened) -> None:
    page = opened.page
    page.select_option("#agency-pick", "H51.02")
    page.click("#language")
    page.wait_for_selector("html[data-ready=en]", state="attached")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#coverage")).to_have_text(
        "2 of 4 agencies have accepted figures; 1 in quarantine; 1 without a report"
    )
    expect(page.locator("#cards [data-line='III.6.1'] .figure")).to_have_text("1,779")
    expect(page.locator("#agency-cards [data-line='III.6.1'] .figure")).to_have_text("1,250")
    expect(page.locator("#lines-table")).to_contain_text("Dossiers received")


@pytest.mark.parametrize("opened", [{"viewport": {"width": 375, "height": 800}}], indirect=True)
def test_on_a_narrow_screen_the_page_does_not_scroll_sideways(opened: Opened) -> None:
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 375
    assert (
        opened.page.evaluate(
            "Math.max(...[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().right))"
        )
        <= 375
    )


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}], indirect=True)
def test_it_opens_dark_where_the_reader_wants_dark_and_a_button_makes_it_light(opened: Opened) -> None:
    def brightness() -> int:
        colour = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in re.findall(r"\d+", colour)[:3])

    assert brightness() < 150
    opened.page.click("#theme")
    assert brightness() > 700


@pytest.mark.parametrize("opened", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_words_stand_out_from_their_ground_and_every_control_has_a_name(opened: Opened) -> None:
    worst = opened.page.evaluate("""() => {
        const style = getComputedStyle(document.documentElement);
        const light = name => {
            const probe = document.body.appendChild(document.createElement('i'));
            probe.style.color = `var(${name})`;
            const parts = getComputedStyle(probe).color.match(/[0-9.]+/g).slice(0, 3).map(Number);
            probe.remove();
            return parts.map(p => p / 255).map(p => p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4)
                .reduce((sum, p, at) => sum + p * [0.2126, 0.7152, 0.0722][at], 0);
        };
        const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const grounds = ['--paper', '--raised'].map(light);
        const words = ['--ink', '--quiet', '--blue'].map(light);
        return Math.min(...words.flatMap(one => grounds.map(ground => ratio(one, ground))));
    }""")
    assert worst >= 4.5
    nameless = opened.page.evaluate(
        "[...document.querySelectorAll('button, select, input')]"
        ".filter(each => !each.textContent.trim() && !each.labels?.length && !each.ariaLabel).map(each => each.outerHTML)"
    )
    assert opened.page.locator("select").count() == 5
    assert nameless == []
    unlabelled = "[...document.querySelectorAll('select')].filter(each => !each.labels.length).length"
    assert opened.page.evaluate(unlabelled) == 0


def test_printed_on_a4_no_chart_is_wider_or_taller_than_a_sheet_and_every_row_shows(opened: Opened) -> None:
    page = opened.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1017})  # A4 less its margins, at 96 dots an inch
    sizes = page.evaluate(
        "[...document.querySelectorAll('figure')].map(f => [f.scrollWidth, f.getBoundingClientRect().height])"
    )
    assert len(sizes) == 6
    assert all(width <= 703 and height <= 1017 for width, height in sizes)
    assert page.evaluate("getComputedStyle(document.querySelector('#lines .table')).overflow") == "visible"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_page_is_one_file_under_three_megabytes_in_composed_letters(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert 1e6 < written.stat().st_size < 3e6
    assert "Thống kê cải cách hành chính" in text
    assert [path.name for path in written.parent.iterdir()] == ["page.html"]
    assert text.count("</script>") == 4


def test_a_period_without_figures_is_refused_with_those_that_there_are(published: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownPeriodError, match="no figures for the period 1999; there are: 2021"):
        write_page(published, "1999", tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []
