"""The dashboards in a real Superset and a real Chromium: every chart draws, filters filter, figures are the marts'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlparse

import pytest
import yaml
from playwright.sync_api import Locator, Page, Request, Response, expect

from cchc.settings import Settings
from dashboards.login import make_login
from dashboards.start import HERE, SupersetError
from tests.dashboards.conftest import Running, asked, log_in

SLUGS = sorted(path.stem for path in (HERE / "assets" / "dashboards").glob("*.yaml"))


@dataclass
class Opened:
    """A dashboard that is drawn, with what was asked for and answered meanwhile."""

    page: Page
    slug: str
    titles: dict[str, str]
    asked: list[Request] = field(default_factory=list)
    answered: list[Response] = field(default_factory=list)

    def chart(self, name: str) -> Locator:
        return self.page.locator(".dashboard-component-chart-holder").filter(
            has=self.page.locator(".header-title", has_text=re.compile(f"^{re.escape(self.titles[name])}$"))
        )

    def figure(self, name: str) -> Locator:
        return self.chart(name).locator(".header-line")

    def choose(self, filter_id: str, option: str) -> None:
        """Pick an option of a filter and apply it."""
        self.page.locator(f"[data-test=NATIVE_FILTER-{filter_id}] .ant-select-selector").click()
        self.page.locator(".ant-select-item-option").filter(has_text=option).first.click()
        self.page.keyboard.press("Escape")
        self.page.locator("[data-test=filter-bar__apply-button]").click()
        settled(self.page)


def settled(page: Page) -> None:
    page.wait_for_function("() => document.querySelectorAll('.dashboard-component-chart-holder').length > 0")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('[data-test=loading-indicator], .loading')")


def opened(running: Running, slug: str) -> Opened:
    told = yaml.safe_load((HERE / "assets" / "dashboards" / f"{slug}.yaml").read_text(encoding="utf-8"))
    titles = {
        key.removeprefix("CHART-"): part["meta"]["sliceName"]
        for key, part in told["position"].items()
        if key.startswith("CHART-")
    }
    dashboard = Opened(running.page, slug, titles)
    requests, responses = (lambda one: dashboard.asked.append(one)), (lambda one: dashboard.answered.append(one))
    running.page.on("request", requests)
    running.page.on("response", responses)
    running.page.goto(f"{running.url}/superset/dashboard/{slug}/")
    settled(running.page)
    running.page.remove_listener("request", requests)
    running.page.remove_listener("response", responses)
    return dashboard


def vietnamese(value: object) -> str:
    return f"{value:,}".replace(",", ".")


@pytest.mark.parametrize("slug", SLUGS)
def test_every_chart_draws_and_nothing_is_asked_of_another_address(running: Running, slug: str) -> None:
    dashboard = opened(running, slug)
    page = dashboard.page
    expect(page.locator(".dashboard-component-chart-holder")).to_have_count(len(dashboard.titles))
    data = [answer for answer in dashboard.answered if "/api/v1/chart/data" in answer.url]
    assert len(data) >= len(dashboard.titles)
    assert [answer.text() for answer in data if answer.status != 200] == []
    empty = {
        name
        for name in dashboard.titles
        if not dashboard.chart(name).locator("canvas, table tbody td, .header-line").count()
    }
    assert empty <= EMPTY.get(slug, set())
    blank = page.evaluate(
        "[...document.querySelectorAll('canvas')].filter(canvas => !canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.some(part => part)).length"
    )
    assert blank == 0
    sent = [asked_ for asked_ in dashboard.asked if asked_.url.startswith("http") and asked_.response()]
    assert {urlparse(asked_.url).netloc for asked_ in sent} == {urlparse(running.url).netloc}
    assert "ran" not in page.title()


#: The small province's first agency breaks no rule.
EMPTY = {"co-quan": {"agency_rules"}}


def test_the_provinces_figures_are_the_marts_and_follow_the_period(running: Running) -> None:
    dashboard = opened(running, "toan-tinh")
    for period in ("2021", "2020"):
        if period == "2020":
            dashboard.choose("period", "Năm 2020")
        [(expected, accepted)] = asked(
            running.dsn,
            "select count(*), count(*) filter (where status = 'accepted') from mart.mart_reporting_rate"
            f" where period_code = '{period}'",
        )
        [(dossiers,)] = asked(
            running.dsn,
            "select value::int from mart.mart_province_summary"
            f" where period_code = '{period}' and indicator_code = 'III.6.1'",
        )
        expect(dashboard.figure("province_expected")).to_have_text(str(expected))
        expect(dashboard.figure("province_accepted")).to_have_text(str(accepted))
        expect(dashboard.figure("province_dossiers")).to_have_text(vietnamese(dossiers))
    expect(dashboard.figure("province_on_time_share")).to_have_text("85,24%")


def test_an_agencys_figures_follow_the_agency(running: Running) -> None:
    dashboard = opened(running, "co-quan")
    for agency in ("H51.02", "H51.01"):  # the first by name is shown first
        if agency == "H51.01":
            dashboard.choose("agency", "Văn phòng UBND tỉnh")
        [(dossiers,)] = asked(
            running.dsn,
            "select value::int from mart.fct_indicator_value where is_current and period_code = '2021'"
            f" and indicator_code = 'III.6.1' and agency_code = '{agency}'",
        )
        expect(dashboard.figure("agency_dossiers")).to_have_text(vietnamese(dossiers))
        expect(dashboard.chart("agency_table").locator("tbody tr", has_text="III.6.1")).to_contain_text(
            vietnamese(dossiers)
        )


def test_quality_counts_those_that_came_and_those_that_are_held(running: Running) -> None:
    dashboard = opened(running, "chat-luong")
    expect(dashboard.figure("quality_received")).to_have_text("3")
    expect(dashboard.figure("quality_quarantined")).to_have_text("1")
    expect(dashboard.figure("quality_on_time_share")).to_have_text("25,0%")
    expect(dashboard.figure("quality_failures")).to_have_text("1")
    expect(dashboard.chart("quality_rule_table")).to_contain_text("Tỷ lệ ngoài khoảng")
    dashboard.choose("agency", "Sở Nội vụ")
    expect(dashboard.figure("quality_received")).to_have_text("1")
    expect(dashboard.figure("quality_quarantined")).to_have_text("0")


def test_reported_stands_beside_recorded(running: Running) -> None:
    dashboard = opened(running, "doi-chieu")
    expect(dashboard.figure("recorded_pairs")).to_have_text("3")
    expect(dashboard.figure("recorded_matching")).to_have_text("1")
    expect(dashboard.figure("recorded_differing")).to_have_text("2")
    expect(dashboard.chart("recorded_table").locator("tbody tr", has_text="Sở Nội vụ")).to_contain_text("+50")


def test_who_has_not_logged_in_sees_nothing(running: Running) -> None:
    context = running.page.context.browser.new_context()  # type: ignore[union-attr]
    page = context.new_page()
    page.goto(f"{running.url}/superset/dashboard/toan-tinh/")
    assert "/login" in page.url
    assert context.request.get(f"{running.url}/api/v1/chart/").status == 401
    context.close()


@contextmanager
def logged_in(running: Running, user: str, password: str, width: int = 1400) -> Iterator[Running]:
    """Somebody else's browser window."""
    context = running.page.context.browser.new_context(viewport={"width": width, "height": 3000})  # type: ignore[union-attr]
    page = context.new_page()
    log_in(page, running.url, user, password)
    yield replace(running, page=page)
    context.close()


