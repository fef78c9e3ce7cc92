"""E-documents from a loopback axis: landed first, acknowledged after, nothing lost."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from ingestion.landing import Landing
from ingestion.model import EdocMessage
from ingestion.sources.edoc import pull_messages
from ingestion.sources.edxml import parse_package
from ingestion.sources.http import PullResult, SourceAccess
from tests.ingestion.sources.edxml_samples import changes, package
from tests.ingestion.sources.scripted_server import Answer, Call, ScriptedServer, as_json
from tests.ingestion.sources.source_access import NIGHT, access_to, now, outcomes


class Axis:
    """The axis with its documents; what it was told is in ``statuses`` and ``sent``."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.documents: dict[str, bytes] = {}
        self.listed: list[dict[str, Any]] = []
        self.statuses: list[tuple[str, str]] = []
        self.sent: list[Call] = []
        server.handlers |= {
            "/getReceivedEdocList": self._list,
            "/getEdoc": self._get,
            "/updateStatus": self._update,
            "/sendEdoc": self._send,
        }

    def add(self, doc_id: str, content: bytes, created: str = "2021/12/17 08:00:00") -> None:
        self.documents[doc_id] = content
        self.list(doc_id, created)

    def list(self, doc_id: str, created: str = "2021/12/17 08:00:00") -> None:
        self.listed.append(
            {
                "docId": doc_id,
                "serviceType": "eDoc",
                "messageType": "edoc",
                "created_time": created,
                "from": "000.00.03.H51",
                "to": "000.00.02.H51",
            }
        )

    def _list(self, call: Call) -> Answer:
        page, size = int(call.headers["page"]), int(call.headers["pagesize"])
        since = call.headers["fromdate"]
        rows = [row for row in self.listed if "/" not in row.get("created_time", "") or row["created_time"] >= since][
            (page - 1) * size : page * size
        ]
        return as_json(ok(rows)) if rows else Answer(200, b"")

    def _get(self, call: Call) -> Answer:
        content = self.documents.get(call.headers["docid"])
        if content is None:
            return FAIL
        return as_json(ok(base64.b64encode(content).decode()))

    def _update(self, call: Call) -> Answer:
        self.statuses.append((call.headers["docid"], call.headers["status"]))
        return as_json(ok(None))

    def _send(self, call: Call) -> Answer:
        self.sent.append(call)
        return as_json({**ok(None), "DocId": "answer"})

    def sent_codes(self) -> list[str]:
        return [element_text(call.body, "StatusCode") for call in self.sent]


def ok(data: Any) -> dict[str, Any]:
    return {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "data": data}


FAIL = as_json({"status": "FAIL", "ErrorCode": "17", "ErrorDesc": "không tìm thấy", "data": None})


def element_text(content: bytes, name: str) -> str:
    return next(element.text or "" for element in etree.fromstring(content).iter(f"{{*}}{name}"))


def pull(access: SourceAccess, landing: Landing, judge: Any = lambda _: None) -> PullResult:
    return pull_messages(access, landing, night=NIGHT, now=now, judge=judge)


@pytest.fixture
def axis(server: ScriptedServer) -> Axis:
    return Axis(server)


def test_a_message_lands_and_is_acknowledged_after(axis: Axis, access: SourceAccess, landing: Landing) -> None:
    axis.add("d-1", package())
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)
    (row,) = landing.landed_after(0)
    assert landing.read(row) == package()
    assert (row.kind, row.locator, row.meta["created_time"]) == ("edoc_message", "d-1", "2021-12-17T08:00:00")
    assert axis.statuses == [("d-1", "done")]
    (call,) = axis.sent
    assert call.headers["from"] == "000.00.02.H51"
    assert json.loads(call.headers["to"]) == ["000.00.03.H51"]
    assert (call.headers["servicetype"], call.headers["messagetype"]) == ("eDoc", "status")
    assert call.headers["hash-file"] == hashlib.sha256(call.body).hexdigest()
    assert element_text(call.body, "StatusCode") == "03"
    assert element_text(call.body, "DocumentId") == "000.00.03.H51,2021/12/17,5686/BC-STC"
    paths = [made.path for made in axis.server.calls]
    assert paths.index("/getEdoc") < paths.index("/updateStatus") < paths.index("/sendEdoc")
    assert landing.owed_acknowledgements() == []


