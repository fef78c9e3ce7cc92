"""The portal's stand-in over HTTP: tokens, pages, cursors, faults."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from stand_ins.faults import Fault, FaultPlan
from stand_ins.province.plan import Plan
from stand_ins.serve import StandIns, start
from tests.stand_ins.stand_in_client import SEEDS, Client, ManualClock

DOSSIERS, SUBMISSIONS = "/api/v1/dossiers", "/api/v1/submissions"


def faulty(plan: Plan, folder: Path, *faults: Fault) -> StandIns:
    return start(seeds=SEEDS, mailbox=folder / "mailbox", plan=plan, faults=FaultPlan(faults), only=("portal", "edoc"))


def test_the_right_credentials_get_a_token_for_300_seconds(client: Client) -> None:
    answer = client.ask_token()
    assert answer.status_code == 200
    assert answer.json() | {"access_token": ""} == {"access_token": "", "token_type": "Bearer", "expires_in": 300}
    assert len(answer.json()["access_token"]) > 20


def test_wrong_credentials_are_refused(client: Client) -> None:
    assert client.ask_token(secret="wrong").status_code == 401


def test_another_grant_is_refused(client: Client) -> None:
    answer = client.http.post(client.running.portal_url + "/oauth/token", data={"grant_type": "password"})
    assert answer.status_code == 400


def test_a_call_without_a_token_is_refused(client: Client) -> None:
    client.token = ""
    assert client.get(DOSSIERS).status_code == 401
    assert client.get(SUBMISSIONS).status_code == 401


def test_a_token_expires_after_300_seconds(own: StandIns, clock: ManualClock) -> None:
    with Client(own) as client:
        clock.now += 299
        assert client.get(SUBMISSIONS, limit=1).status_code == 200
        clock.now += 1
        assert client.get(SUBMISSIONS, limit=1).status_code == 401
        client.ask_token()
        assert client.get(SUBMISSIONS, limit=1).status_code == 200


def test_a_revoked_token_is_refused_before_its_time(own: StandIns) -> None:
    with Client(own) as client:
        own.revoke_tokens()
        assert client.get(SUBMISSIONS, limit=1).status_code == 401


@pytest.mark.parametrize("limit", [977, 5000])
def test_pages_of_dossiers_cover_every_row_once_in_order(client: Client, plan: Plan, limit: int) -> None:
    items = client.read_all(DOSSIERS, limit=limit)
    assert items == plan.listing.page(0, len(plan.listing))
    keys = [(item["updated_at"], item["MaHoSo"]) for item in items]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) > 4_000
    assert len({item["MaHoSo"] for item in items}) == 4_000


def test_rows_with_one_updated_at_are_split_by_pages_and_none_is_lost(client: Client) -> None:
    times = [item["updated_at"] for item in client.read_all(DOSSIERS, limit=5000)]
    assert len(set(times)) < len(times)
    assert [item["updated_at"] for item in client.read_all(DOSSIERS, limit=500)] == times


def test_submissions_come_in_order_of_updated_at_and_id(client: Client) -> None:
    items = client.read_all(SUBMISSIONS, limit=50)
    keys = [(item["updated_at"], item["submission_id"]) for item in items]
    assert keys == sorted(keys)
    assert len(items) > 110


def test_a_dossier_comes_again_when_it_changed(client: Client) -> None:
    states: dict[str, list[str]] = {}
    for item in client.read_all(DOSSIERS, limit=5000):
        states.setdefault(item["MaHoSo"], []).append(str(item["TrangThaiHoSo"]))
    assert any(len(one) == 3 and one[-1] in ("9", "10") for one in states.values())


def test_updated_since_is_inclusive(client: Client) -> None:
    items = client.read_all(DOSSIERS, limit=5000)
    since = items[len(items) // 2]["updated_at"]
    expected = [item for item in items if item["updated_at"] >= since]
    assert client.read_all(DOSSIERS, limit=5000, updated_since=since) == expected
    assert client.read_all(DOSSIERS, limit=5000, updated_since=since + "+07:00") == expected
    submitted = client.read_all(SUBMISSIONS)
    assert client.read_all(SUBMISSIONS, updated_since=submitted[-1]["updated_at"]) == submitted[-1:]


def test_nothing_newer_is_an_empty_page_without_a_cursor(client: Client) -> None:
    page = client.get(DOSSIERS, updated_since="2030-01-01T00:00:00").json()
    assert (page["items"], page["next_cursor"]) == ([], None)


def test_a_page_has_500_rows_unless_asked_otherwise_and_5000_at_most(client: Client) -> None:
    assert len(client.get(DOSSIERS).json()["items"]) == 500
    assert client.get(DOSSIERS, limit=5001).status_code == 400
    assert client.get(DOSSIERS, limit=0).status_code == 400
    assert client.get(DOSSIERS, updated_since="yesterday").status_code == 400


def test_the_same_page_is_the_same_bytes(client: Client) -> None:
    first = client.get(DOSSIERS, limit=700)
    assert client.get(DOSSIERS, limit=700).content == first.content


def test_a_cursor_is_gone_after_15_minutes(own: StandIns, clock: ManualClock) -> None:
    with Client(own) as client:
        cursor = client.get(DOSSIERS, limit=10).json()["next_cursor"]
        clock.now += 15 * 60 - 1
        client.ask_token()
        assert client.get(DOSSIERS, cursor=cursor).status_code == 200
        clock.now += 1
        assert client.get(DOSSIERS, cursor=cursor).status_code == 410


def test_a_cursor_of_another_listing_or_of_nobody_is_gone(client: Client) -> None:
    cursor = client.get(DOSSIERS, limit=10).json()["next_cursor"]
    assert client.get(SUBMISSIONS, cursor=cursor).status_code == 410
    assert client.get(DOSSIERS, cursor="made-up").status_code == 410


def test_the_fault_plan_answers_429_and_5xx_where_it_says(plan: Plan, tmp_path: Path) -> None:
    faults = (
        Fault(SUBMISSIONS, status=429, retry_after=2, first=2),
        Fault(SUBMISSIONS, status=503, first=3, times=2),
    )
    with faulty(plan, tmp_path, *faults) as running, Client(running) as client:
        answers = [client.get(SUBMISSIONS, limit=1) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 429, 503, 503, 200]
        assert answers[1].headers["retry-after"] == "2"
        assert running.faults.calls[SUBMISSIONS] == 5


def test_the_fault_plan_cuts_a_connection_and_shortens_a_body(plan: Plan, tmp_path: Path) -> None:
    faults = (Fault(DOSSIERS, "cut"), Fault(DOSSIERS, "short_body", first=2))
    with faulty(plan, tmp_path, *faults) as running, Client(running) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(DOSSIERS)
        short = client.get(DOSSIERS)
        assert short.status_code == 200
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            short.json()
        assert len(client.get(DOSSIERS).json()["items"]) == 500


def test_times_carry_an_offset_where_one_is_asked_for(tmp_path: Path) -> None:
    with (
        start(seeds=SEEDS, mailbox=tmp_path, dossiers=50, with_offset=True, only=("portal",)) as running,
        Client(running) as client,
    ):
        assert running.edoc_url == running.smtp_url == ""
        items = client.read_all(DOSSIERS) + client.read_all(SUBMISSIONS)
        assert {item["updated_at"][19:] for item in items} == {"+07:00"}


def test_stand_ins_listen_on_loopback_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="loopback"):
        start(seeds=SEEDS, mailbox=tmp_path, host="0.0.0.0")  # noqa: S104 it is refused


def test_a_port_in_use_is_said_at_once_and_leaves_nothing_running(shared: StandIns, plan: Plan, tmp_path: Path) -> None:
    port = int(shared.edoc_url.rpartition(":")[2])
    started = time.monotonic()
    with pytest.raises(OSError, match="in use"):
        start(seeds=SEEDS, mailbox=tmp_path, plan=plan, edoc_port=port)
    assert time.monotonic() - started < 5
