"""edXML packages (QCVN 102:2016/BTTTT and the older e-doc.vn dialect), read by local name.

Sources of the element names: the ministry's standard, which spells ``Bussiness`` so, and packages seen on the axis. A
package comes from a stranger: a DOCTYPE is refused, nothing is fetched, and size, depth and number of elements and
attachments are limited.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Literal

from lxml import etree

from ingestion.errors import ParseError
from ingestion.forms.containers.limits import DEFAULT_LIMITS, Limits
from ingestion.model import Attachment, EdocMessage, Problem
from ingestion.sources.times import axis_date
from ingestion.sources.xmltree import Element, NotReadableError, read_tree

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

_Business = Literal["new", "recall", "update", "replace"]
_BUSINESS: dict[str, _Business] = {"0": "new", "1": "recall", "2": "update", "3": "replace"}
_Note = Callable[[Literal["error", "warning", "info"], str, str, str], None]
_Refuse = Callable[[str], ParseError]
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_MOST_ELEMENTS = 50_000
_MOST_DEPTH = 64


def parse_package(content: bytes, *, locator: str, limits: Limits = DEFAULT_LIMITS) -> EdocMessage:
    """The message in a package, attachments decoded. Pure.

    The sender is ``From/OrganId``, whatever organ the DocumentId names. An attachment that can't be decoded is a problem
    of the message and is left out. Raises ``ParseError`` when the bytes are no readable package or break a limit.
    """

    def refuse(reason: str) -> ParseError:
        return ParseError(reason, source="edoc", locator=locator)

    try:
        root = read_tree(content, max_bytes=limits.most_bytes, max_elements=_MOST_ELEMENTS, max_depth=_MOST_DEPTH)
    except NotReadableError as error:
        raise refuse(str(error)) from error
    header = root if root.name == "MessageHeader" else root.first("MessageHeader")
    if header is None:
        raise refuse("gói tin không có MessageHeader")

    problems: list[Problem] = []

    def note(severity: Literal["error", "warning", "info"], code: str, message: str, place: str) -> None:
        problems.append(Problem(severity, code, message, f"{locator}#{place}"))

    sender = header.text_at("From", "OrganId")
    if not sender:
        note("error", "sender_missing", "Gói tin không cho biết mã định danh cơ quan gửi.", "From/OrganId")
    document_id = _document_id(header.text_at("DocumentId"))
    if not document_id:
        note("warning", "document_id_missing", "Gói tin không có DocumentId.", "DocumentId")
    elif sender and "," in document_id and document_id.split(",")[0].strip().upper() != sender.upper():
        note(
            "info",
            "document_id_foreign",
            f"DocumentId “{document_id}” mang mã cơ quan khác với nơi gửi {sender}.",
            "DocumentId",
        )

    date_text = header.text_at("PromulgationInfo", "PromulgationDate")
    promulgated_on = axis_date(date_text)
    if date_text and promulgated_on is None:
        note("warning", "date_impossible", f"Ngày ban hành “{date_text[:40]}” không có thật.", "PromulgationInfo")

    business, targets, reason = _read_business(root, note)
    return EdocMessage(
        document_id=document_id,
        sender_organ_id=sender,
        code_number=header.text_at("Code", "CodeNumber"),
        code_notation=header.text_at("Code", "CodeNotation"),
        promulgated_on=promulgated_on,
        subject=header.text_at("Subject"),
        business=business,
        targets=targets,
        reason=reason,
        attachments=tuple(_read_attachments(root, limits, note, refuse)),
        problems=tuple(problems),
    )


def _read_business(root: Element, note: _Note) -> tuple[_Business, tuple[str, ...], str]:
    """(what the message does to earlier documents, their DocumentIds, why)."""
    element = root.first("Bussiness") or root.first("Business")
    if element is None:
        return "new", (), ""
    code = element.text_at("BussinessDocType") or element.text_at("BusinessDocType")
    business = _BUSINESS.get(code.lstrip("0") or "0")
    if business is None:
        note("error", "business_unknown", f"Loại nghiệp vụ “{code[:20]}” không có trong quy chuẩn.", "Bussiness")
        business = "new"
    reason = element.text_at("BussinessDocReason") or element.text_at("BusinessDocReason")
    if business == "new":
        return business, (), reason
    named = (_document_id(found.text) for found in element.all("DocumentId"))
    targets = tuple(dict.fromkeys(target for target in named if target))
    if not targets:
        note("error", "target_missing", "Gói tin thu hồi, cập nhật hoặc thay thế không nêu văn bản nào.", "Bussiness")
    return business, targets, reason


def _read_attachments(root: Element, limits: Limits, note: _Note, refuse: _Refuse) -> Iterator[Attachment]:
    listed = {_content_id(reference): reference for reference in root.all("Reference") if _content_id(reference)}
    missing = dict(listed)
    for position, element in enumerate(root.all("Attachment"), start=1):
        if position > limits.most_entries:
            raise refuse(f"gói tin có quá {limits.most_entries} tệp đính kèm")
        content_id = _content_id(element)
        reference = listed.get(content_id)
        missing.pop(content_id, None)
        sources = [element, *([reference] if reference else [])]
        name = next((text for source in sources if (text := source.text_at("AttachmentName"))), "")
        name = name or next((text for source in sources if (text := source.text_at("Description"))), "")
        content_type = next((text for source in sources if (text := source.text_at("ContentType"))), "")
        encoded = _encoded(element)
        try:
            decoded = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            note(
                "error",
                "attachment_broken",
                f"Tệp đính kèm “{name or position}” không giải mã được.",
                f"Attachment[{position}]",
            )
            continue
        if not decoded:
            note("warning", "attachment_empty", f"Tệp đính kèm “{name or position}” rỗng.", f"Attachment[{position}]")
            continue
        yield Attachment(name=name, content=decoded, content_type=content_type)
    for content_id, reference in missing.items():
        name = reference.text_at("AttachmentName") or content_id
        note("warning", "attachment_missing", f"Tệp “{name}” có trong danh mục nhưng không kèm theo.", "edXMLManifest")


def _encoded(attachment: Element) -> str:
    """The base64 text: ``ContentTransferEncoded``, or, where that only says "base64", whatever stands beside it."""
    text = attachment.text_at("ContentTransferEncoded")
    if text and text.strip().lower() != "base64":
        return text
    for name in ("Content", "AttachmentContent", "Data"):
        if text := attachment.text_at(name):
            return text
    return attachment.text


def _content_id(element: Element) -> str:
    """A ContentId without ``cid:`` and angle brackets, which may stand on one side only."""
    text = element.text_at("ContentId") or element.text_at("ContentID") or element.text_at("href")
    return text.strip("<> ").removeprefix("cid:").removeprefix("CID:").strip("<> ").casefold()


def _document_id(text: str) -> str:
    """A DocumentId with the spaces around its commas gone, so that a recall finds what it names."""
    return ",".join(part.strip() for part in text.split(",")) if text else ""


def build_status_package(
    *,
    from_organ_id: str,
    to_organ_id: str,
    document_id: str,
    code: str,
    promulgated_on: date | None,
    status_code: Literal["01", "02", "03", "04", "05", "06", "13", "15", "16"],
    description: str,
    at: datetime,
) -> bytes:
    """A status package as UTF-8: ``from_organ_id`` tells ``to_organ_id`` what became of its ``document_id``.

    ``code`` is the document's number and notation (``5686/BC-STC``), ``at`` local time. Pure.
    """
    element = etree.Element(f"{{{NAMESPACE}}}edXML", nsmap={"edXML": NAMESPACE})

    def below(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
        child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        if text is not None:
            child.text = _NO_XML.sub(" ", unicodedata.normalize("NFC", text))
        return child

    header = below(below(below(element, "edXMLEnvelope"), "edXMLHeader"), "MessageHeader")
    below(below(header, "From"), "OrganId", from_organ_id)
    response = below(header, "ResponseFor")
    below(response, "OrganId", to_organ_id)
    below(response, "Code", code)
    below(response, "PromulgationDate", promulgated_on.strftime("%Y/%m/%d") if promulgated_on else "")
    below(response, "DocumentId", document_id)
    below(header, "StaffInfo")
    below(header, "StatusCode", status_code)
    below(header, "Description", description)
    below(header, "Timestamp", at.strftime("%Y/%m/%d %H:%M:%S"))
    package: bytes = etree.tostring(element, xml_declaration=True, encoding="UTF-8")
    return package