def test_the_list_is_asked_by_headers(axis: Axis, access: SourceAccess, landing: Landing) -> None:
    axis.add("d-1", package())
    pull(access, landing)
    first = axis.server.calls_to("/getReceivedEdocList")[0]
    asked = ("servicetype", "messagetype", "fromdate", "todate", "page", "pagesize")
    assert [first.headers[name] for name in asked] == ["eDoc", "edoc", "2000/01/01", "2021/12/22", "1", "2"]
    assert (first.query, first.body) == ({}, b"")
    pull(access, landing)
    assert axis.server.calls_to("/getReceivedEdocList")[-1].headers["fromdate"] == "2021/12/14"


def test_many_pages_with_doubles_land_each_message_once(axis: Axis, access: SourceAccess, landing: Landing) -> None:
    for number in range(5):
        axis.add(f"d-{number}", package(number=str(number)))
    axis.list("d-0")
    axis.list("d-4")
    assert pull(access, landing) == PullResult(landed_count=5, item_count=5)
    assert len(axis.server.calls_to("/getEdoc")) == 5


def test_the_same_night_again_fetches_and_acknowledges_nothing(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    axis.add("d-1", package())
    pull(access, landing)
    before = len(axis.statuses), len(axis.sent), len(axis.server.calls_to("/getEdoc"))
    assert pull(access, landing) == PullResult(unchanged_count=1)
    assert (len(axis.statuses), len(axis.sent), len(axis.server.calls_to("/getEdoc"))) == before


def test_a_report_that_cant_be_read_is_refused_with_its_reason(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    axis.add("d-1", package())
    result = pull(access, landing, judge=lambda message: f"Không đọc được tệp {message.attachments[0].name}")
    assert result.landed_count == 1
    assert axis.statuses == [("d-1", "fail")]
    assert axis.sent_codes() == ["02"]
    assert "Không đọc được tệp bao-cao.xlsx" in element_text(axis.sent[0].body, "Description")


def test_a_package_that_cant_be_read_lands_and_is_refused_to_the_organ_of_the_list(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    axis.add("d-1", b"<!DOCTYPE x><edXML/>")
    axis.add("d-2", package())
    assert pull(access, landing).landed_count == 2
    assert axis.statuses == [("d-1", "fail"), ("d-2", "done")]
    assert axis.sent_codes() == ["02", "03"]
    assert json.loads(axis.sent[0].headers["to"]) == ["000.00.03.H51"]
    assert "DOCTYPE" in element_text(axis.sent[0].body, "Description")


@pytest.mark.parametrize(
    "fault",
    [
        FAIL,
        Answer(429, headers={"Retry-After": "0.01"}),
        Answer(502),
        Answer(200, b'{"status":"OK","ErrorCode":"0","data":"PD94'),
        Answer(200, b""),
        as_json(ok("PD94b")),
        as_json(ok(None)),
        as_json(ok("PD94*bWw=")),
        as_json(ok(base64.b64encode(package()[:600]).decode())),
        Answer(200, json.dumps(ok("PD94")).encode(), cut_after=20),
        Answer(401),
    ],
    ids=[
        "fail",
        "429",
        "502",
        "truncated",
        "empty",
        "half-base64",
        "no-data",
        "no-base64",
        "half-package",
        "cut",
        "revoked",
    ],
)
def test_a_passing_fault_costs_no_message(axis: Axis, access: SourceAccess, landing: Landing, fault: Answer) -> None:
    axis.add("d-1", package())
    axis.server.first["/getEdoc"].append(fault)
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)
    assert landing.read(landing.landed_after(0)[0]) == package()


@pytest.mark.parametrize("fault", [FAIL, Answer(503), Answer(200, b"<html>")])
def test_a_passing_fault_of_the_list_or_of_an_acknowledgement_is_retried(
    axis: Axis, access: SourceAccess, landing: Landing, fault: Answer
) -> None:
    axis.add("d-1", package())
    for path in ("/getReceivedEdocList", "/updateStatus", "/sendEdoc"):
        axis.server.first[path].append(fault)
    assert pull(access, landing) == PullResult(landed_count=1, item_count=1)
    assert landing.owed_acknowledgements() == []


def test_a_message_that_cant_be_fetched_is_named_left_for_the_next_night_and_the_rest_goes_on(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    axis.add("d-1", package(number="1"), "2021/12/01 08:00:00")
    axis.list("d-lost", "2021/12/02 08:00:00")
    axis.add("d-3", package(number="3"), "2021/12/17 08:00:00")
    result = pull(access, landing)
    assert (result.landed_count, result.problem_count, result.failure) == (2, 1, None)
    assert any("Văn bản d-lost chưa lấy được" in line and "17" in line for line in outcomes(landing, "failed"))
    assert landing.watermark("edoc.received") == "2021-12-02T08:00:00"
    axis.documents["d-lost"] = package(number="2")
    assert pull(access, landing) == PullResult(landed_count=1, unchanged_count=2, item_count=1)
    assert landing.watermark("edoc.received") == "2021-12-17T08:00:00"


def test_a_few_broken_messages_at_the_head_do_not_keep_the_rest_out(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    for number in range(5):
        axis.list(f"lost-{number}")
    axis.add("d-1", package())
    result = pull(access, landing)
    assert (result.landed_count, result.problem_count, result.failure) == (1, 5, None)
    assert len(axis.server.calls_to("/getEdoc")) == 3 * access.attempts + 2 + 1


def test_an_axis_that_gives_nothing_counts_as_lost(axis: Axis, access: SourceAccess, landing: Landing) -> None:
    axis.add("d-1", package())
    for number in range(20):
        axis.list(f"lost-{number}")
    result = pull(access, landing)
    assert result.landed_count == 1
    assert result.failure is not None and "liên tiếp" in result.failure
    assert axis.statuses == [("d-1", "done")]


def test_a_list_that_breaks_off_keeps_what_it_gave_and_the_watermark(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    for number in range(5):
        axis.add(f"d-{number}", package(number=str(number)))
    whole = axis.server.handlers["/getReceivedEdocList"]
    axis.server.handlers["/getReceivedEdocList"] = lambda call: FAIL if call.headers["page"] == "2" else whole(call)
    result = pull(access, landing)
    assert result.landed_count == 2 and result.failure is not None and "17" in result.failure
    assert axis.statuses == [("d-0", "done"), ("d-1", "done")]
    assert landing.watermark("edoc.received") is None
    axis.server.handlers["/getReceivedEdocList"] = whole
    assert pull(access, landing).landed_count == 3


def test_an_axis_that_breaks_off_and_then_shuts_us_out_is_one_failure_and_the_acknowledgement_waits(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    for number in range(3):
        axis.add(f"d-{number}", package(number=str(number)))
    whole, told = axis.server.handlers["/getReceivedEdocList"], axis.server.handlers["/updateStatus"]
    axis.server.handlers["/getReceivedEdocList"] = lambda call: FAIL if call.headers["page"] == "2" else whole(call)
    axis.server.handlers["/updateStatus"] = lambda _: Answer(401)
    result = pull(access, landing)
    assert result.landed_count == 2 and result.failure is not None and "17" in result.failure
    assert any("401" in line for line in outcomes(landing, "failed"))
    axis.server.handlers |= {"/getReceivedEdocList": whole, "/updateStatus": told}
    assert pull(access, landing).failure is None
    assert axis.statuses == [("d-0", "done"), ("d-1", "done"), ("d-2", "done")]


def test_a_list_without_end_is_found_out(axis: Axis, access: SourceAccess, landing: Landing) -> None:
    for number in range(2):
        axis.add(f"d-{number}", package(number=str(number)))
    axis.server.handlers["/getReceivedEdocList"] = lambda _: as_json(ok(axis.listed))
    result = pull(access, landing)
    assert result.landed_count == 2
    assert result.failure is not None and "lặp lại" in result.failure


def test_a_short_page_in_the_middle_of_the_list_does_not_end_it(axis: Axis, landing: Landing) -> None:
    for number in range(3):
        axis.add(f"d-{number}", package(number=str(number)))
    pages = [[axis.listed[0]], [axis.listed[1]], [axis.listed[2]], []]
    axis.server.handlers["/getReceivedEdocList"] = lambda call: as_json(ok(pages[int(call.headers["page"]) - 1]))
    assert pull(access_to(axis.server, edoc_page_size=200), landing).landed_count == 3


def test_an_interruption_between_landing_and_acknowledging_is_made_good_the_next_night(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    axis.add("d-1", package())

    class Killed(BaseException):
        pass

    ticks = iter(range(1000))

    def until_landed() -> Any:
        if landing.has_landed("edoc_message", "d-1") and next(ticks) >= 2:
            raise Killed
        return now()

    axis.server.handlers["/updateStatus"] = lambda _: Answer(500)
    with pytest.raises(Killed):
        pull_messages(access, landing, night=NIGHT, now=until_landed, judge=lambda _: None)
    assert axis.statuses == [] and len(landing.owed_acknowledgements()) == 1
    axis.server.handlers["/updateStatus"] = axis._update
    assert pull(access, landing).landed_count == 0
    assert axis.statuses == [("d-1", "done")] and axis.sent_codes() == ["03"]


def test_an_interruption_while_landing_leaves_nothing_behind(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    axis.add("d-1", package())

    def interrupted(_: EdocMessage) -> str | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(access, landing, judge=interrupted)
    assert landing.landed_after(0) == [] and landing.owed_acknowledgements() == [] and axis.statuses == []
    assert pull(access, landing).landed_count == 1


@pytest.mark.parametrize("path", ["/updateStatus", "/sendEdoc"])
def test_a_lost_acknowledgement_is_repeated_the_next_night(
    axis: Axis, access: SourceAccess, landing: Landing, path: str
) -> None:
    axis.add("d-1", package())
    whole = axis.server.handlers[path]
    axis.server.handlers[path] = lambda _: FAIL
    result = pull(access, landing)
    assert (result.landed_count, result.problem_count, result.failure) == (1, 1, None)
    assert any("đêm sau gửi lại" in line for line in outcomes(landing, "failed"))
    assert len(landing.owed_acknowledgements()) == 1
    axis.server.handlers[path] = whole
    axis.server.handlers["/getReceivedEdocList"] = lambda _: Answer(200, b"")
    assert pull(access, landing).problem_count == 0
    assert ("d-1", "done") in axis.statuses and axis.sent_codes() == ["03"]
    assert landing.owed_acknowledgements() == []


def test_a_recall_before_its_document_lands_and_so_does_the_document(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    target = "000.00.03.H51,2021/12/17,5686/BC-STC"
    axis.add("d-1", package(document_id="000.00.03.H51,2021/12/18,1/TH", business=changes("1", target)))
    pull(access, landing)
    axis.add("d-2", package(document_id=target), "2021/12/18 08:00:00")
    pull(access, landing)
    recall, document = (parse_package(landing.read(row), locator="d") for row in landing.landed_after(0))
    assert (recall.business, recall.targets) == ("recall", (document.document_id,))
    assert axis.statuses == [("d-1", "done"), ("d-2", "done")]


def test_the_same_package_under_two_names_is_one_landing_and_two_acknowledgements(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    axis.add("d-1", package())
    axis.add("d-2", package())
    result = pull(access, landing)
    assert (result.landed_count, result.unchanged_count, result.failure) == (1, 1, None)
    assert axis.statuses == [("d-1", "done"), ("d-2", "done")]
    assert pull(access, landing) == PullResult(unchanged_count=2)
    assert len(axis.statuses) == 2
    assert len(axis.server.calls_to("/getEdoc")) == 2


def test_odd_rows_of_the_list_cost_nothing_else(axis: Axis, access: SourceAccess, landing: Landing) -> None:
    axis.listed += [{"created_time": "2021/12/17 08:00:00"}, {"docId": ""}]
    axis.add("d\r\n-1", package(number="1"))
    axis.add("d-2", package(number="2"), "2021/02/30 08:00:00")
    axis.add("d-3", package(number="3"), "1639705600000")
    axis.listed.append({"docId": "status-1", "messageType": "status", "created_time": "2021/12/17 08:00:00"})
    result = pull(access, landing)
    assert result.failure is None
    assert {row.locator for row in landing.landed_after(0)} == {"d-2", "d-3"}
    assert result.problem_count == 3
    metas = {row.locator: row.meta for row in landing.landed_after(0)}
    assert "created_time" not in metas["d-2"] and metas["d-2"]["created_time_text"] == "2021/02/30 08:00:00"
    assert metas["d-3"]["created_time"].startswith("2021-12-17T")


def test_bad_credentials_end_the_pull_at_once(axis: Axis, landing: Landing) -> None:
    axis.add("d-1", package())
    result = pull(access_to(axis.server, client_secret="wrong"), landing)
    assert result.failure is not None and "bad credentials" in result.failure
    assert len(axis.server.calls) == 1


def test_a_late_message_inside_the_overlap_is_taken_in(axis: Axis, access: SourceAccess, landing: Landing) -> None:
    axis.add("d-1", package(number="1"), "2021/12/17 08:00:00")
    pull(access, landing)
    axis.add("d-0", package(number="0"), "2021/12/15 08:00:00")
    assert pull(access, landing).landed_count == 1
    assert timedelta(days=access.edoc_overlap_days) >= timedelta(days=1)


def test_a_message_of_which_no_attachment_can_be_decoded_is_refused(
    axis: Axis, access: SourceAccess, landing: Landing
) -> None:
    broken = package(attachments=(("bao-cao.xlsx", b"form"),)).replace(base64.encodebytes(b"form"), b"@@@")
    axis.add("d-1", broken)
    assert pull(access, landing).landed_count == 1
    assert axis.statuses == [("d-1", "fail")]
    assert axis.sent_codes() == ["02"]
    assert "bao-cao.xlsx" in element_text(axis.sent[0].body, "Description")
