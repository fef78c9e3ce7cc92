"""edXML packages (QCVN 102:2016/BTTTT) in both dialects, with the oddities of real ones."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from lxml import etree

NEW = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
OLD = "http://www.e-doc.vn/Schema/"
_BUSINESS = {"new": "0", "recall": "1", "update": "2", "replace": "3"}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment, made when it is asked for."""

    name: str
    content_type: str
    build: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Message:
    """A message on the axis. ``document_id`` is the edXML DocumentId, ``door_id`` the axis's docId. ``date_text`` overrides the
    promulgation date as written; ``is_torn`` cuts the package short, so that nobody can read it."""

    door_id: str
    created_at: datetime
    sender_organ_id: str
    sender_name: str
    recipients: tuple[tuple[str, str], ...]
    document_id: str
    code_number: str
    code_notation: str
    promulgated_on: date
    subject: str
    enclosures: tuple[Enclosure, ...] = ()
    business: Literal["new", "recall", "update", "replace"] = "new"
    targets: tuple[str, ...] = ()
    reason: str = ""
    dialect: str = NEW
    prefix: str | None = "edXML"
    message_type: Literal["edoc", "status"] = "edoc"
    date_text: str | None = None
    has_bom: bool = False
    has_cid: bool = False
    is_torn: bool = False
    status_code: str = "01"


def package(message: Message) -> bytes:
    """The package of a message, UTF-8, with its XML declaration."""
    root = etree.Element(f"{{{message.dialect}}}edXML", nsmap={message.prefix: message.dialect})
    envelope = _add(root, "edXMLEnvelope")
    header = _add(envelope, "edXMLHeader")
    if message.message_type == "status":
        _status(header, message)
    else:
        _message_header(header, message)
        _trace(header, message)
        _add(header, "Signature")
        manifest = _add(_add(envelope, "edXMLBody"), "edXMLManifest")
        encoded = _add(root, "AttachmentEncoded")
        for number, enclosure in enumerate(message.enclosures, 1):
            _attach(manifest, encoded, message, number, enclosure)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    if message.is_torn:
        content = content[: len(content) * 2 // 3]
    return b"\xef\xbb\xbf" + content if message.has_bom else content


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    namespace = etree.QName(parent).namespace
    child = etree.SubElement(parent, f"{{{namespace}}}{name}")
    child.text = text
    return child


def _organ(parent: etree._Element, name: str, organ_id: str, organ_name: str) -> None:
    organ = _add(parent, name)
    _add(organ, "OrganId", organ_id)
    _add(organ, "OrganizationInCharge", "")
    _add(organ, "OrganName", organ_name)
    _add(organ, "OrganAdd", "")
    _add(organ, "Email", "")
    _add(organ, "Telephone", "")
    _add(organ, "Fax", "")
    _add(organ, "Website", "")


def _day(message: Message) -> str:
    if message.date_text is not None:
        return message.date_text
    return message.promulgated_on.strftime("%d/%m/%Y" if message.dialect == OLD else "%Y/%m/%d")


def _message_header(header: etree._Element, message: Message) -> None:
    node = _add(header, "MessageHeader")
    _organ(node, "From", message.sender_organ_id, message.sender_name)
    for organ_id, organ_name in message.recipients:
        _organ(node, "To", organ_id, organ_name)
    # The older dialect writes the code before the document's own id: order is not to be relied on.
    if message.dialect == NEW:
        _add(node, "DocumentId", message.document_id)
    code = _add(node, "Code")
    _add(code, "CodeNumber", message.code_number)
    _add(code, "CodeNotation", message.code_notation)
    if message.dialect == OLD:
        _add(node, "DocumentId", message.document_id)
    promulgation = _add(node, "PromulgationInfo")
    _add(promulgation, "Place", "Sóc Trăng")
    _add(promulgation, "PromulgationDate", _day(message))
    document_type = _add(node, "DocumentType")
    _add(document_type, "Type", "2")
    _add(document_type, "TypeDetail", "")
    _add(document_type, "TypeName", "Báo cáo" if message.code_notation.startswith("BC") else "Công văn")
    _add(node, "Subject", message.subject)
    _add(node, "Content", message.subject)
    signer = _add(node, "SignerInfo")
    _add(signer, "Competence", "")
    _add(signer, "Position", "Giám đốc")
    _add(signer, "FullName", "Trần Văn Mẫu")
    _add(_add(node, "ToPlaces"), "Place", "Như trên")
    other = _add(node, "OtherInfo")
    _add(other, "Priority", "0")
    appendixes = _add(other, "Appendixes")
    for enclosure in message.enclosures[1:]:
        _add(appendixes, "Appendix", enclosure.name)
    _add(node, "SteeringType", "0")


def _trace(header: etree._Element, message: Message) -> None:
    traces = _add(header, "TraceHeaderList")
    trace = _add(traces, "TraceHeader")
    _add(trace, "OrganId", message.sender_organ_id)
    _add(trace, "Timestamp", message.created_at.strftime("%Y/%m/%d %H:%M:%S"))
    business = _add(traces, "Bussiness")
    if message.business in ("recall", "update"):
        _add(business, "DocumentId", message.targets[0])
    _add(business, "BussinessDocType", _BUSINESS[message.business])
    _add(business, "BussinessDocReason", message.reason)
    _add(business, "Paper", "0")
    if message.business == "update":
        _add(_add(business, "BussinessDocumentInfo"), "DocumentInfo", "1")
    if message.business == "replace":
        replaced = _add(business, "ReplacementInfoList")
        for target in message.targets:
            info = _add(replaced, "ReplacementInfo")
            _add(info, "DocumentId", target)
            organs = _add(info, "OrganIdList")
            for organ_id, _ in message.recipients:
                _add(organs, "OrganId", organ_id)
    staff = _add(business, "StaffInfo")
    _add(staff, "Department", "Văn thư")


def _attach(
    manifest: etree._Element, encoded: etree._Element, message: Message, number: int, enclosure: Enclosure
) -> None:
    content_id = f"{message.door_id}-{number}"
    reference = _add(manifest, "Reference")
    _add(reference, "ContentId", f"cid:{content_id}" if message.has_cid else content_id)
    _add(reference, "ContentType", enclosure.content_type)
    _add(reference, "Description", enclosure.name)
    _add(reference, "AttachmentName", enclosure.name)
    attachment = _add(encoded, "Attachment")
    _add(attachment, "ContentId", content_id)
    _add(attachment, "AttachmentName", enclosure.name)
    _add(attachment, "Description", enclosure.name)
    _add(attachment, "ContentType", enclosure.content_type)
    _add(attachment, "ContentTransferEncoded", base64.b64encode(enclosure.build()).decode())


def _status(header: etree._Element, message: Message) -> None:
    node = _add(header, "MessageHeader")
    _organ(node, "From", message.sender_organ_id, message.sender_name)
    response = _add(node, "ResponseFor")
    _add(response, "OrganId", message.recipients[0][0])
    _add(response, "Code", f"{message.code_number}/{message.code_notation}")
    _add(response, "PromulgationDate", _day(message))
    _add(response, "DocumentId", message.document_id)
    staff = _add(node, "StaffInfo")
    _add(staff, "Department", "Văn thư")
    _add(node, "StatusCode", message.status_code)
    _add(node, "Description", message.subject)
    _add(node, "Timestamp", message.created_at.strftime("%Y/%m/%d %H:%M:%S"))
