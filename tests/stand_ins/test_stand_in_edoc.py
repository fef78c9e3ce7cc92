"""The e-document system's stand-in over HTTP: lists, packages, acknowledgements, the register."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from lxml import etree

from stand_ins.faults import Fault, FaultPlan
from stand_ins.province.packages import NEW, OLD
from stand_ins.province.plan import Plan
from stand_ins.serve import StandIns, start
from tests.stand_ins.stand_in_client import SEEDS, Client

STATUS = f"""<edXML xmlns="{NEW}"><edXMLEnvelope><edXMLHeader><MessageHeader>
<From><OrganId>000.00.02.H51</OrganId></From>
<ResponseFor><OrganId>000.00.03.H51</OrganId><DocumentId>000.00.03.H51,2021/12/17,5686/BC-STC</DocumentId></ResponseFor>
<StatusCode>03</StatusCode><Description>Đã tiếp nhận</Description></MessageHeader></edXMLHeader></edXMLEnvelope></edXML>
""".encode()


def texts(root: etree._Element, name: str) -> list[str]:
    return [node.text or "" for node in root.iter() if etree.QName(node).localname == name]


def test_a_token_of_either_system_is_good_for_both(client: Client) -> None:
    assert client.received().json()["status"] == "OK"
    client.ask_token(at=client.running.edoc_url)
    assert client.received().json()["status"] == "OK"
    assert client.get("/api/v1/submissions", limit=1).status_code == 200


def test_a_call_without_a_token_is_refused(client: Client) -> None:
    client.token = "nobody's"
    assert client.received().status_code == 401
    assert client.get("/outgoing").status_code == 401


def test_pages_list_every_message_and_some_twice(client: Client, plan: Plan) -> None:
    whole = client.received().json()["data"]
    pages = [client.received(page=str(page), pagesize="20").json()["data"] for page in (1, 2, 3)]
    assert [entry for page in pages for entry in page] == whole
    listed = [entry["docId"] for entry in whole]
    assert set(listed) == {message.door_id for message in plan.messages if message.message_type == "edoc"}
    assert len(listed) > len(set(listed)) > 40
    assert set(whole[0]) == {
        "docId", "serviceType", "messageType", "created_time", "updated_time", "from", "to", "status", "status_desc",
    }  # fmt: skip
    assert [entry["created_time"] for entry in whole] == sorted(entry["created_time"] for entry in whole)


def test_nothing_to_list_is_an_empty_body(client: Client) -> None:
    for answer in (client.received(page="9"), client.received("2019/01/01", "2019/12/31")):
        assert (answer.status_code, answer.content) == (200, b"")


def test_the_days_asked_for_are_both_included(client: Client) -> None:
    entry = client.received().json()["data"][5]
    day = entry["created_time"][:10]
    assert entry in client.received(day, day).json()["data"]


def test_status_messages_are_listed_apart(client: Client) -> None:
    entries = client.received(messagetype="status").json()["data"]
    root = etree.fromstring(client.package(entries[0]["docId"]))
    assert len(entries) == 5
    assert texts(root, "StatusCode") == ["01"]
    assert texts(root, "Attachment") == []


@pytest.mark.parametrize(
    "wrong", [{"fromdate": "2021-01-01"}, {"pagesize": "201"}, {"page": "0"}, {"messagetype": "letter"}]
)
def test_wrong_headers_fail_with_http_200(client: Client, wrong: dict[str, str]) -> None:
    headers = {
        "servicetype": "eDoc", "messagetype": "edoc", "page": "1", "pagesize": "20",
        "fromdate": "2021/01/01", "todate": "2021/12/31",
    }  # fmt: skip
    answer = client.call("/getReceivedEdocList", **(headers | wrong))
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["ErrorCode"] != "0") == ("FAIL", True)


def test_every_package_but_the_torn_one_parses_in_one_of_both_dialects(client: Client, plan: Plan) -> None:
    namespaces, torn = set(), []
    for message in plan.messages:
        content = client.package(message.door_id)
        try:
            root = etree.fromstring(content)
        except etree.XMLSyntaxError:
            torn.append(message.door_id)
            continue
        namespaces.add(etree.QName(root).namespace)
        assert etree.QName(root).localname == "edXML"
        assert texts(root, "DocumentId")[0] == message.document_id
        if message.message_type == "edoc":
            encoded = [base64.b64decode(one) for one in texts(root, "ContentTransferEncoded")]
            assert len(encoded) == len(message.enclosures)
            for content, enclosure in zip(encoded, message.enclosures, strict=True):
                assert content.startswith(b"%PDF" if enclosure.name.endswith(".pdf") else b"PK")
    assert namespaces == {NEW, OLD}
    assert torn == [one.place for one in plan.planted if one.code == "body_refused"]
    assert len(torn) == 1


def test_packages_have_the_oddities_of_real_ones(client: Client, plan: Plan) -> None:
    contents = {message.door_id: client.package(message.door_id) for message in plan.messages}
    everything = b"".join(contents.values())
    assert any(content.startswith(b"\xef\xbb\xbf") for content in contents.values())
    assert b"2014/02/30" in everything
    assert b">12A<" in everything
    assert b">cid:" in everything
    assert b"<edXML:" in everything
    assert max(content.count(b"To>") for content in contents.values()) == 8  # four recipients, opened and closed


def test_an_unknown_document_fails(client: Client) -> None:
    assert client.call("/getEdoc", docId="0").json()["status"] == "FAIL"
    assert client.call("/updateStatus", docid="0", status="done").json()["status"] == "FAIL"


def test_acknowledgements_are_recorded_and_shown(own: StandIns) -> None:
    with Client(own) as client:
        door_id = client.received().json()["data"][0]["docId"]
        assert client.call("/updateStatus", docid=door_id, status="done").json()["status"] == "OK"
        assert client.call("/updateStatus", docid=door_id, status="eaten").json()["status"] == "FAIL"
        assert client.received().json()["data"][0]["status"] == "done"
    assert own.axis is not None
    assert own.axis.status_updates == [(door_id, "done")]


def test_a_status_package_is_recorded_when_its_hash_is_right(own: StandIns) -> None:
    headers = {
        "from": "000.00.02.H51", "to": json.dumps(["000.00.03.H51"]), "servicetype": "eDoc", "messagetype": "status",
    }  # fmt: skip
    with Client(own) as client:
        good = client.call("/sendEdoc", STATUS, **headers, hash_file=hashlib.sha256(STATUS).hexdigest()).json()
        bad = client.call("/sendEdoc", STATUS, **headers, hash_file="0" * 64).json()
        empty = client.call("/sendEdoc", b"", **headers, hash_file=hashlib.sha256(b"").hexdigest()).json()
    assert (good["status"], bad["status"], empty["status"]) == ("OK", "FAIL", "FAIL")
    assert own.axis is not None
    (sent,) = own.axis.sent
    assert (sent.door_id, sent.recipients, sent.status_code) == (good["DocId"], ("000.00.03.H51",), "03")
    assert sent.document_id == "000.00.03.H51,2021/12/17,5686/BC-STC"
    assert sent.body == STATUS


def test_the_register_is_read_by_cursor_between_two_days(client: Client, plan: Plan) -> None:
    whole = client.read_all("/outgoing", limit=5000, **{"from": "2020-12-15", "to": "2021-12-31"})
    assert whole == plan.register.items
    assert len(whole) > len({item["document_id"] for item in whole}) == 15_000
    days = {
        item["promulgated_on"] for item in client.read_all("/outgoing", **{"from": "2021-03-01", "to": "2021-03-12"})
    }
    assert (min(days), max(days)) == ("2021-03-01", "2021-03-12")
    assert client.get("/outgoing", **{"from": "soon", "to": "2021-03-12"}).status_code == 400


def test_the_fault_plan_speaks_the_envelope(plan: Plan, tmp_path: Path) -> None:
    faults = FaultPlan((Fault("/getEdoc", "fail_envelope"), Fault("/getEdoc", "empty_body", first=2)))
    with (
        start(seeds=SEEDS, mailbox=tmp_path, plan=plan, faults=faults, only=("portal", "edoc")) as running,
        Client(running) as client,
    ):
        door_id = plan.messages[0].door_id
        answers = [client.call("/getEdoc", docId=door_id) for _ in range(3)]
        assert (answers[0].status_code, answers[0].json()["status"]) == (200, "FAIL")
        assert answers[1].content == b""
        assert answers[2].json()["status"] == "OK"
