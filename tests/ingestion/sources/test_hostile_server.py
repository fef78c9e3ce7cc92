"""A portal or an axis that is broken, slow or malicious: every answer ends in words, in time, and costs no landed row."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from typing import Any

import pytest

from ingestion.forms.containers.limits import Limits
from ingestion.landing import Landing
from ingestion.sources.http import PullResult, SourceAccess
from ingestion.sources.portal import pull_submissions
from tests.ingestion.sources.scripted_server import Answer, Call, Feed, ScriptedServer, as_json
from tests.ingestion.sources.source_access import NIGHT, access_to, now, outcomes
from tests.ingestion.sources.test_portal_walk import at, landed_ids, row

PATH = "/api/v1/submissions"
PAGE = json.dumps({"items": [row(1, at(1))], "next_cursor": None}).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def pull(access: SourceAccess, landing: Landing) -> PullResult:
    return pull_submissions(access, landing, night=NIGHT, now=now)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, gzip.compress(PAGE), {"Content-Encoding": "gzip"}),
        Answer(200, zlib.compress(PAGE), {"Content-Encoding": "deflate"}),
        Answer(200, b"\xef\xbb\xbf" + PAGE),
        Answer(200, b"\r\n  " + PAGE + b"\n\n"),
        Answer(200, PAGE, {"Content-Type": "text/html; charset=windows-1258"}),
        Answer(raw=CHUNKED + f"{len(PAGE):x}\r\n".encode() + PAGE + b"\r\n0\r\n\r\n"),
        Answer(raw=b"HTTP/1.0 200 OK\r\n\r\n" + PAGE),
    ],
    ids=["gzip", "deflate", "byte-order-mark", "blanks-around", "wrong-charset", "chunked", "http-1.0"],
)
def test_a_page_is_read_however_it_is_wrapped(
    server: ScriptedServer, access: SourceAccess, landing: Landing, answer: Answer
) -> None:
    server.handlers[PATH] = lambda _: answer
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)


@pytest.mark.parametrize("length", [1, 2, 9, 10, 11, 40, len(PAGE) - 2, len(PAGE) - 1])
@pytest.mark.parametrize("way", ["declared", "chunked", "closed"])
def test_a_body_cut_at_any_byte_is_asked_for_again(
    server: ScriptedServer, access: SourceAccess, landing: Landing, length: int, way: str
) -> None:
    server.handlers[PATH] = Feed([row(1, at(1))])
    cut = {
        "declared": Answer(200, PAGE, cut_after=length),
        "chunked": Answer(raw=CHUNKED + f"{len(PAGE):x}\r\n".encode() + PAGE[:length]),
        "closed": Answer(raw=b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PAGE[:length]),
    }[way]
    server.first[PATH].append(cut)
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}),
        Answer(raw=CHUNKED + b"10000\r\n" + (b" " * 65536 + b"\r\n10000\r\n") * 40),
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n "),
    ],
    ids=["gzip-bomb", "chunks-without-end", "declared-length"],
)
def test_a_body_beyond_the_limit_is_refused_at_once(server: ScriptedServer, landing: Landing, answer: Answer) -> None:
    server.handlers[PATH] = lambda _: answer
    result = pull(access_to(server, limits=Limits(most_bytes=1_000_000)), landing)
    assert result.failure is not None and "giới hạn" in result.failure
    assert len(server.calls_to(PATH)) == 1


@pytest.mark.parametrize(
    "trickle",
    [
        Answer(raw=b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 400, pause=0.02),
        Answer(raw=CHUNKED + b"1\r\n \r\n" * 100, pause=0.02),
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b" " * 400, pause=0.02),
    ],
    ids=["headers", "chunks", "body"],
)
def test_an_answer_that_trickles_is_cut_off_and_asked_for_again(
    server: ScriptedServer, landing: Landing, trickle: Answer
) -> None:
    server.handlers[PATH] = Feed([row(1, at(1))])
    server.first[PATH].append(trickle)
    access = access_to(server, whole_body_seconds=0.5, attempts=8)
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)
    assert len(server.calls_to(PATH)) >= 2


@pytest.mark.parametrize(
    "asked",
    [
        "1e99",
        "-5",
        "nan",
        "inf",
        "99999999999999999999",
        "soon",
        "",
        "Tue, 99 Foo 2100 08:00:00 GMT",
        "Fri, 31 Dec 99999",
    ],
)
def test_an_absurd_retry_after_neither_breaks_nor_stops_the_night(
    server: ScriptedServer, access: SourceAccess, landing: Landing, asked: str
) -> None:
    server.handlers[PATH] = Feed([row(1, at(1))])
    server.first[PATH].append(Answer(429, headers={"Retry-After": asked} if asked else {}))
    began = time.monotonic()
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)
    assert time.monotonic() - began < 30  # a bound of 0.3 seconds, on however busy a machine


@pytest.mark.parametrize("value", ["9" * 5000, "1e400", "-1e-400", "NaN", "Infinity", "1" + "0" * 30])
def test_a_number_beyond_all_bounds_costs_only_its_row(
    server: ScriptedServer, access: SourceAccess, landing: Landing, value: str
) -> None:
    poisoned = json.dumps(row(1, at(1), revision=77)).replace("77", value)
    body = f'{{"items": [{poisoned}, {json.dumps(row(2, at(2)))}], "next_cursor": null}}'
    server.handlers[PATH] = lambda _: Answer(200, body.encode())
    result = pull(access, landing)
    assert (result.landed_count, result.problem_count, result.failure) == (1, 1, None)
    assert any("s-1" in line and "revision" in line for line in outcomes(landing, "refused"))
    assert landing.watermark("portal.submissions") == at(2)


@pytest.mark.parametrize("cursor", ["", 0, "same"], ids=["empty", "number", "same"])
def test_an_odd_next_cursor_neither_loses_a_page_nor_walks_for_ever(
    server: ScriptedServer, access: SourceAccess, landing: Landing, cursor: Any
) -> None:
    def page(call: Call) -> Answer:
        is_first = "cursor" not in call.query
        items = [row(1, at(1))] if is_first else [row(2, at(2))]
        return as_json({"items": items, "next_cursor": cursor if is_first or cursor == "same" else None})

    server.handlers[PATH] = page
    result = pull(access, landing)
    assert set(landed_ids(landing)) == ({"s-1"} if cursor == "" else {"s-1", "s-2"})
    assert (result.failure is not None) == (cursor == "same")
    assert len(server.calls_to(PATH)) < 10


@pytest.mark.parametrize(
    "body", [b'{"items": null, "next_cursor": null}', b"[]", b"null", b'"x"', b'{"next_cursor": "a"}']
)
def test_what_is_no_page_ends_in_words_and_moves_nothing(
    server: ScriptedServer, access: SourceAccess, landing: Landing, body: bytes
) -> None:
    server.handlers[PATH] = lambda _: Answer(200, body)
    result = pull(access, landing)
    assert result.failure is not None and "items" in result.failure
    assert landing.watermark("portal.submissions") is None and landing.landed_after(0) == []


def test_a_base_address_may_have_a_path_and_a_slash_at_its_end(server: ScriptedServer, landing: Landing) -> None:
    server.handlers["/cong/dich-vu" + PATH] = Feed([row(1, at(1))])
    server.handlers["/cong/dich-vu/oauth/token"] = server.handlers["/oauth/token"]
    open_path = server.answer

    def answer(call: Call) -> Answer:
        return server.handlers["/oauth/token"](call) if call.path.endswith("/oauth/token") else open_path(call)

    server.answer = answer  # type: ignore[method-assign]
    access = access_to(server, base_url=f"{server.url}/cong/dich-vu/")
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)


def test_a_token_that_ends_between_any_two_pages_costs_no_row(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    feed = Feed([row(number, at(number)) for number in range(9)])

    def revoking(call: Call) -> Answer:
        answer = feed(call)
        server.token = f"token-{len(server.calls)}"
        return answer

    server.handlers[PATH] = revoking
    assert pull(access, landing) == PullResult(landed_count=5, item_count=9)
