"""A lasting installation from end to end, as its user sees it: up, log in, a night from Airflow's page, its mail, its lineage,
down."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from cchc.night import BODIES
from tests.cchc.installed import Installation, installed
from tests.cchc.lineage_receiver import Event, datasets, receiver

NIGHT = "2021-12-20"
PATIENCE_MILLISECONDS = 60_000
NIGHT_MILLISECONDS = 240_000
#: Where pictures of the pages are kept, for a person who wants to look.
PICTURES = os.environ.get("CCHC_TEST_PICTURES")


@pytest.fixture(scope="module")
def receiving() -> Iterator[tuple[str, list[Event]]]:
    with receiver() as told:
        yield told


@pytest.fixture(scope="module")
def installation(receiving: tuple[str, list[Event]]) -> Iterator[Installation]:
    address, _ = receiving
    with installed(CCHC_OPENLINEAGE=json.dumps({"type": "http", "url": address, "compression": None})) as running:
        yield running


@pytest.fixture(scope="module")
def page(installation: Installation) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        yield page
        browser.close()


def test_a_night_is_started_from_airflows_page_and_seen_green_and_its_mail_read(
    installation: Installation, page: Page
) -> None:
    page.goto(f"{installation.airflow_url}/dags/nightly_load")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(installation.airflow_password)
    page.locator("button[type=submit]").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.get_by_test_id("trigger-dag-button").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[name=element_night]").fill(NIGHT)
    picture(page, "trigger")
    dialog.get_by_role("button", name="Trigger").click()
    run = page.get_by_test_id("header-card").get_by_test_id("state-badge")
    expect(run).to_have_text(re.compile("Success|Failed"), timeout=NIGHT_MILLISECONDS)
    picture(page, "ended")
    expect(run).to_have_text("Success")
    expect(page.get_by_test_id("table-list").get_by_text("Success")).to_have_count(len(BODIES))
    page.goto(installation.inbox_url)
    picture(page, "inbox")
    digest = page.locator("tr", has_text="Báo cáo chất lượng số liệu đêm 20/12/2021")
    expect(digest).to_have_count(1)
    digest.locator("a").click()
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("20/12/2021")
    picture(page, "mail")


def test_the_marts_are_in_postgresql_and_what_is_up_is_told_again(installation: Installation) -> None:
    password = (installation.home.parent / "secrets" / "marts_password").read_text()
    port = installation.environment["CCHC_MARTS_PORT"]
    with psycopg.connect(f"postgresql://cchc:{password}@127.0.0.1:{port}/cchc") as connection:
        (count,) = connection.execute("select count(*) from mart.fct_indicator_value").fetchone()  # type: ignore[misc]
    assert count > 1000
    again = installation.run("cchc.main", "up", "--no-superset")
    assert again.returncode == 0
    assert installation.airflow_password in again.stdout
    assert password not in again.stdout


def test_each_task_told_what_it_reads_and_writes(receiving: tuple[str, list[Event]]) -> None:
    _, events = receiving
    ended = {event["job"]["name"] for event in events if event["eventType"] == "COMPLETE"}
    assert {f"nightly_load.{task}" for task in BODIES} <= ended
    assert datasets(events, "nightly_load.collect_drops", "outputs") == {"cchc/landing/files"}
    assert datasets(events, "nightly_load.load_raw", "inputs") == {"cchc/landing/files"}
    assert datasets(events, "nightly_load.load_raw", "outputs") == {"cchc/warehouse/raw"}
    assert datasets(events, "nightly_load.publish", "outputs") == {"cchc/published/mart"}


def test_dbt_told_which_table_is_made_of_which_under_its_task(receiving: tuple[str, list[Event]]) -> None:
    _, events = receiving
    (job,) = {name for event in events if (name := event["job"]["name"]).endswith("fct_indicator_value.build.run")}
    assert any(name.endswith("warehouse.mart.fct_indicator_value") for name in datasets(events, job, "outputs"))
    assert {name.rpartition(".")[2] for name in datasets(events, job, "inputs")} >= {
        "int_submission_judged",
        "int_submission_line",
    }
    parents = [event["run"]["facets"]["parent"] for event in events if event["job"]["name"] == job]
    assert {parent["job"]["name"] for parent in parents} == {"nightly_load.build_marts"}
    runs = {event["run"]["runId"] for event in events if event["job"]["name"] == "nightly_load.build_marts"}
    assert {parent["run"]["runId"] for parent in parents} == runs


def test_down_leaves_no_process_and_no_port_and_the_data(installation: Installation) -> None:
    done = installation.run("cchc.main", "down")
    assert done.returncode == 0, done.stderr
    assert "ended by itself" not in done.stdout
    assert installation.strays() == []
    for url in (installation.airflow_url, installation.inbox_url):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) != 0
    assert list((installation.home / "up").glob("*.json")) == []
    assert (installation.home / "published" / "cchc.duckdb").exists()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
