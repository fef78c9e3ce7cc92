"""The portal's feeds, walked from a loopback server that misbehaves in every way that the contract knows."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ingestion.forms.containers.limits import Limits
from ingestion.landing import Landing
from ingestion.sources.http import PullResult, SourceAccess
from ingestion.sources.portal import pull_submissions
from tests.ingestion.sources.scripted_server import Answer, Call, Feed, ScriptedServer, as_json
from tests.ingestion.sources.source_access import NIGHT, access_to, now, outcomes

PATH = "/api/v1/submissions"
MARK = "portal.submissions"


def row(number: int, at: str, **changed: Any) -> dict[str, Any]:
    return {
        "submission_id": f"s-{number}",
        "agency_organ_id": "000.00.03.H51",
        "form_code": "so-2021",
        "period_code": "2021",
        "revision": 1,
        "status": "submitted",
        "submitted_at": at,
        "updated_at": at,
        "lines": [{"code": "I.1.1", "value": 5, "note": None}],
        **changed,
    }


def at(minute: int) -> str:
    return f"2021-12-17T08:{minute:02}:00"


def pull(access: SourceAccess, landing: Landing) -> PullResult:
    return pull_submissions(access, landing, night=NIGHT, now=now)


def landed_ids(landing: Landing) -> list[str]:
    """Ids of all rows in all landed pages, in order, repeats included."""
    return [
        item["submission_id"]
        for page in landing.landed_after(0)
        for item in json.loads(landing.read(page))["items"]
        if isinstance(item, dict)
    ]


def test_all_pages_land_as_they_came_and_the_watermark_is_the_last_time(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = Feed([row(n, at(n)) for n in range(5)])
    result = pull(access, landing)
    assert result == PullResult(landed_count=3, item_count=5)
    assert landed_ids(landing) == ["s-0", "s-1", "s-2", "s-3", "s-4"]
    assert landing.watermark(MARK) == at(4)
    assert landing.landed_after(0)[0].sha256 == landing.landed_after(0)[0].original_sha256
    assert server.calls_to(PATH)[0].query == {"limit": "2"}


def test_the_same_night_again_lands_nothing(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.handlers[PATH] = Feed([row(n, at(n)) for n in range(5)])
    pull(access, landing)
    for _ in range(2):
        assert pull(access, landing) == PullResult(unchanged_count=1)
    assert server.calls[-1].query["updated_since"] == at(4)
    assert len(landing.landed_after(0)) == 3


def test_rows_with_equal_times_that_come_later_are_not_lost(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    feed = Feed([row(n, at(1)) for n in range(3)])
    server.handlers[PATH] = feed
    pull(access, landing)
    feed.rows.append(row(9, at(1)))
    assert pull(access, landing).landed_count == 1
    assert set(landed_ids(landing)) == {"s-0", "s-1", "s-2", "s-9"}
    assert pull(access, landing).landed_count == 0


def test_a_row_that_changes_without_a_new_time_lands_again(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = Feed([row(1, at(1))])
    pull(access, landing)
    server.handlers[PATH] = Feed([row(1, at(1), status="withdrawn")])
    assert pull(access, landing).landed_count == 1


@pytest.mark.parametrize("damage", [None, b"", b"rot", b'{"items": [{"updated_at": "2021'])
def test_a_landed_page_that_is_damaged_is_named_and_its_rows_are_taken_again(
    server: ScriptedServer, access: SourceAccess, landing: Landing, damage: bytes | None
) -> None:
    feed = Feed([row(n, at(n)) for n in range(4)])
    server.handlers[PATH] = feed
    pull(access, landing)
    last = landing.path(landing.landed_after(0)[-1].sha256)
    last.unlink()
    if damage is not None:
        last.write_bytes(damage)
    feed.rows.append(row(4, at(4)))
    result = pull(access, landing)
    assert (result.failure, result.landed_count) == (None, 1)
    newest = json.loads(landing.read(landing.landed_after(0)[-1]))
    assert [item["submission_id"] for item in newest["items"]] == ["s-3", "s-4"]
    assert any("bị mất hoặc hỏng" in line for line in outcomes(landing, "failed"))


def test_an_empty_source_lands_nothing(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.handlers[PATH] = Feed([])
    assert pull(access, landing) == PullResult(unchanged_count=1)
    assert landing.watermark(MARK) is None


@pytest.mark.parametrize(
    "fault",
    [
        Answer(429, headers={"Retry-After": "0.01"}),
        Answer(500),
        Answer(503, b"<html>down</html>"),
        Answer(200, b'{"items": [{"submission_id"', {}),
        Answer(200, b"<html><body>login</body></html>", {"Content-Type": "text/html"}),
        Answer(200, b""),
        Answer(200, b'{"items": 5, "next_cursor": null}'),
        Answer(200, b'{"items": [], "next_cursor": null}', cut_after=10),
        Answer(200, b"x" * 40, {"Content-Encoding": "gzip"}),
    ],
    ids=["429", "500", "503", "truncated", "html", "empty", "no-list", "cut", "bad-gzip"],
)
def test_a_passing_fault_in_the_middle_costs_no_row(
    server: ScriptedServer, access: SourceAccess, landing: Landing, fault: Answer
) -> None:
    feed = Feed([row(n, at(n)) for n in range(5)])
    given: list[Answer] = []

    def faulty(call: Call) -> Answer:
        if call.query.get("cursor") == "2" and not given:
            given.append(fault)
            return fault
        return feed(call)

    server.handlers[PATH] = faulty
    assert pull(access, landing) == PullResult(landed_count=3, item_count=5)
    assert given


@pytest.mark.parametrize(
    "fault", [Answer(500), Answer(200, b"<html>"), Answer(200, b'{"items": [', cut_after=3), Answer(404)]
)
def test_a_lasting_fault_ends_with_a_sentence_and_the_next_night_goes_on(
    server: ScriptedServer, access: SourceAccess, landing: Landing, fault: Answer
) -> None:
    feed = Feed([row(n, at(n)) for n in range(9)])
    server.handlers[PATH] = lambda call: fault if call.query.get("cursor") == "6" else feed(call)
    result = pull(access, landing)
    assert result.landed_count == 3
    assert result.failure is not None and result.failure.startswith("Không đọc được đến hết /api/v1/submissions")
    assert outcomes(landing, "failed")
    server.handlers[PATH] = feed
    assert pull(access, landing).failure is None
    assert set(landed_ids(landing)) == {f"s-{n}" for n in range(9)}
    assert server.calls[-3].query["updated_since"] == at(3)  # one page behind the last that landed


def test_retry_after_is_honoured_in_seconds_and_as_a_date_within_its_bound(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = Feed([row(1, at(1))])
    server.first[PATH].append(Answer(429, headers={"Retry-After": "0.2"}))
    began = time.monotonic()
    assert pull(access, landing).landed_count == 1
    assert 0.2 <= time.monotonic() - began < 1
    server.first[PATH].append(Answer(429, headers={"Retry-After": "Tue, 21 Dec 2100 08:00:00 GMT"}))
    began = time.monotonic()
    assert pull(access, landing).failure is None
    assert 0.3 <= time.monotonic() - began < 1


def test_a_cursor_gone_in_the_middle_starts_again_from_the_durable_watermark(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    feed = Feed([row(n, at(n)) for n in range(9)])
    gone: list[str] = []

    def once_gone(call: Call) -> Answer:
        if call.query.get("cursor") == "6" and not gone:
            gone.append("gone")
            return Answer(410)
        return feed(call)

    server.handlers[PATH] = once_gone
    assert pull(access, landing).failure is None
    assert set(landed_ids(landing)) == {f"s-{n}" for n in range(9)}
    asked_again = next(call for call in server.calls_to(PATH)[4:] if "cursor" not in call.query)
    assert asked_again.query["updated_since"] == at(3)


def test_a_source_whose_cursors_never_live_is_still_read_to_its_end(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    feed = Feed([row(n, at(n)) for n in range(9)])
    server.handlers[PATH] = lambda call: Answer(410) if "cursor" in call.query else feed(call)
    assert pull(access, landing).failure is None
    assert set(landed_ids(landing)) == {f"s-{n}" for n in range(9)}


def test_a_cursor_gone_for_ever_ends_with_a_failure(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = lambda _: Answer(410)
    result = pull(access, landing)
    assert result.failure is not None and "410" in result.failure
    assert len(server.calls_to(PATH)) <= access.restarts_max + 1


def test_reordered_rows_and_a_lost_cursor_together_lose_nothing(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    order = [0, 1, 2, 5, 3, 4, 8, 6, 7, 9]
    gone: list[str] = []

    def shuffled(call: Call) -> Answer:
        if call.query.get("cursor") in ("2", "4", "6") and call.query["cursor"] not in gone:
            gone.append(call.query["cursor"])
            return Answer(410)
        return Feed([row(n, at(n)) for n in order], sort=False)(call)

    server.handlers[PATH] = shuffled
    assert pull(access, landing).failure is None
    assert set(landed_ids(landing)) == {f"s-{n}" for n in order}
    assert landing.watermark(MARK) == at(9)
    assert pull(access, landing).landed_count == 0


def test_a_crash_among_reordered_pages_loses_nothing(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    feed = Feed([row(n, at(n)) for n in (0, 1, 2, 5, 3, 4, 6, 7)], sort=False)

    class Killed(BaseException):
        pass

    def until_killed() -> Any:
        if len(landing.landed_after(0)) >= 3:  # in the transaction that lands the third page
            raise Killed
        return now()

    server.handlers[PATH] = feed
    with pytest.raises(Killed):
        pull_submissions(access, landing, night=NIGHT, now=until_killed)
    assert len(landing.landed_after(0)) == 2
    assert pull(access, landing).failure is None
    assert set(landed_ids(landing)) == {f"s-{n}" for n in range(8)}


def test_pages_out_of_order_move_the_watermark_only_at_the_end(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    feed = Feed([row(n, at(n)) for n in (6, 7, 0, 1, 2, 3)], sort=False)
    server.handlers[PATH] = lambda call: Answer(500) if call.query.get("cursor") == "4" else feed(call)
    assert pull(access, landing).failure is not None
    assert not landing.watermark(MARK)
    server.handlers[PATH] = feed
    assert pull(access, landing).failure is None
    assert landing.watermark(MARK) == at(7)


def test_rows_repeated_across_pages_cost_nothing(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    rows = [row(n, at(n)) for n in (0, 1, 1, 2, 2, 2, 3)]
    server.handlers[PATH] = Feed(rows)
    assert pull(access, landing).failure is None
    assert set(landed_ids(landing)) == {"s-0", "s-1", "s-2", "s-3"}


def test_the_same_page_for_ever_is_found_out(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    counter = iter(range(10_000))
    page = [row(1, at(1)), row(2, at(2))]
    server.handlers[PATH] = lambda _: as_json({"items": page, "next_cursor": f"c{next(counter)}"})
    result = pull(access, landing)
    assert result.failure is not None and "lặp lại" in result.failure
    assert landed_ids(landing) == ["s-1", "s-2"]
    assert len(server.calls_to(PATH)) <= access.stale_pages_max + 3


def test_pages_that_go_round_in_a_circle_are_found_out(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    feed = Feed([row(n, at(n)) for n in range(6)])

    def round_again(call: Call) -> Answer:
        page = json.loads(feed(call).body)
        return as_json({**page, "next_cursor": page["next_cursor"] or "0"})

    server.handlers[PATH] = round_again
    result = pull(access, landing)
    assert result.failure is not None and result.landed_count == 3


def test_empty_pages_without_end_are_found_out(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    counter = iter(range(10_000))
    server.handlers[PATH] = lambda _: as_json({"items": [], "next_cursor": f"c{next(counter)}"})
    assert pull(access, landing).failure is not None
    assert len(server.calls_to(PATH)) < 20


def test_new_rows_without_end_stop_at_the_page_limit_and_stay_landed(server: ScriptedServer, landing: Landing) -> None:
    counter = iter(range(10_000))

    def endless(_: Call) -> Answer:
        n = next(counter)
        return as_json({"items": [row(n, f"2021-12-17T08:00:00.{n:06}")], "next_cursor": f"c{n}"})

    server.handlers[PATH] = endless
    result = pull(access_to(server, pages_max=30), landing)
    assert result.landed_count == 30 and result.failure is not None


def test_a_body_without_end_is_refused_at_the_size_limit(server: ScriptedServer, landing: Landing) -> None:
    server.handlers[PATH] = lambda _: Answer(200, b" " * 200_000)
    result = pull(access_to(server, limits=Limits(most_bytes=100_000)), landing)
    assert result.failure is not None and "giới hạn" in result.failure
    assert len(server.calls_to(PATH)) == 1


def test_a_poisoned_row_lands_is_named_and_the_rest_goes_on(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    rows = [row(0, at(0)), row(1, at(1), revision="hai"), row(2, at(2)), row(3, at(3), updated_at=None)]
    server.handlers[PATH] = Feed(rows)
    result = pull(access, landing)
    assert result.problem_count == 2 and result.failure is None
    assert set(landed_ids(landing)) == {"s-0", "s-1", "s-2", "s-3"}
    refused = outcomes(landing, "refused")
    assert any("Báo cáo s-1: revision phải là số nguyên từ 1, nhận được hai." in line for line in refused)
    assert any("s-3" in line and "updated_at" in line for line in refused)
    assert landing.watermark(MARK) == at(2)
    assert pull(access, landing).landed_count == 0


def test_a_time_to_come_does_not_move_the_watermark(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    server.handlers[PATH] = Feed([row(0, at(0)), row(1, at(1)), row(2, "9999-12-31T00:00:00")])
    pull(access, landing)
    assert landing.watermark(MARK) == at(1)
    assert "s-2" in landed_ids(landing)
    assert pull(access, landing).landed_count == 0


def test_a_clock_that_runs_ahead_does_not_hide_what_changes_before_its_time(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    tomorrow = "2021-12-21T20:00:00"
    feed = Feed([row(0, at(0)), row(1, at(1)), row(2, tomorrow)])
    server.handlers[PATH] = feed
    pull(access, landing)
    feed.rows.append(row(3, "2021-12-21T09:00:00"))
    pull(access, landing)
    assert set(landed_ids(landing)) == {"s-0", "s-1", "s-2", "s-3"}


def test_unknown_fields_are_named_once(server: ScriptedServer, access: SourceAccess, landing: Landing) -> None:
    server.handlers[PATH] = Feed([row(n, at(n), kenh_gui="web") for n in range(5)])
    pull(access, landing)
    assert [line for line in outcomes(landing, "ok") if "Trường lạ" in line] == [
        f"{PATH}: Trường lạ, bỏ qua: kenh_gui."
    ]


def test_a_row_with_a_broken_letter_does_not_cost_its_page(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    body = json.dumps({"items": [row(1, at(1)), row(2, at(2), document_number="\ud800")], "next_cursor": None}).encode()
    server.handlers[PATH] = lambda _: Answer(200, body)
    assert pull(access, landing).landed_count == 1
    assert landing.watermark(MARK) == at(2)
    assert pull(access, landing).landed_count == 0
