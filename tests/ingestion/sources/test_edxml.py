"""edXML packages: every dialect that was seen, and what must not be believed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ingestion.errors import ParseError
from ingestion.forms.containers.limits import Limits
from ingestion.model import EdocMessage
from ingestion.sources import edxml
from ingestion.sources.edxml import build_status_package, parse_package
from tests.ingestion.sources.edxml_samples import NEW, OLD, changes, package


def read(content: bytes) -> EdocMessage:
    return parse_package(content, locator="doc-1")


@pytest.mark.parametrize("namespace", [NEW, OLD])
@pytest.mark.parametrize("prefix", ["", "edXML:", "ns7:"])
@pytest.mark.parametrize("is_attached_inside", [False, True])
@pytest.mark.parametrize(("cid_in_manifest", "cid_in_attachment"), [(True, False), (False, True), (True, True)])
def test_a_package_reads_the_same_in_every_dialect(
    namespace: str, prefix: str, is_attached_inside: bool, cid_in_manifest: bool, cid_in_attachment: bool
) -> None:
    message = read(
        package(
            namespace=namespace,
            prefix=prefix,
            is_attached_inside=is_attached_inside,
            cid_in_manifest=cid_in_manifest,
            cid_in_attachment=cid_in_attachment,
            names_in_attachment=False,
        )
    )
    assert message.document_id == "000.00.03.H51,2021/12/17,5686/BC-STC"
    assert message.sender_organ_id == "000.00.03.H51"
    assert (message.code_number, message.code_notation) == ("5686", "BC-STC")
    assert message.promulgated_on == date(2021, 12, 17)
    assert message.subject == "Báo cáo công tác CCHC năm 2021"
    assert (message.business, message.targets) == ("new", ())
    assert [(item.name, item.content) for item in message.attachments] == [("bao-cao.xlsx", b"PK\x03\x04 form")]
    assert message.problems == ()


def test_a_byte_order_mark_and_utf16_are_read() -> None:
    plain = package(head=b"")
    assert read(b"\xef\xbb\xbf" + package()).sender_organ_id == "000.00.03.H51"
    assert read(plain.decode().encode("utf-16")).sender_organ_id == "000.00.03.H51"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17/12/2021", date(2021, 12, 17)),
        ("2021/12/17", date(2021, 12, 17)),
        ("2021-12-17", date(2021, 12, 17)),
        ("", None),
    ],
)
def test_dates_of_both_orders_are_read(text: str, expected: date | None) -> None:
    message = read(package(promulgated=text))
    assert message.promulgated_on == expected
    assert message.problems == ()


@pytest.mark.parametrize("text", ["2014/02/30", "31/04/2021", "hôm nay", "2021/13/01"])
def test_an_impossible_date_is_a_problem_and_no_date(text: str) -> None:
    message = read(package(promulgated=text))
    assert message.promulgated_on is None
    assert [problem.code for problem in message.problems] == ["date_impossible"]


def test_a_foreign_sender_inside_the_document_id_changes_nothing() -> None:
    message = read(package(document_id="000.00.77.H99, 2014/02/30, 1/X"))
    assert message.sender_organ_id == "000.00.03.H51"
    assert message.document_id == "000.00.77.H99,2014/02/30,1/X"
    assert [problem.code for problem in message.problems] == ["document_id_foreign"]


def test_a_code_number_that_is_no_number_stays_text() -> None:
    assert read(package(number="số 12a")).code_number == "số 12a"


@pytest.mark.parametrize(("kind", "business"), [("1", "recall"), ("2", "update"), ("3", "replace"), ("01", "recall")])
@pytest.mark.parametrize("spelled", ["Bussiness", "Business"])
def test_the_documents_that_a_message_changes_are_its_targets(kind: str, business: str, spelled: str) -> None:
    message = read(
        package(business=changes(kind, "a,2021/01/01,1/A", "b, 2021/01/02 ,2/B", "a,2021/01/01,1/A", spelled=spelled))
    )
    assert message.business == business
    assert message.targets == ("a,2021/01/01,1/A", "b,2021/01/02,2/B")
    assert message.reason == "Sai số liệu"


def test_an_update_names_its_document_in_the_business_document_info() -> None:
    business = (
        "<edXML:Bussiness><edXML:BussinessDocType>2</edXML:BussinessDocType><edXML:BussinessDocumentInfo>"
        "<edXML:DocumentInfo>1</edXML:DocumentInfo><edXML:DocumentId>a,2021/01/01,1/A</edXML:DocumentId>"
        "</edXML:BussinessDocumentInfo></edXML:Bussiness>"
    )
    assert read(package(business=business)).targets == ("a,2021/01/01,1/A",)


def test_a_recall_of_nothing_and_an_unknown_business_are_problems() -> None:
    assert [problem.code for problem in read(package(business=changes("1"))).problems] == ["target_missing"]
    message = read(package(business=changes("9", "a,2021/01/01,1/A")))
    assert (message.business, message.targets) == ("new", ())
    assert [problem.code for problem in message.problems] == ["business_unknown"]


def test_several_attachments_keep_their_order_and_their_senders_names() -> None:
    files = (("../../etc/passwd", b"1"), ("báo cáo.doc", b"PK\x03\x04"), ("a.pdf", b"%PDF"))
    assert [(item.name, item.content) for item in read(package(attachments=files)).attachments] == list(files)


def test_a_large_attachment_is_read() -> None:
    large = bytes(12_000_000)
    (attachment,) = read(package(attachments=(("scan.pdf", large),))).attachments
    assert attachment.content == large


def test_a_broken_attachment_is_left_out_by_name_and_the_rest_kept() -> None:
    content = package(attachments=(("a.xlsx", b"good"), ("b.xlsx", b"bad bytes"))).replace(
        b"YmFkIGJ5dGVz", b"YmFk*IGJ5dGV"
    )
    message = read(content)
    assert [item.name for item in message.attachments] == ["a.xlsx"]
    (problem,) = message.problems
    assert problem.code == "attachment_broken" and "b.xlsx" in problem.message


def test_an_attachment_that_is_listed_and_not_there_is_a_problem() -> None:
    content = package()
    start, end = content.index(b"<edXML:AttachmentEncoded>"), content.index(b"</edXML:AttachmentEncoded>")
    message = read(content[:start] + content[end:].replace(b"</edXML:AttachmentEncoded>", b"", 1))
    assert message.attachments == ()
    assert [problem.code for problem in message.problems] == ["attachment_missing"]


BOMB = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
REMOTE = b'<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd">'
FILE = b'<!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, REMOTE, FILE, b"<!DOCTYPE edXML>"])
def test_a_doctype_is_refused(doctype: bytes) -> None:
    with pytest.raises(ParseError, match="DOCTYPE"):
        read(package(head=doctype))
    with pytest.raises(ParseError, match="DOCTYPE"):
        read((doctype + package(head=b"")).decode().encode("utf-16"))


@pytest.mark.parametrize(
    "content",
    [b"", b"   ", b"PK\x03\x04", b"<html>", b"<a/>", package()[:-30], b"\x00" * 50, b"<a>" * 100_000, package() + b"<x/>",
     b'<?xml version="1.0" encoding="no-such"?><a/>', b"<a>&b;</a>"],
)  # fmt: skip
def test_what_is_no_package_is_a_parse_error(content: bytes) -> None:
    with pytest.raises(ParseError):
        read(content)


@pytest.mark.parametrize("limits", [Limits(most_bytes=100), Limits(most_entries=1)])
def test_each_limit_refuses_a_package_that_breaks_it(limits: Limits) -> None:
    content = package(attachments=(("a", b"12345678"), ("b", b"12345678")))
    assert len(parse_package(content, locator="d").attachments) == 2
    with pytest.raises(ParseError):
        parse_package(content, locator="d", limits=limits)


@pytest.mark.parametrize(("name", "most"), [("_MOST_ELEMENTS", 10), ("_MOST_DEPTH", 4)])
def test_a_package_of_too_many_elements_or_too_deep_is_refused(
    name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edxml, name, most)
    with pytest.raises(ParseError):
        parse_package(package(), locator="d")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 3000), st.integers(0, 40))
def test_any_damage_to_a_package_is_a_message_or_a_parse_error(noise: bytes, where: int, cut: int) -> None:
    whole = package(business=changes("3", "a,2021/01/01,1/A"))
    damaged = whole[:where] + noise + whole[where + cut :]
    try:
        message = parse_package(damaged, locator="d")
    except ParseError as error:
        assert error.reason
    else:
        assert isinstance(message, EdocMessage)


def test_a_status_package_says_what_became_of_a_document() -> None:
    content = build_status_package(
        from_organ_id="000.00.02.H51",
        to_organ_id="000.00.03.H51",
        document_id="000.00.03.H51,2021/12/17,5686/BC-STC",
        code="5686/BC-STC",
        promulgated_on=date(2021, 12, 17),
        status_code="02",
        description="Không đọc được <biểu mẫu> & phụ lục\x00",
        at=datetime(2021, 12, 21, 1, 0),
    )
    header = etree.fromstring(content).find(f".//{{{NEW}}}MessageHeader")

    def text(path: str) -> str:
        return header.findtext("/".join(f"{{{NEW}}}{part}" for part in path.split("/")))

    assert text("From/OrganId") == "000.00.02.H51"
    assert text("ResponseFor/OrganId") == "000.00.03.H51"
    assert text("ResponseFor/Code") == "5686/BC-STC"
    assert text("ResponseFor/PromulgationDate") == "2021/12/17"
    assert text("ResponseFor/DocumentId") == "000.00.03.H51,2021/12/17,5686/BC-STC"
    assert text("StatusCode") == "02"
    assert text("Description") == "Không đọc được <biểu mẫu> & phụ lục "
    assert text("Timestamp") == "2021/12/21 01:00:00"
