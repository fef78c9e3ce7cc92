"""An axis that answers one message badly for ever, or lists it oddly: the others land and are answered, it never is."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from ingestion.forms.containers.limits import Limits
from ingestion.landing import Landing
from ingestion.sources.http import SourceAccess
from tests.ingestion.sources.edxml_samples import package
from tests.ingestion.sources.scripted_server import Answer, Call, ScriptedServer, as_json
from tests.ingestion.sources.source_access import access_to, outcomes
from tests.ingestion.sources.test_edoc_messages import Axis, ok, pull

WHOLE = base64.b64encode(package(number="2")).decode()


@pytest.fixture
def axis(server: ScriptedServer) -> Axis:
    return Axis(server)


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"status": "FAIL", "ErrorCode": "5", "ErrorDesc": "lỗi"}),
        as_json({"status": "FAIL", "ErrorCode": None, "ErrorDesc": {"x": [1]}, "data": WHOLE}),
        as_json({"status": None, "ErrorCode": 17}),
        Answer(200, b""),
        Answer(200, b"<html>login</html>", {"Content-Type": "application/json"}),
        as_json(ok(None)),
        as_json(ok(5)),
        as_json(ok([WHOLE])),
        as_json(ok(WHOLE[:-3])),
        as_json(ok("không phải base64")),
        Answer(404),
        Answer(410),
        Answer(503),
        Answer(429, headers={"Retry-After": "0.001"}),
        Answer(302, headers={"Location": "http://127.0.0.1:9/"}),
        Answer(200, json.dumps(ok(WHOLE)).encode(), cut_after=30),
        Answer(200, gzip.compress(b" " * 30_000_000), {"Content-Encoding": "gzip"}),
    ],
)
def test_a_message_that_is_never_given_keeps_no_other_out_and_is_never_acknowledged(
    axis: Axis, landing: Landing, answer: Answer
) -> None:
    access = access_to(axis.server, limits=Limits(most_bytes=1_000_000))
    for number in ("1", "2", "3"):
        axis.add(f"d-{number}", package(number=number))
    given = axis.server.handlers["/getEdoc"]
    axis.server.handlers["/getEdoc"] = lambda call: answer if call.headers["docid"] == "d-2" else given(call)
    result = pull(access, landing)
    assert (result.landed_count, result.problem_count, result.failure) == (2, 1, None)
    assert axis.statuses == [("d-1", "done"), ("d-3", "done")]
    assert [line for line in outcomes(landing, "failed") if "d-2" in line]
    axis.server.handlers["/getEdoc"] = given
    assert pull(access, landing).landed_count == 1
    assert axis.statuses[2:] == [("d-2", "done")]


@pytest.mark.parametrize(
    "changed",
    [
        {"created_time": None},
        {"created_time": "hôm qua"},
        {"created_time": 1639703280},
        {"created_time": "9999/12/31 00:00:00"},
        {"from": None, "to": None},
        {"from": ["000.00.03.H51"], "to": '["000.00.02.H51", "000.00.09.H51"]'},
        {"to": "[không phải JSON"},
        {"status": 7, "messageType": None, "lạ": {"x": 1}},
    ],
)
def test_a_message_that_is_listed_oddly_lands_and_is_acknowledged(
    axis: Axis, access: SourceAccess, landing: Landing, changed: dict[str, Any]
) -> None:
    axis.add("d-1", package(number="1"))
    axis.listed[0] |= changed
    rows = [*axis.listed, *axis.listed]  # listed twice
    axis.server.handlers["/getReceivedEdocList"] = lambda call: (
        as_json(ok(rows)) if call.headers["page"] == "1" else Answer(200, b"")
    )
    for _ in range(2):
        pull(access, landing)
    assert len(landing.landed_after(0)) == 1
    assert axis.statuses == [("d-1", "done")]
    assert (landing.watermark("edoc.received") or "") < "2021-12-21T24"


@pytest.mark.parametrize("doc_id", ["d-1\r\nX-Evil: 1", "d-1\x00", "../../d-1"])
def test_a_document_name_with_odd_letters_does_no_harm(
    axis: Axis, access: SourceAccess, landing: Landing, doc_id: str
) -> None:
    axis.add(doc_id, package(number="1"))
    axis.add("d-2", package(number="2"))
    result = pull(access, landing)
    assert result.failure is None
    assert ("d-2", "done") in axis.statuses
    assert not [call for call in axis.server.calls if "x-evil" in call.headers]
    names = {path.name for path in landing.blobs.rglob("*") if path.is_file()}
    assert names == {row.sha256 for row in landing.landed_after(0)}


def test_an_acknowledgement_that_the_axis_did_but_did_not_confirm_is_repeated(axis: Axis, landing: Landing) -> None:
    axis.add("d-1", package())
    done = axis.server.handlers["/updateStatus"]

    def unconfirmed(call: Call) -> Answer:
        answer = done(call)
        return Answer(200, answer.body, cut_after=5)

    axis.server.handlers["/updateStatus"] = unconfirmed
    access = access_to(axis.server, attempts=2)
    assert pull(access, landing).problem_count == 1
    assert len(landing.owed_acknowledgements()) == 1 and axis.sent == []
    axis.server.handlers["/updateStatus"] = done
    assert pull(access, landing).problem_count == 0
    assert landing.owed_acknowledgements() == [] and axis.sent_codes() == ["03"]
