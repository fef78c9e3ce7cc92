"""The page of ``cchc report`` in a real Chromium: its figures are the marts', nothing is asked of anywhere, nothing typed runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from publishing.page import UnknownPeriodError, write_page
from tests.publishing.small_province import HOSTILE, publish_small_province


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
        "chart-share-gaps": 1,
        "chart-history": 1,
    }
    expect(opened.page.locator("#chart-level4")).to_have_text("Không có")
    assert "Sở Nội vụ" in (opened.page.locator("#chart-on-time").text_content() or "")


def test_the_lines_of_the_province_stand_in_the_forms_order_and_are_cut_by_section_and_search(opened: Opened) -> None:
    page = opened.page
    assert _column(page, "lines-table", 1) == ["I.2", "I.10", "III.6.1", "III.6.3"]
    assert _column(page, "lines-table", 3) == ["1 có, 1 không", "11", "1.779", "86,24"]
    assert _column(page, "lines-table", 4) == ["", "Cuộc", "Hồ sơ", "%"]
    page.select_option("#section-pick", "III")
    assert _column(page, "lines-table", 1) == ["III.6.1", "III.6.3"]
    page.locator("#lines .dt-search input").fill("đúng hẹn")
    expect(page.locator("#lines-table tbody tr")).to_have_count(1)
    assert _column(page, "lines-table", 1) == ["III.6.3"]


def test_a_table_sorts_numbers_as_numbers_by_mouse_and_keyboard(opened: Opened) -> None:
    page = opened.page
    assert _column(page, "compare-table", 3)[:2] == ["1.250", "529"]
    head = page.locator("#compare-table thead th").nth(2)
    cells = page.locator("#compare-table tbody tr td:nth-child(3)")
    head.click()
    expect(cells.first).to_have_text("529")  # the table takes its time
    assert [text for text in _column(page, "compare-table", 3) if text] == ["529", "1.250"]
    head.locator("[role=button]").press("Enter")
    expect(cells.first).to_have_text("")
    head.locator("[role=button]").press("Enter")
    expect(cells.first).to_have_text("1.250")
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
    assert _column(page, "lines-table", 4) == ["", "Cuộc", "Dossiers", "%"]  # nobody has translated «Cuộc»


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
    assert len(sizes) == 7
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