def agencies_shown(theirs: Running, table: str) -> set[str]:
    """The agencies of all rows of a dataset, as its API gives them."""
    request = theirs.page.context.request
    told = request.get(f"{theirs.url}/api/v1/dataset/").json()["result"]
    [dataset] = [one["id"] for one in told if one["table_name"] == table]
    query = {"columns": ["agency_code"], "metrics": [], "row_limit": 1000}
    answer = request.post(
        f"{theirs.url}/api/v1/chart/data",
        data={"datasource": {"id": dataset, "type": "table"}, "queries": [query], "result_format": "json"},
    )
    assert answer.status == 200, answer.text()
    return {row["agency_code"] for row in answer.json()["result"][0]["data"]}


def test_a_viewer_sees_every_row_and_an_agencys_user_its_own_and_the_provinces(
    running: Running, superset_settings: Settings
) -> None:
    shown = {}
    for user, agency_code in (("thong_ke", ""), ("so_noi_vu", "H51.02")):
        password = make_login(superset_settings, user, agency_code)
        with logged_in(running, user, password) as theirs:
            for table in ("agency_figures", "reporting", "figure_history"):
                shown[user, table] = agencies_shown(theirs, table)
            dashboard = opened(theirs, "toan-tinh")
            expect(dashboard.figure("province_dossiers")).not_to_have_text("")
    assert shown["thong_ke", "reporting"] == {"H51.01", "H51.02", "H51.03", "H51.04"}
    assert shown["so_noi_vu", "reporting"] == shown["so_noi_vu", "agency_figures"] == {"H51.02"}
    assert shown["so_noi_vu", "figure_history"] == {"H51.02", "H51"}
    assert shown["thong_ke", "figure_history"] > {"H51.02", "H51"}


def test_a_viewer_changes_nothing(running: Running, superset_settings: Settings) -> None:
    password = make_login(superset_settings, "thong_ke")
    with logged_in(running, "thong_ke", password) as theirs:
        request = theirs.page.context.request
        token = request.get(f"{theirs.url}/api/v1/security/csrf_token/").json()["result"]
        for kind, made in (("dashboard", {"dashboard_title": "mine"}), ("database", {"database_name": "mine"})):
            answer = request.post(f"{theirs.url}/api/v1/{kind}/", data=made, headers={"X-CSRFToken": token})
            assert answer.status == 403, answer.text()
        assert request.get(f"{theirs.url}/api/v1/rowlevelsecurity/").status in (403, 404)


def test_a_log_in_is_made_for_known_agencies_and_not_in_place_of_the_administrator(
    running: Running, superset_settings: Settings
) -> None:
    with pytest.raises(SupersetError, match=r"know no agency 'H51\.99'"):
        make_login(superset_settings, "so_khac", "H51.99")
    with pytest.raises(SupersetError, match="is no name for a log-in"):
        make_login(superset_settings, "admin")


def test_on_a_telephone_nothing_is_scrolled_sideways_but_wide_boxes(
    running: Running, superset_settings: Settings
) -> None:
    password = make_login(superset_settings, "thong_ke")
    with logged_in(running, "thong_ke", password, width=390) as theirs:
        for slug in SLUGS:
            page = opened(theirs, slug).page
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            outside = page.evaluate(
                "[...document.querySelectorAll('.grid-row > .dragdroppable-column')].filter(box =>"
                " box.getBoundingClientRect().right > 391 || box.getBoundingClientRect().left < 0).length"
            )
            assert outside == 0, slug
